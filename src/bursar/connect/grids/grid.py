"""A sheet of texts with what was noticed on the way, whatever file it came from."""

from __future__ import annotations

from dataclasses import dataclass

from bursar.connect.notices import ReadingWarning

Row = tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook, or one table of a web page."""

    name: str
    hidden: bool = False


@dataclass(frozen=True)
class Grid:
    """Rows of cells as texts; `numbers` says which row of the file each is, from 1.

    `whole` is false where only the beginning of a text file was looked at.
    """

    kind: str
    rows: tuple[Row, ...]
    numbers: tuple[int, ...]
    whole: bool = True
    sheet: str | None = None
    sheets: tuple[Sheet, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    notes: tuple[ReadingWarning, ...] = ()
    ends: tuple[int, ...] = ()
    """Of text files: the last line of each row, where a cell holds line ends."""
    old_line_ends: bool = False
    spaced: bool = False
    """Of text files: whether cells are written as `a, "b"`, with a blank before the quote."""
