"""kill -9 at random moments of an import leaves the old state or the new one, never a mixture.

`BURSAR_KILLS` sets how many kills (4 unless told), `BURSAR_KILL_LINES` how many lines the import
has (100,000 unless told).

Rule L30 of docs/spec/ledger.md.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.stages.record.bills import LINE
from tests.stages.record.installations import Installation, finish, installation, release

KILLS = int(os.environ.get("BURSAR_KILLS", "4"))
LINES = int(os.environ.get("BURSAR_KILL_LINES", "100000"))


def large_bill(path: Path, *, first: str) -> Path:
    """Many different lines; only the first one's amount tells two such bills apart."""
    names = [*LINE, "ResourceId"]
    fixed = [LINE[name].replace("{}", "") for name in names[2:-1]]
    with path.open("w") as handle:
        handle.write(",".join(names) + "\n")
        for n in range(LINES):
            amount = first if n == 0 else f"{n % 997}.{n:010d}"
            values = [amount, amount, *fixed, f"i-{n % 5000}"]
            values[names.index("ServiceName")] = f"service {n % 300}"
            handle.write(",".join(values) + "\n")
    return path


def kill_one(place: Installation, path: Path, after: float) -> None:
    process = release(place.start(path))
    time.sleep(after)
    process.kill()
    process.communicate()


def billed(state: dict) -> list[str]:
    return [b["totals"][0]["billed_cost"] for b in state["batches"] if b["in_force"]]


def test_any_moment_leaves_the_old_state_or_the_new(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(20250305)
    bills = [large_bill(tmp_path / f"{n}.csv", first=n) for n in ("1", "2")]
    with installation(tmp_path / "home") as place:
        started = time.monotonic()
        [batch] = finish(release(place.start(bills[0])))["batches"]
        took = time.monotonic() - started
        assert batch["rows_accepted"] == LINES
        now, survived = batch["totals"][0]["billed_cost"], 0
        new = str(int(now.split(".")[0]) + 1) + "." + now.split(".")[1]
        for number in range(KILLS):
            # Each in its share of the time an import takes, so that every phase is hit.
            kill_one(place, bills[1], took * (number + chance.random()) / KILLS)
            state = place.state()
            assert [c for c in state["checks"] if not c["ok"]] == []
            assert billed(state) in ([now], [new])
            if billed(state) == [new]:
                survived += 1
                now, new, bills = new, now, bills[::-1]
        record_property("had_come_into_force", f"{survived} of {KILLS} kills")
        place.sweep()
        assert place.sweep() == {"removed": 0, "left": 0}
        assert len(place.load(bills[1])["batches"]) == 1
        assert billed(place.state()) == [new]
