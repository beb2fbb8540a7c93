"""Full schedules of a hundred thousand assets: rate, memory, growth, and the ratio to Tryton.

Tryton is installed into an environment of its own below var/bench, when this is asked for: it
brings twenty packages and a licence of its own, and nothing of Bursar needs it. Without a
registry to install from, the ratio is left out and the page says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.depreciate_once import linear_assets
from bench.measuring import FOLDER, Measured, in_own_process

ASSETS = 100_000
TRYTON = "trytond-account-asset==8.2.0"
SAMPLE = 2_000
"""Assets that Tryton depreciates; its time per asset does not hang on how many there are."""
_GOAL = 500
_GROWTH = 11.0
_TIMES = 3


def measure_depreciation(assets: int = ASSETS) -> list[Measured]:
    """Rate and growth over mixed methods; the ratio over the same straight-line assets."""
    large = _charged(assets, "mixed")
    small = _charged(assets // 10, "mixed")
    grown = large["seconds"] / small["seconds"]
    return [
        Measured(
            f"full schedules of {assets:,} assets, not a cent lost",
            f"{large['seconds']:.2f} s, lost {large['lost']}",
            large["lost"] == 0,
            f"{assets / large['seconds']:,.0f} assets and "
            f"{large['months'] / large['seconds']:,.0f} months per second; a fifth each of "
            "straight line by months and by days, 200 % declining with switch, sum of years, "
            f"MACRS, any residual value; peak {large['peak_mb']} MB, of which "
            f"{large['before_mb']} MB are the assets",
        ),
        Measured(
            f"{assets:,} assets take ≤ {_GROWTH:.0f}x the time of {assets // 10:,}",
            f"{grown:.1f}x",
            grown <= _GROWTH,
            f"{small['seconds']:.3f} s and {large['seconds']:.2f} s",
        ),
        _beside_tryton(assets),
    ]


def _charged(assets: int, kind: str) -> dict[str, Any]:
    """The fastest of several processes, none of which has worked out a pattern before."""
    found = [in_own_process("bench.depreciate_once", str(assets), kind) for _ in range(_TIMES)]
    return min(found, key=lambda one: one["seconds"])


def _beside_tryton(assets: int) -> Measured:
    goal = f"straight line by months ≥ {_GOAL}x the rate of Tryton's kernel"
    try:
        theirs = _tryton()
    except (subprocess.CalledProcessError, OSError) as missing:
        return Measured(goal, "not measured", None, f"{TRYTON} could not be run: {missing}")
    ours = _charged(assets, "linear")
    same = _charged(SAMPLE, "linear")
    agreed = (theirs["months"], theirs["cents"]) == (same["months"], same["cents"])
    per_asset = theirs["seconds"] / theirs["assets"]
    ratio = per_asset / (ours["seconds"] / assets)
    return Measured(
        goal,
        f"{ratio:,.0f}x",
        ratio >= _GOAL and agreed,
        f"{TRYTON}, account.asset.depreciate without its database: {per_asset * 1e6:,.0f} µs an "
        f"asset over {SAMPLE:,}; ours {ours['seconds'] / assets * 1e6:.1f} µs over {assets:,}, one "
        f"by one with everything that may happen {ours['alone'] * 1e6:,.0f} µs; "
        f"{'the same' if agreed else 'NOT THE SAME'} months and cents in all",
    )


def _tryton() -> dict[str, Any]:
    """What Tryton's kernel takes, in its own environment and with its own copy of the assets."""
    home = FOLDER / "tryton"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-qq", TRYTON], check=True)
        (home / "ready").touch()
    told = home / "assets.json"
    told.write_text(json.dumps(linear_assets(SAMPLE)), encoding="utf-8")
    script = Path(__file__).with_name("tryton_once.py")
    done = subprocess.run(
        [str(python), str(script), str(told)], capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


if __name__ == "__main__":
    for one in measure_depreciation():
        print(f"{one.goal}: {one.found} ({one.how})")
