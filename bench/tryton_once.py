"""Tryton's own depreciation of the assets in a file, in an environment that has Tryton.

Reads [cost, residual value, start, months] (cents; months since January 2021) as a JSON list,
and prints what its kernel, `account.asset.depreciate`, took for them and what it charged. Nothing
is written to a database but the empty one in memory that Tryton wants for its modules.
Usage: python tryton_once.py assets.json
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

os.environ["DB_NAME"] = ":memory:"
os.environ["TRYTOND_DATABASE_URI"] = "sqlite://"

from trytond.pool import Pool
from trytond.tests.test_tryton import activate_module, with_transaction


def assets(told: list[list[int]]) -> list[Any]:
    """Records as a user has them when the schedule is asked for."""
    pool = Pool()
    euro = pool.get("currency.currency")(
        name="Euro", code="EUR", digits=2, rounding=Decimal("0.01")
    )
    company = pool.get("company.company")(currency=euro)
    kind, made = pool.get("account.asset"), []
    for cost, residual, start, life in told:
        end = start + life
        value = Decimal(cost).scaleb(-2)
        made.append(
            kind(
                company=company, currency=euro, lines=[], frequency="monthly",
                depreciation_method="linear", value=value, depreciating_value=value,
                depreciated_amount=Decimal(0), residual_value=Decimal(residual).scaleb(-2),
                start_date=date(2021 + start // 12, start % 12 + 1, 1),
                end_date=date(2021 + end // 12, end % 12 + 1, 1) - timedelta(days=1),
            )
        )  # fmt: skip
    return made


@with_transaction()
def measure(told: list[list[int]]) -> dict[str, Any]:
    found = assets(told)
    seconds = float("inf")
    for _ in range(3):
        begin = time.perf_counter()
        lines = [asset.depreciate() for asset in found]
        seconds = min(seconds, time.perf_counter() - begin)
    charged = sum(line.depreciation for one in lines for line in one.values())
    return {
        "seconds": seconds, "assets": len(found), "months": sum(len(one) for one in lines),
        "cents": int(charged.scaleb(2)),
    }  # fmt: skip


if __name__ == "__main__":
    activate_module("account_asset")
    print(json.dumps(measure(json.loads(Path(sys.argv[1]).read_text()))))
