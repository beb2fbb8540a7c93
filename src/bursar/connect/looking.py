"""A look at a file: what it is, how it is written, what its columns hold, what is not certain.

    seen = look([Path("payables.xlsx")])
    profile = propose(seen, default_currency="GBP")
    for question in questions(seen, profile): ...

Looking records nothing and refuses only what is no table at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bursar.connect.errors import BadProfile
from bursar.connect.grids.grid import Grid, Row, Sheet
from bursar.connect.grids.opening import find_table_parts, open_grid
from bursar.connect.looks.columns import LookedColumn, look_at_column
from bursar.connect.looks.heading import Heading, find_heading, heading_at
from bursar.connect.notices import ReadingWarning
from bursar.connect.parts import Part
from bursar.connect.profile import Profile, signature_of

__all__ = ["Look", "LookedColumn", "Question", "look"]

SHOWN = 50
_JUDGED = 20_000


@dataclass(frozen=True)
class Question:
    """Something that the file does not say by itself, and how to say it.

    `answers` are sayings such as `currency=GBP` or `date_style=d/m/y`, the likeliest first; an
    answer that ends in `=` wants a value.
    """

    code: str
    message: str
    column: str | None = None
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Look:
    """What was seen of a file; of several, of the first."""

    files: tuple[str, ...]
    kind: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    sheets: tuple[Sheet, ...]
    header_row: int
    header_rows: int
    headers: tuple[str, ...]
    preamble: tuple[Row, ...]
    columns: tuple[LookedColumn, ...]
    rows: tuple[Row, ...]
    row_numbers: tuple[int, ...]
    rows_seen: int
    whole: bool
    signature: str
    notes: tuple[ReadingWarning, ...]
    ambiguities: tuple[Question, ...]

    def column(self, name: str) -> LookedColumn | None:
        """The column of a name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


def look(paths: Sequence[Path], sheet: str | None = None, profile: Profile | None = None) -> Look:
    """What a file, or the first of several, is and holds.

    With a profile, its encoding, delimiter, sheet and header row are taken where it names them.
    Refusals: those of `open_reading` for files that are no tables, import.encrypted,
    import.no_such_sheet, import.profile_invalid.
    """
    parts, _ = find_table_parts(paths)
    how = profile or Profile()
    if sheet is not None:
        how = replace(how, sheet=sheet)
    grid = grid_for(parts[0], how)
    heading = heading_for(grid, how, parts[0].name)
    below = grid.rows[heading.data :]
    columns = tuple(
        look_at_column(name, at, [row[at] for row in below[:_JUDGED] if at < len(row)])
        for at, name in enumerate(heading.names)
    )
    numbered = [
        (number, row)
        for number, row in zip(grid.numbers[heading.data :], below, strict=True)
        if any(cell.strip() for cell in row)
    ]
    found = heading.last >= 0
    return Look(
        files=tuple(part.name for part in parts),
        kind=grid.kind,
        encoding=grid.encoding,
        delimiter=grid.delimiter,
        sheet=grid.sheet,
        sheets=grid.sheets,
        header_row=grid.numbers[heading.last] if found else 0,
        header_rows=heading.last - heading.first + 1 if found else 0,
        headers=heading.names,
        preamble=tuple(grid.rows[: max(0, heading.first)]),
        columns=columns,
        rows=tuple(row for _, row in numbered[:SHOWN]),
        row_numbers=tuple(number for number, _ in numbered[:SHOWN]),
        rows_seen=len(numbered),
        whole=grid.whole,
        signature=signature_of(heading.names),
        notes=grid.notes,
        ambiguities=tuple(_ambiguities(columns)),
    )


def grid_for(part: Part, profile: Profile) -> Grid:
    """The grid of one file as the profile wants it opened."""
    return open_grid(
        part, sheet=profile.sheet, encoding=profile.encoding, delimiter=profile.delimiter
    )


def heading_for(grid: Grid, profile: Profile, file: str) -> Heading:
    """The header where the profile says that it stands, else where it is found."""
    if grid.kind == "jsonl":
        return heading_at(grid, 0, 0)
    if profile.header_row is None:
        return find_heading(grid)
    if profile.header_row == 0:
        return heading_at(grid, -1, -1)
    if profile.header_row not in grid.numbers:
        raise BadProfile(f"{file}: there is no row {profile.header_row} for the header to be in")
    last = grid.numbers.index(profile.header_row)
    return heading_at(grid, max(0, last - profile.header_rows + 1), last)


def _ambiguities(columns: Sequence[LookedColumn]) -> list[Question]:
    return [question for column in columns if (question := doubt(column)) is not None]


def doubt(column: LookedColumn) -> Question | None:
    """What is not certain about the styles of a column."""
    if column.certain:
        return None
    example = f" such as {column.examples[0]}" if column.examples else ""
    if column.kind == "date":
        return Question(
            "date_style",
            f"the dates in {column.name}{example} can be day first or month first",
            column.name,
            ("date_style=d/m/y", "date_style=m/d/y"),
        )
    return Question(
        "number_style",
        f"the numbers in {column.name}{example} can have a decimal mark or grouping",
        column.name,
        tuple(f"number_style={style}" for style in column.styles),
    )
