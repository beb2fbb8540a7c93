"""The rows of one part as blocks of texts under the header's names, whatever kind of file it is."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.csv_blocks import NULLS, read_csv
from bursar.connect.grids.delimited import bom_of
from bursar.connect.grids.grid import Grid
from bursar.connect.json_lines import read_json_lines
from bursar.connect.looks.heading import Heading
from bursar.connect.parts import Part
from bursar.connect.raw import RawBlock
from bursar.connect.text import Dialect

_BLOCK_ROWS = 65_536
_LONGEST_RAW = 2000
_NULLS = frozenset(NULLS)


class Rows:
    """The rows below the header of one part."""

    def __init__(self, part: Part, grid: Grid, heading: Heading) -> None:
        self._part = part
        self._grid = grid
        self._heading = heading

    def __call__(self, first_row: int, codable: frozenset[str]) -> Iterator[RawBlock]:
        if self._grid.kind == "text":
            return self._from_text(first_row)
        if self._grid.kind == "jsonl":
            names = self._heading.names
            return read_json_lines(self._part, names=names, first_row=first_row)
        return self._from_grid(first_row)

    def _from_grid(self, first_row: int) -> Iterator[RawBlock]:
        """Rows of a workbook or page; blank ones at the end do not count."""
        rows = list(self._grid.rows[self._heading.data :])
        while rows and not any(cell.strip() for cell in rows[-1]):
            rows.pop()
        for start in range(0, len(rows), _BLOCK_ROWS):
            block = rows[start : start + _BLOCK_ROWS]
            numbers = pa.array(range(first_row + start, first_row + start + len(block)), pa.int64())
            yield RawBlock(_as_table(block, self._heading.names), numbers, [])

    def _from_text(self, first_row: int) -> Iterator[RawBlock]:
        grid, names = self._grid, self._heading.names
        dialect = Dialect(
            encoding=grid.encoding or "utf-8", bom=bom_of(self._part),
            old_line_ends=grid.old_line_ends, delimiter=grid.delimiter or ",",
            preamble=self._lines_above(), header=names, spaced=grid.spaced,
        )  # fmt: skip
        for block in read_csv(self._part, dialect=dialect, names=names, first_row=first_row):
            yield _mended(block, names, dialect.delimiter) if block.torn else block

    def _lines_above(self) -> int:
        return self._grid.ends[self._heading.last] if self._heading.last >= 0 else 0


def _as_table(rows: Sequence[Sequence[str]], names: Sequence[str]) -> pa.Table:
    width = len(names)
    columns: list[list[str | None]] = [[] for _ in range(width)]
    for row in rows:
        for at in range(width):
            cell = row[at] if at < len(row) else ""
            columns[at].append(None if cell in _NULLS else cell)
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.table(dict(zip(names, arrays, strict=True)))


def _mended(block: RawBlock, names: Sequence[str], delimiter: str) -> RawBlock:
    """Lines that only lack their last empty cells, or have empty ones too many, are whole.

    Footers and short lines are written so. A line whose quotes are not in order is never mended:
    nobody knows what they were to hold.
    """
    whole: list[tuple[int, list[str]]] = []
    torn: list[tuple[int, str]] = []
    for row, text in block.torn:
        cells = _cells_of(text, len(names), delimiter)
        if cells is None:
            torn.append((row, text))
        else:
            whole.append((row, cells))
    if not whole:
        return block
    added = _as_table([cells for _, cells in whole], names)
    table = pa.concat_tables([block.table.cast(added.schema), added])
    rows = pa.concat_arrays([block.rows, pa.array([row for row, _ in whole], pa.int64())])
    order = pc.sort_indices(rows)
    return RawBlock(table.take(order).combine_chunks(), rows.take(order), torn)


def _cells_of(text: str, width: int, delimiter: str) -> list[str] | None:
    """The cells of a line that is whole but for empty cells at its end."""
    if len(text) >= _LONGEST_RAW or text.count('"') % 2:
        return None
    try:
        cells = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None
    if any('"' in cell for cell in cells) or any(cell.strip() for cell in cells[width:]):
        return None
    return cells[:width]
