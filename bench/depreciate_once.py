"""Charges made-up assets in a process of its own, and prints what it took.

Usage: python -m bench.depreciate_once 100000 [mixed | linear]
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bench.measuring import fastest, peak_megabytes
from bursar.core.calc.depreciation.many import charge_many
from bursar.core.calc.depreciation.schedule import schedule
from bursar.core.calc.depreciation.terms import Convention, Method, Terms

CENT = Decimal("0.01")
LIVES = (36, 48, 60, 72)
FIRST = date(2021, 1, 1)
METHODS: tuple[dict[str, Any], ...] = (
    {},
    {"convention": Convention.ACTUAL_DAYS},
    {"method": Method.DECLINING_BALANCE, "factor": Fraction(2), "switch": True},
    {"method": Method.SUM_OF_YEARS},
    {"method": Method.MACRS, "property_years": 5},
)


def mixed_assets(count: int) -> list[Terms]:
    """A fifth of each method, in service on any day of five years, at any residual value."""
    rng = random.Random(count)  # made-up data, the same each time
    made = []
    for place in range(count):
        cost, part = rng.randrange(50_000, 5_000_000), rng.randrange(0, 25)
        made.append(
            Terms(
                cost=Decimal(cost).scaleb(-2),
                residual_value=Decimal(cost * part // 100).scaleb(-2),
                in_service_date=FIRST + timedelta(days=rng.randrange(1826)),
                useful_life_months=rng.choice(LIVES),
                **METHODS[place % len(METHODS)],
            )
        )
    return made


def linear_assets(count: int) -> list[tuple[int, int, int, int]]:
    """Cost and residual value in cents, months from January 2021 to the start, life in months."""
    rng = random.Random(count)  # made-up data, the same each time
    made = []
    for _ in range(count):
        cost = rng.randrange(50_000, 5_000_000)
        made.append((cost, cost // 10, rng.randrange(60), rng.choice(LIVES)))
    return made


def linear_terms(count: int) -> list[Terms]:
    return [
        Terms(
            cost=Decimal(cost).scaleb(-2), residual_value=Decimal(residual).scaleb(-2),
            in_service_date=date(2021 + start // 12, start % 12 + 1, 1), useful_life_months=life,
        )
        for cost, residual, start, life in linear_assets(count)
    ]  # fmt: skip


MAKE: dict[str, Callable[[int], list[Terms]]] = {"mixed": mixed_assets, "linear": linear_terms}
ONE_BY_ONE = 500


def main(count: int, kind: str) -> dict[str, Any]:
    assets = MAKE[kind](count)
    before = peak_megabytes()
    begin = time.perf_counter()
    # Counted as they come: whoever writes them to a table needs no more than one group at once.
    sums = [(len(c.units), int(c.units.sum())) for c in charge_many(assets)]
    seconds = time.perf_counter() - begin
    months, cents = sum(m for m, _ in sums), sum(c for _, c in sums)
    peak = peak_megabytes()
    alone, _ = fastest(lambda: [schedule(terms) for terms in assets[:ONE_BY_ONE]])
    bases = sum(t.cost - (0 if t.method is Method.MACRS else t.residual_value) for t in assets)
    return {
        "seconds": seconds, "months": months, "cents": cents,
        "lost": int(bases / CENT) - cents, "before_mb": before, "peak_mb": peak,
        "alone": alone / min(ONE_BY_ONE, count),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "mixed")))
