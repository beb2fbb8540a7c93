"""A whole table of records with a header, whatever file it came in: names, rows, and its columns.

For tables of records (assets, contracts, positions), which are kept in the database; tables of
cost lines, which may be a thousand times longer, are read in blocks by the other readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bursar.connect.errors import NotATable
from bursar.connect.grids.opening import find_table_parts, open_grid
from bursar.connect.looks.columns import LookedColumn, look_at_column
from bursar.connect.looks.heading import find_heading
from bursar.connect.parts import Part

LARGEST = 256 * 1024 * 1024
"""Bytes of a text file; a million records fit."""


@dataclass(frozen=True)
class SheetTable:
    """One table: `rows` have a cell for each of `names`; `numbers` say which row of the file."""

    file: str
    part: Part
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]

    @cached_property
    def columns(self) -> dict[str, LookedColumn]:
        """What each column holds, seen from all its cells."""
        return {
            name: look_at_column(name, at, [row[at] for row in self.rows])
            for at, name in enumerate(self.names)
        }


def read_sheets(paths: Sequence[Path], *, sheet: str | None = None) -> list[SheetTable]:
    """The tables in these files, in order. Refusals: those of `find_parts` and of the readers,
    import.not_a_table where a file has no header or is larger than `LARGEST`."""
    parts, _ = find_table_parts(paths)
    return [_read(part, sheet) for part in parts]


def _read(part: Part, sheet: str | None) -> SheetTable:
    grid = open_grid(part, sheet=sheet, most=LARGEST)
    if not grid.whole:
        raise NotATable(
            f"{part.name}: the table is larger than {LARGEST // 1024**2} MB; split the file"
        )
    heading = find_heading(grid)
    if heading.first < 0:
        raise NotATable(f"{part.name}: no row names the columns; put a header above the rows")
    width = len(heading.names)
    rows, numbers = [], []
    for number, row in list(zip(grid.numbers, grid.rows, strict=True))[heading.data :]:
        cells = tuple(cell.strip() for cell in (*row, *("",) * (width - len(row))))[:width]
        if any(cells):
            rows.append(cells)
            numbers.append(number)
    return SheetTable(part.name, part, heading.names, tuple(rows), tuple(numbers))
