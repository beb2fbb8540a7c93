"""From raw rows to lines: reads every column, sets bad rows aside with their reasons."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.cell import Reason
from bursar.connect.coding import CODED, fitted, is_text, same_text
from bursar.connect.layout import Columns, Format, MoreLines, Placed
from bursar.connect.raw import RawBlock
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.rejected_line import REJECTED_LINE

BLANK_ROWS = "import.blank_rows"
_LONGEST_RAW = 2000


@dataclass(frozen=True)
class Chunk:
    """Some rows of an import: those that became lines, and why others did not."""

    lines: pa.Table
    rejected: pa.Table
    rows_read: int
    second_lines: int = 0
    """Lines that stand beside another one of the same row."""
    skipped: pa.Table = dataclasses.field(default_factory=REJECTED_LINE.schema.empty_table)
    """Rows that are no lines, as totals and notes: set aside with a reason, not counted as read."""

    @property
    def rows_accepted(self) -> int:
        return int(self.lines.num_rows) - self.second_lines


@dataclass(frozen=True)
class Rejection:
    """One reason at one cell."""

    row: int
    column: str | None
    reason: Reason
    raw: str | None


class Shaper:
    """Shapes the blocks of one part; adds what it notices to the reading's tally.

    `kinds` says which texts of the reading are coded; its first block decides.
    """

    def __init__(
        self, *, format_: Format, file: str, placed: Sequence[Placed], schema: pa.Schema,
        tally: Counter[tuple[str, str]], kinds: dict[str, pa.DataType],
    ) -> None:  # fmt: skip
        self._format = format_
        self._file = file
        self._placed = placed
        self._schema = schema
        self._tally = tally
        self._kinds = kinds
        self._header_of = {item.target: item.header.name for item in placed}
        self._sieve = format_.sieve(placed) if format_.sieve else None

    def shape(self, block: RawBlock) -> Chunk:
        """Lines and rejections of one block; every row is in exactly one of them."""
        table = block.table
        columns = Columns({}, table.num_rows)
        rejections: list[Rejection] = []
        for item in self._placed:
            raw = _one_array(table[item.header.name])
            self._read(item, raw, columns, rejections)
        self._format.finish(columns)
        read_badly = {(rejection.row, rejection.column) for rejection in rejections}
        for row, target, reason in columns.bad:
            if (row, self._header_of.get(target or "")) not in read_badly:
                rejections.append(self._rejection(row, target, reason, table))
        self._tally.update(columns.noticed)
        aside = self._sieve.sift(columns, table) if self._sieve else {}
        rejections = [rejection for rejection in rejections if rejection.row not in aside]
        bad_rows = {rejection.row for rejection in rejections} | aside.keys()
        blank = set() if self._sieve else self._blank_rows(table, bad_rows)
        lines, second = self._lines(columns, block, bad_rows)
        self._tally.update(self._format.notice(lines))
        rejected = self._rejected(rejections, block, blank)
        skipped = self._skipped(aside, block)
        return Chunk(lines, rejected, block.rows_seen - len(blank) - len(aside), second, skipped)

    def _skipped(self, aside: dict[int, Reason], block: RawBlock) -> pa.Table:
        set_aside = [
            Rejection(row, None, reason, _whole_row(block.table, row))
            for row, reason in sorted(aside.items())
        ]
        return self._rejected(set_aside, RawBlock(block.table, block.rows, []), set())

    def _read(
        self, item: Placed, raw: pa.Array, columns: Columns, rejections: list[Rejection]
    ) -> None:
        cells = item.read(raw)
        columns.values[item.target] = cells.values
        for code, count in cells.noticed.items():
            columns.noticed[code, item.header.name] += count
        for row, reason in cells.bad.items():
            rejections.append(Rejection(row, item.header.name, reason, _shown(raw[row].as_py())))
        if item.required and cells.values.null_count > len(cells.bad):
            empty = pc.indices_nonzero(pc.is_null(cells.values)).to_pylist()
            said = f"{item.header.name.strip()} is empty; every row needs it"
            reason = Reason(item.required, said)
            rejections += [
                Rejection(row, item.header.name, reason, None)
                for row in empty
                if row not in cells.bad
            ]

    def _rejection(
        self, row: int, target: str | None, reason: Reason, table: pa.Table
    ) -> Rejection:
        header = self._header_of.get(target or "")
        if header is None and self._sieve:
            return Rejection(row, None, reason, _whole_row(table, row))
        raw = None if header is None else _shown(table[header][row].as_py())
        return Rejection(row, header or target, reason, raw)

    def _blank_rows(self, table: pa.Table, bad_rows: set[int]) -> set[int]:
        """Rows without a single filled cell, as spreadsheets leave them at the end."""
        if not bad_rows:
            return set()
        empty = pc.is_null(table.column(0))
        for column in table.columns[1:]:
            empty = pc.and_(empty, pc.is_null(column))
        blank = set(pc.indices_nonzero(empty).to_pylist()) & bad_rows
        if blank:
            self._tally[BLANK_ROWS, ""] += len(blank)
        return blank

    def _lines(self, columns: Columns, block: RawBlock, bad_rows: set[int]) -> tuple[pa.Table, int]:
        """The lines of the good rows, and how many of them are second lines of a row."""
        count = columns.count
        columns.values["source_row"] = block.rows
        columns.values["source_file"] = same_text(self._file, count)
        table = pa.table({f.name: self._settled(f, columns) for f in self._schema})
        good = [row for row in range(count) if row not in bad_rows] if bad_rows else None
        first = table if good is None else table.take(pa.array(good, pa.int64()))
        if not columns.more:
            return first, 0
        second = [_second_lines(table, more, bad_rows) for more in columns.more]
        return pa.concat_tables([first, *second]), sum(one.num_rows for one in second)

    def _settled(self, field: pa.Field, columns: Columns) -> pa.Array:
        """A column in the type that it has in every chunk of the reading."""
        found = columns.get(field.name, field.type)
        may_be_coded = self._format.repetitive and is_text(field.type)
        kind = CODED if may_be_coded and found.type == CODED else field.type
        return fitted(found, self._kinds.setdefault(field.name, kind))

    def _rejected(self, rejections: list[Rejection], block: RawBlock, blank: set[int]) -> pa.Table:
        numbers = block.rows.to_numpy()
        found = [
            (int(numbers[r.row]), (r.column or "").strip() or None, *r.reason, r.raw)
            for r in rejections
            if r.row not in blank
        ]
        found += [(row, None, *_TORN, _shown(text)) for row, text in block.torn]
        found.sort(key=lambda entry: entry[0])
        return pa.Table.from_pylist(
            [
                {"file": self._file, "row": row, "column": column, "code": code,
                 "message": message, "raw": raw}
                for row, column, code, message, raw in found
            ],
            schema=REJECTED_LINE.schema,
        )  # fmt: skip


def _second_lines(table: pa.Table, more: MoreLines, bad_rows: set[int]) -> pa.Table:
    """What differs is set, our other columns are as in the first line; the file's own columns
    stay with the first line, so that they sum to what the file says."""
    for place, field in enumerate(table.schema):
        if field.name in more.values:
            column = fitted(more.values[field.name], field.type)
        elif field.name not in COST_LINE.names:
            column = pa.nulls(table.num_rows, field.type)
        else:
            continue
        table = table.set_column(place, field, column)
    rows = [row for row in pc.indices_nonzero(more.rows).to_pylist() if row not in bad_rows]
    return table.take(pa.array(rows, pa.int64()))


_TORN = Reason(
    "import.torn_line",
    "the line does not have as many cells as the header, a quote is not closed, or it is no "
    "JSON object; mend the line",
)


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _whole_row(table: pa.Table, row: int) -> str:
    """The cells of a row beside each other, as a person finds them in the file."""
    cells = [column[row].as_py() for column in table.columns]
    return " | ".join("" if cell is None else str(cell) for cell in cells)[:_LONGEST_RAW]


def _shown(value: object) -> str | None:
    return None if value is None else str(value)[:_LONGEST_RAW]
