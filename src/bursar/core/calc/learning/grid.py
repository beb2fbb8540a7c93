"""A workbook as plain cells: exact values and the formulas that made them (LM1 and LM2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

Place = tuple[int, int]
"""Row and column, both counted from 1."""


@dataclass(frozen=True)
class Cell:
    """One filled cell: a number, a text, or nothing but a formula without a stored result.

    `formula` has no equals sign. `broken` says that the value is an error such as #REF!.
    """

    value: Decimal | str | None = None
    formula: str | None = None
    broken: bool = False

    @property
    def number(self) -> Decimal | None:
        return self.value if isinstance(self.value, Decimal) else None

    @property
    def text(self) -> str:
        """The text of the cell in one line, or nothing."""
        return " ".join(self.value.split()) if isinstance(self.value, str) else ""


EMPTY = Cell()


@dataclass(frozen=True)
class Sheet:
    """The filled cells of one sheet."""

    name: str
    cells: Mapping[Place, Cell]

    def at(self, row: int, column: int) -> Cell:
        return self.cells.get((row, column), EMPTY)


@dataclass(frozen=True)
class Workbook:
    """All sheets, hidden ones too, in the workbook's order."""

    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, order=True)
class Address:
    """Where a cell stands; sorts by sheet as named, row and column."""

    sheet: str
    row: int
    column: int

    @property
    def cell(self) -> str:
        """Such as `B7`."""
        return f"{letters(self.column)}{self.row}"

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell}"


def letters(column: int) -> str:
    """The name of a column: 1 is A, 27 is AA."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def column_number(name: str) -> int:
    """The reverse of `letters`."""
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
