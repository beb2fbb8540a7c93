"""One system's report of a ledger by department and month, in a process of its own.

Usage: python -m bench.plain_text_once bursar|beancount FILE   (BURSAR_HOME names an empty folder)
"""

# ruff: noqa: PLC0415 - each system is loaded only where it is asked

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.measuring import peak_megabytes
from bench.plain_text import DEPARTMENTS, SHARE, SHARED

MODEL = f"""
name: Departments
basis: billed
consumers: [{", ".join(DEPARTMENTS)}]
solutions: [Shared]
classify:
  - {{name: shared, when: {{cost_center: {SHARED}}}, set: {{solution: Shared}}}}
  - {{name: own, set: {{consumer: {{column: cost_center}}}}}}
steps:
  - name: shared by all
    to: consumer
    rules:
      - method: fixed
        shares: {{{", ".join(f"{name}: {SHARE * 100}" for name in DEPARTMENTS)}}}
"""


def main(system: str, file: Path) -> None:
    answer = _bursar(file) if system == "bursar" else _beancount(file)
    print(json.dumps({**answer, "peak_mb": peak_megabytes()}))


def _bursar(file: Path) -> dict[str, Any]:
    import django

    django.setup()
    from bursar.allocate.actions.apply_model import apply_model
    from bursar.allocate.actions.run_model import run_model
    from bursar.flow.setup import initialise
    from bursar.office.people.scope import Scope
    from bursar.record.actions.import_files import import_files
    from bursar.report.costs import costs

    initialise()
    apply_model(text=MODEL, acting_user=None)
    begin = time.perf_counter()
    import_files(paths=[file], acting_user=None, source="books", format="ledger")
    imported = time.perf_counter()
    run_model(acting_user=None)
    ran = time.perf_counter()
    found = costs(Scope.all(), by=["consumer", "period"], periods=None, basis="billed").rows
    asked = time.perf_counter() - ran
    sums = {
        f"{row.dimensions['consumer']} {(row.dimensions['period'] or '')[-2:]}": _text(row.amount)
        for row in found
    }
    return {"import": imported - begin, "run": ran - imported, "asked": asked, "sums": sums}


def _beancount(file: Path) -> dict[str, Any]:
    from beancount import loader
    from beancount.core.data import Transaction

    begin = time.perf_counter()
    entries, errors, _ = loader.load_file(str(file))
    assert not errors, errors[:3]
    sums: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for entry in entries:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                if posting.account.startswith("Expenses:"):
                    sums[posting.account, entry.date.month] += posting.units.number
    seconds = time.perf_counter() - begin
    told = {f"{account.partition(':')[2]} {month:02d}": _text(amount)
            for (account, month), amount in sums.items() if amount}  # fmt: skip
    return {"seconds": seconds, "sums": told}


def _text(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
