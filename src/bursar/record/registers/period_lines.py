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
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.core.tables.table import LEDGER, MOMENT
from bursar.record.registers.register import DIMENSIONS, Kept

PART = "x_part"
"""Own column of derived lines: what the amount is, as `depreciation`."""
NUMBER = "x_record"
"""Own column of derived lines: the record's number."""


Column = Any
"""Anything that Arrow takes as one: a list, an array of numpy, an array of its own."""
_AMOUNTS = pa.schema(
    {"record": pa.int64(), "month": pa.string(), "part": pa.string(), "amount": LEDGER}
)


@dataclass
class Amounts:
    """Amounts by record and month: `add` takes one, `extend` whole columns."""

    _ones: list[tuple[int, str, str, Decimal]] = field(default_factory=list)
    _many: list[pa.Table] = field(default_factory=list)

    def add(self, record: int, month: str, part: str, amount: Decimal) -> None:
        """One amount of the record in that place; a zero says nothing and is left out."""
        if amount:
            self._ones.append((record, month, part, amount))

    def extend(
        self, record: Column, month: Column, part: str, units: Column, *, digits: int
    ) -> None:
        """Columns of one length: places, months as YYYY-MM, and whole minor units."""
        whole = pa.array(units, pa.int64()).cast(pa.decimal128(19, 0))
        unit = pa.scalar(Decimal(1).scaleb(-digits), pa.decimal128(max(digits, 1), digits))
        self._many.append(
            pa.table(
                {
                    "record": pa.array(record, pa.int64()),
                    "month": month,
                    "part": pa.repeat(part, len(whole)),
                    "amount": pc.multiply(whole, unit).cast(LEDGER),
                }
            )
        )

    def columns(self) -> pa.Table:
        """All of them: record, month, part, amount."""
        ones = list(zip(*self._ones, strict=True)) or [()] * len(_AMOUNTS)
        table = pa.table(
            [pa.array(c, f.type) for c, f in zip(ones, _AMOUNTS, strict=True)], _AMOUNTS
        )
        return pa.concat_tables([table, *(more.cast(_AMOUNTS) for more in self._many)])


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
    told = amounts.columns().combine_chunks()
    where, months = told["record"], told["month"].combine_chunks().dictionary_encode()

    def of_record(values: list[str | None]) -> pa.Array:
        return pa.array(values, pa.string()).take(where)

    def of_month(which: int) -> pa.Array:
        moments = [_span(month.as_py())[which] for month in months.dictionary]
        return pa.array(moments, MOMENT).take(months.indices)

    count = told.num_rows
    started, ended = of_month(0), of_month(1)
    table = {
        "billing_currency": of_record([kept.content["currency"] for kept in records]),
        "billing_period_start": started,
        "billing_period_end": ended,
        "charge_period_start": started,
        "charge_period_end": ended,
        "charge_category": pa.repeat("Usage", count),
        "charge_frequency": pa.repeat("Recurring", count),
        "charge_description": _described(told, describe),
        "billed_cost": pa.repeat(pa.scalar(Decimal(0), LEDGER), count),
        "effective_cost": told["amount"],
        "record_ref": of_record([kept.ref(register) for kept in records]),
        NUMBER: of_record([kept.number for kept in records]),
        PART: told["part"],
    }
    for name in (*(dimension.name for dimension in DIMENSIONS), *columns):
        table[name] = of_record([kept.content.get(name) for kept in records])
    return pa.table(table)


def _described(told: pa.Table, describe: Sequence[str]) -> pa.Array:
    parts = told["part"].combine_chunks().dictionary_encode()
    said = [part.replace("_", " ").capitalize() for part in parts.dictionary.to_pylist()]
    names = pa.array(said, pa.string())
    texts = pa.array(describe, pa.string()).take(told["record"])
    return pc.binary_join_element_wise(names.take(parts.indices), texts, ": ")


@lru_cache(maxsize=4096)
def _span(month: str) -> tuple[datetime, datetime]:
    year, number = int(month[:4]), int(month[5:7])
    first = datetime(year, number, 1, tzinfo=UTC)
    after = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return first, after
