"""Lines that stand in the place of others: a reversal, and parts that say where they came from.

Splits of clusters and of AI use are made of the same stuff; what each of them adds is its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from bursar.core.calc.clusters.splitting import scale_of
from bursar.core.money.amount import EXACT
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import BASES, COST_COLUMN, DIMENSION_COLUMNS
from bursar.lake.day_sums import FIRST_DAY, LAST_DAY

ORIGIN = "x_origin_source"
"""Own column of derived lines: the source of the line that was split."""
REVERSAL = "reversal"

CARRIED = (
    *DIMENSION_COLUMNS,
    "billing_currency", "billing_period_start", "billing_period_end", "posting_period",
    "charge_frequency", "invoice_id", "resource_id", "resource_name", "evidence_group", "tags",
)  # fmt: skip
"""Columns by which lines are summed before they are split, and which their parts keep."""

COSTS = [COST_COLUMN[basis] for basis in BASES]
_TYPES = {column.name: column.type for column in COST_LINE.columns}
_LEFT_OUT = {FIRST_DAY, LAST_DAY, "lines", *COSTS}

Row = Mapping[str, Any]
Amounts = Mapping[str, Decimal | None]


def amounts_of(row: Row) -> dict[str, Decimal | None]:
    return {column: row[column] for column in COSTS}


def reversed_amounts(amounts: Amounts) -> dict[str, Decimal | None]:
    """What takes the line back, basis by basis."""
    return {c: None if a is None else EXACT.minus(a) for c, a in amounts.items()}


def derived_line(row: Row, told: str, record_ref: str, own: Row) -> dict[str, Any]:
    """A line of the same dimensions, account and days, without its money."""
    return {name: value for name, value in row.items() if name not in _LEFT_OUT} | {
        "source": None,
        ORIGIN: row["source"],
        "charge_period_start": _midnight(row[FIRST_DAY]),
        "charge_period_end": _midnight(row[LAST_DAY] + timedelta(days=1)),
        "charge_description": told,
        "record_ref": record_ref,
        **own,
    }


def scales(groups: Iterable[Row]) -> dict[str, int]:
    """Digits that a split keeps, by currency."""
    amounts: dict[str, list[Decimal | None]] = {}
    for row in groups:
        amounts.setdefault(row["billing_currency"], []).extend(row[column] for column in COSTS)
    return {currency: scale_of(found) for currency, found in amounts.items()}


def as_table(made: list[dict[str, Any]]) -> pa.Table:
    """Derived lines as the publication takes them."""
    names = list(dict.fromkeys(name for line in made for name in line if name != "source"))
    return pa.table(
        {n: pa.array([line.get(n) for line in made], _TYPES.get(n, pa.string())) for n in names}
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
