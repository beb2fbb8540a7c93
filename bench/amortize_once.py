"""Schedules of many contracts in this process: seconds, months, memory, and what was lost."""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import date, timedelta
from decimal import Decimal

from bursar.core.calc.amortization import Amortization
from bursar.core.calc.contracts import Agreement, Step, schedule

_WAYS = tuple(Amortization)


def agreements(count: int) -> list[Agreement]:
    """Terms of one to three years, paid by month, quarter or year, a third with a price step."""
    made = []
    for n in range(count):
        start = date(2024 + n % 3, 1 + n % 12, 1 + n % 28)
        months = 12 * (1 + n % 3)
        end = start.replace(year=start.year + months // 12) - timedelta(days=1)
        step = Step(start + timedelta(days=200), unit_price=Decimal(11 + n % 90))
        made.append(
            Agreement(
                start, end, Decimal(10 + n % 90), Decimal(1 + n % 400),
                pay_months=(1, 3, 12)[n % 3], steps=(step,) if n % 3 == 0 else (),
                amortization=_WAYS[n % len(_WAYS)],
            )
        )  # fmt: skip
    return made


def main(count: int) -> dict[str, object]:
    contracts = agreements(count)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    months, lost = 0, Decimal(0)
    for agreed in contracts:
        rows = schedule(agreed, agreed.start)
        months += len(rows)
        lost += abs(sum((row.expense - row.billed for row in rows), Decimal(0)))
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": seconds, "months": months, "lost": str(lost),
        "peak_mb": peak // 1024, "before_mb": before // 1024,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
