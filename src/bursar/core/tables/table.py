"""How every fact of the house is declared: one table, its columns and what they mean.

A `Table` is the single place where a column's name, type and meaning stand. The lake writes
by it, the reference documentation is generated from it, and tests compare files with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

LEDGER = pa.decimal128(38, 24)
"""The ledger's money type: 14 digits before the point, 24 after; sums never round."""

MOMENT = pa.timestamp("us", tz="UTC")
"""An instant, always in UTC; a charge period's start is inclusive and its end exclusive."""


@dataclass(frozen=True)
class Column:
    """One column: its name, Arrow type and a plain sentence about what it holds."""

    name: str
    type: pa.DataType
    meaning: str
    nullable: bool = True


@dataclass(frozen=True)
class Table:
    """One table of facts: its name, the one step that writes it, and its columns."""

    name: str
    meaning: str
    writer: str
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(c.name, c.type, nullable=c.nullable) for c in self.columns])

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]
