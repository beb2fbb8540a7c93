"""Monthly amounts of records as cost lines (rule RG4).

Derived cost is effective only: what was billed stands on the invoice, and a purchase is never
added to its own depreciation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

import pyarrow as pa

from bursar.core.tables.table import LEDGER, MOMENT
from bursar.record.registers.register import DIMENSIONS, Kept

PART = "x_part"
"""Own column of derived lines: what the amount is, as `depreciation`."""
NUMBER = "x_record"
"""Own column of derived lines: the record's number."""


@dataclass
class Amounts:
    """Amounts by record and month, column by column; `add` appends one."""

    record: list[int] = field(default_factory=list)
    """Place of the record in the sequence of records."""
    month: list[str] = field(default_factory=list)
    part: list[str] = field(default_factory=list)
    amount: list[Decimal] = field(default_factory=list)

    def add(self, record: int, month: str, part: str, amount: Decimal) -> None:
        """A zero says nothing and is left out."""
        if amount:
            self.record.append(record)
            self.month.append(month)
            self.part.append(part)
            self.amount.append(amount)


def cost_lines(
    register: str,
    records: Sequence[Kept],
    amounts: Amounts,
    *,
    describe: Sequence[str],
    columns: Sequence[str] = ("vendor",),
) -> pa.Table:
    """Cost lines for the derivation: one per record, month and part.

    `describe` has a text for each record, put after the part's name. `columns` are fields of the
    content, beside `DIMENSIONS`, that are columns of a cost line under the same name. Each
    record's content needs `currency`.
    """
    where = pa.array(amounts.record, pa.int64())
    months = pa.array(amounts.month, pa.string()).dictionary_encode()

    def of_record(values: list[str | None]) -> pa.Array:
        return pa.array(values, pa.string()).take(where)

    def of_month(which: int) -> pa.Array:
        moments = [_span(month.as_py())[which] for month in months.dictionary]
        return pa.array(moments, MOMENT).take(months.indices)

    count = len(amounts.record)
    started, ended = of_month(0), of_month(1)
    table = {
        "billing_currency": of_record([kept.content["currency"] for kept in records]),
        "billing_period_start": started,
        "billing_period_end": ended,
        "charge_period_start": started,
        "charge_period_end": ended,
        "charge_category": pa.repeat("Usage", count),
        "charge_frequency": pa.repeat("Recurring", count),
        "charge_description": _described(amounts, describe),
        "billed_cost": pa.repeat(pa.scalar(Decimal(0), LEDGER), count),
        "effective_cost": pa.array(amounts.amount, LEDGER),
        "record_ref": of_record([kept.ref(register) for kept in records]),
        NUMBER: of_record([kept.number for kept in records]),
        PART: pa.array(amounts.part, pa.string()),
    }
    for name in (*(dimension.name for dimension in DIMENSIONS), *columns):
        table[name] = of_record([kept.content.get(name) for kept in records])
    return pa.table(table)


def _described(amounts: Amounts, describe: Sequence[str]) -> pa.Array:
    names = {part: part.replace("_", " ").capitalize() for part in set(amounts.part)}
    return pa.array(
        [
            f"{names[part]}: {describe[place]}"
            for part, place in zip(amounts.part, amounts.record, strict=True)
        ],
        pa.string(),
    )


@lru_cache(maxsize=4096)
def _span(month: str) -> tuple[datetime, datetime]:
    year, number = int(month[:4]), int(month[5:7])
    first = datetime(year, number, 1, tzinfo=UTC)
    after = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return first, after
