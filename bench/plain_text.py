"""The same ledger in plain-text accounting: what each department bears, month by month.

A fifth of the lines is shared IT, which every department bears a twentieth of: hledger says so by
an automated posting, beancount by a plugin, Bursar by a rule of its model.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from bench.measuring import FOLDER, Measured, in_own_process

DEPARTMENTS = tuple(f"D{number:02d}" for number in range(1, 21))
SHARED, SHARE = "IT", Decimal("0.05")
_YEAR = 2025


def measure_plain_text(rows: int) -> list[Measured]:
    """Reading and reporting, each system from its own file; all must agree to the last digit."""
    files = _books(rows)
    home = FOLDER / "home-books"
    shutil.rmtree(home, ignore_errors=True)
    ours = in_own_process("bench.plain_text_once", "bursar", str(files["csv"]), home=home)
    shutil.rmtree(home)
    others = {
        "beancount": in_own_process("bench.plain_text_once", "beancount", str(files["beancount"])),
        "hledger": _hledger(files["journal"]),
    }
    found = []
    for name, theirs in others.items():
        goal = f"{rows:,} lines by department and month, beside {name} (no goal)"
        if theirs is None:
            found.append(Measured(goal, f"{name} is not installed", None, "Debian has it"))
            continue
        assert theirs["sums"] == ours["sums"], f"{name} and Bursar disagree"
        how = (
            f"Bursar imports in {ours['import']:.1f} s and runs in {ours['run']:.1f} s, at "
            f"{ours['peak_mb']:,} MB, and keeps both; {name} reads and reports in "
            f"{theirs['seconds']:.1f} s at {theirs['peak_mb']:,} MB, every time. Both say the same "
            "to the last digit."
        )
        ratio = theirs["seconds"] / (ours["import"] + ours["run"])
        found.append(Measured(goal, f"{ratio:.1f}x as fast", None, how))
        again = f"the same asked again, beside {name} (no goal)"
        faster = theirs["seconds"] / ours["asked"]
        asked = f"Bursar answers from its run in {ours['asked'] * 1000:.0f} ms"
        found.append(Measured(again, f"{faster:,.0f}x as fast", None, asked))
    return found


def _hledger(journal: Path) -> dict[str, Any] | None:
    if shutil.which("hledger") is None:
        return None
    begin = time.perf_counter()
    digits = ["--commodity-style", "1.0000 EUR"]  # a twentieth of a cent is not rounded away
    report = [*digits, "balance", "--auto", "--monthly", "--no-total", "-O", "csv", "expenses"]
    with subprocess.Popen(
        ["hledger", "-f", str(journal), *report], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    seconds = time.perf_counter() - begin
    sums = {}
    for line in lines[1:]:
        account, *months = (cell.strip('"') for cell in line.split('","'))
        for month, cell in enumerate(months, start=1):
            amount = Decimal(cell.split()[0].replace(",", "") if cell != "0" else 0)
            if amount:
                sums[f"{account.rpartition(':')[2]} {month:02d}"] = f"{amount.normalize():f}"
    return {"seconds": seconds, "peak_mb": used.ru_maxrss // 1024, "sums": sums}


def _books(rows: int) -> dict[str, Path]:
    """The ledger as CSV, as a journal of hledger and as one of beancount; made once."""
    kinds = ("csv", "journal", "beancount")
    files = {kind: FOLDER / f"books-{rows}.{kind}" for kind in kinds}
    if all(file.exists() for file in files.values()):
        return files
    FOLDER.mkdir(parents=True, exist_ok=True)
    heads = {
        "csv": "posting_date,amount,currency,gl_account,cost_center\n",
        "journal": _automated(),
        "beancount": _opened(),
    }
    handles = {kind: file.open("w") for kind, file in files.items()}
    for kind, handle in handles.items():
        handle.write(heads[kind])
    for day, cents, department in _lines(rows):
        amount = f"{cents // 100}.{cents % 100:02d}"
        handles["csv"].write(f"{day},{amount},EUR,6000,{department}\n")
        handles["journal"].write(
            f"{day} x\n  expenses:{department}  {amount} EUR\n  assets:bank\n\n"
        )
        handles["beancount"].write(
            f'{day} * "x"\n  Expenses:{department}  {amount} EUR\n  Assets:Bank\n\n'
        )
    for handle in handles.values():
        handle.close()
    return files


def _lines(rows: int) -> Any:
    chance = np.random.default_rng(rows)
    departments = np.array([*DEPARTMENTS, *[SHARED] * (len(DEPARTMENTS) // 4)])
    chosen = departments[chance.integers(0, len(departments), rows)].tolist()
    cents = chance.integers(100, 5_000_00, rows).tolist()
    days = np.sort(chance.integers(0, 365, rows)).astype("timedelta64[D]")
    dates = (np.datetime64(f"{_YEAR}-01-01") + days).astype(str).tolist()
    yield from zip(dates, cents, chosen, strict=True)


def _automated() -> str:
    shares = "".join(f"  expenses:{name}  *{SHARE}\n" for name in DEPARTMENTS)
    return f"= expenses:{SHARED}\n  expenses:{SHARED}  *-1\n{shares}\n"


def _opened() -> str:
    accounts = ["Assets:Bank", *(f"Expenses:{name}" for name in (SHARED, *DEPARTMENTS))]
    lines = "".join(f"{_YEAR}-01-01 open {name}\n" for name in accounts)
    return f'plugin "bench.plain_text_split"\n{lines}\n'
