"""Rows that count before they lie in a file: cost lines in memory, beside the cubes.

They are few next to the lines of the lake, so they are kept as Arrow tables, line by line with the
columns of their dimension, and summed when a question is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import BASES, COST_COLUMN, DIMENSION_COLUMNS
from bursar.lake.dimensions import LineDimensions

LIVE = "live"
LINE_ID = "line_id"
_MOST_CHUNKS = 32


def _names(promoted: Sequence[str]) -> list[str]:
    return [*COST_LINE.names, *promoted, LINE_ID]


def _schema(promoted: Sequence[str]) -> pa.Schema:
    declared = [pa.field(c.name, c.type) for c in COST_LINE.columns]
    further = [pa.field(name, pa.string()) for name in (*promoted, LINE_ID)]
    return pa.schema([*declared, *further])


def _empty(promoted: Sequence[str] = ()) -> pa.Table:
    return _schema(promoted).empty_table()


@dataclass(frozen=True)
class LiveRows:
    """Live lines of one moment; `version` tells two moments apart."""

    version: int = 0
    lines: pa.Table = field(default_factory=_empty)
    """Cost-line columns, `dim_id`, promoted columns and `line_id`."""
    promoted: tuple[str, ...] = ()
    lineage: object = field(default_factory=object, compare=False)
    """The same for rows to which further ones were only added."""

    @property
    def dimension_names(self) -> tuple[str, ...]:
        return (*DIMENSION_COLUMNS, *self.promoted)

    @cached_property
    def facts(self) -> pa.Table:
        """The lines as the ledger's questions see facts: one row each, with its dimension."""
        return _facts_of(self.lines, self.dimension_names)

    @cached_property
    def periods(self) -> list[str]:
        """Posting periods of the lines, in order."""
        return sorted(pc.unique(self.lines["posting_period"]).to_pylist())

    def dimensions(self, period: str | None = None) -> pa.Table:
        """Every distinct dimension of the lines, once, by id."""
        lines = self.lines
        if period is not None:
            lines = lines.filter(pc.equal(lines["posting_period"], period))
        table = lines.select(["dim_id", *self.dimension_names]).combine_chunks()
        encoded = pc.unique(table["dim_id"])
        first = pc.index_in(encoded, value_set=table["dim_id"].combine_chunks())
        return table.take(first).sort_by("dim_id")

    def then(self, version: int, more: pa.Table) -> LiveRows:
        """These rows and further ones; nothing of the former is copied unless they are many."""
        made = LiveRows(version, self.lines, self.promoted, self.lineage)
        if more.num_rows:
            facts = _facts_of(more, self.dimension_names)
            lines = _joined(self.lines, more)
            made = LiveRows(version, lines, self.promoted, self.lineage)
            # What is known of the former rows is not worked out once more.
            made.__dict__["facts"] = _joined(self.facts, facts)
            periods = {*self.periods, *pc.unique(more["posting_period"]).to_pylist()}
            made.__dict__["periods"] = sorted(periods)
        return made

    def select(self, mask: pa.Array | pa.ChunkedArray) -> LiveRows:
        """Those of the rows that the mask chooses."""
        return LiveRows(self.version, self.lines.filter(mask), self.promoted)


def in_dimensions(lines: pa.Table, dimensions: LineDimensions, promoted: Sequence[str]) -> pa.Table:
    """Lines with every column of theirs that questions may name, and their `dim_id`."""
    ids = dimensions.ids(lines)
    columns = {name: lines[name] for name in lines.column_names}
    for column in COST_LINE.columns:
        if column.name not in columns:
            columns[column.name] = pa.nulls(lines.num_rows, column.type)
    columns |= dimensions.promoted_columns(lines, promoted)
    columns["dim_id"] = pa.array(ids, pa.int64())
    schema = _schema(promoted)
    typed = {
        name: columns[name] if columns[name].type == schema.field(name).type
        else columns[name].cast(schema.field(name).type)
        for name in _names(promoted)
    }  # fmt: skip
    return pa.table(typed, schema=schema)


def _facts_of(lines: pa.Table, names: Sequence[str]) -> pa.Table:
    columns = {name: lines[name] for name in ("dim_id", "posting_period")}
    columns["day"] = lines["charge_period_start"].cast(pa.date32())
    columns["currency"] = lines["billing_currency"]
    columns["lines"] = pa.chunked_array([pa.repeat(pa.scalar(1, pa.int64()), len(lines))])
    columns |= {COST_COLUMN[basis]: lines[COST_COLUMN[basis]] for basis in BASES}
    return pa.table(columns | {name: lines[name] for name in names})


def _joined(left: pa.Table, right: pa.Table) -> pa.Table:
    """Nothing is copied unless the pieces have become many."""
    joined = pa.concat_tables([left, right])
    return joined.combine_chunks() if joined["dim_id"].num_chunks > _MOST_CHUNKS else joined


def no_rows(version: int, promoted: Sequence[str]) -> LiveRows:
    return LiveRows(version, _empty(promoted), tuple(promoted))
