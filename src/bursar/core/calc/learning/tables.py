"""Tables in a sheet: blocks of cells with a header, labels, numbers and totals (rules LM4-LM7)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from bursar.core.calc.learning.formulas import is_sum, ranges
from bursar.core.calc.learning.grid import Address, Cell, Place, Sheet, letters

_TOTAL = re.compile(
    r"(?:grand |sub-?|zwischen|end)?(?:total|totals|sum|sums|summe|summen|gesamt|gesamtsumme|"
    r"insgesamt|totaal|totale|somme|suma|razem|Σ|∑)(?:[ :(].*)?",
    re.IGNORECASE,
)
_CHECK = re.compile(
    r"(?:check|control|diff|difference|delta|kontrolle|pr(?:ü|ue)fung|differenz|rest|rounding)\b.*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Table:
    """One table. Rows and columns are those of the sheet; totals and checks stand apart."""

    sheet: Sheet
    header: int
    """The row that names the columns; 0 where none does."""
    names: dict[int, str]
    """The name of every column with cells."""
    label_columns: tuple[int, ...]
    columns: tuple[int, ...]
    """Columns of numbers that are no totals."""
    rows: tuple[int, ...]
    """Rows with numbers that are no totals."""
    total_columns: tuple[int, ...] = ()
    check_columns: tuple[int, ...] = ()
    total_rows: tuple[int, ...] = ()

    def label(self, row: int, column: int | None = None) -> str:
        """The row's label: the text in its first label column that has one."""
        for one in self.label_columns if column is None else (column,):
            text = self.sheet.at(row, one).text
            if text:
                return text
        return ""

    def address(self, row: int, column: int) -> Address:
        return Address(self.sheet.name, row, column)

    def cell(self, row: int, column: int) -> Cell:
        return self.sheet.at(row, column)

    def blocks(self) -> list[list[int]]:
        """Body rows in stretches that end before a total row."""
        found: list[list[int]] = [[]]
        for row in sorted((*self.rows, *self.total_rows)):
            if row in self.total_rows:
                found.append([])
            else:
                found[-1].append(row)
        return [block for block in found if block]


def is_total(text: str) -> bool:
    """Whether a label or column name says that sums stand there."""
    return _TOTAL.fullmatch(text.strip()) is not None


def is_check(text: str) -> bool:
    """Whether a column name says that differences stand there."""
    return _CHECK.fullmatch(text.strip()) is not None


def find_tables(sheet: Sheet) -> list[Table]:
    """The tables of a sheet from top to bottom, left to right."""
    filled = {place: cell for place, cell in sheet.cells.items() if cell.value is not None}
    found = []
    for rows in _stretches(row for row, _ in filled):
        inside = [place for place in filled if rows[0] <= place[0] <= rows[-1]]
        for columns in _joined(sheet, inside):
            here = [p for p in inside if columns[0] <= p[1] <= columns[-1]]
            table = _table(sheet, here)
            if table is not None:
                found.append(table)
    return found


def _stretches(numbers: Iterable[int]) -> list[list[int]]:
    """Sorted numbers cut where one is missing."""
    listed = sorted(set(numbers))
    return [
        [number for _, number in part]
        for _, part in groupby(enumerate(listed), key=lambda pair: pair[1] - pair[0])
    ]


def _joined(sheet: Sheet, places: Sequence[Place]) -> list[list[int]]:
    """Columns cut at empty ones; numbers without labels belong to the table at their left."""
    found: list[list[int]] = []
    for columns in _stretches(column for _, column in places):
        here = [sheet.at(*place) for place in places if place[1] == columns[0]]
        numbers = sum(cell.number is not None for cell in here)
        if found and numbers * 2 >= len(here):
            found[-1] += columns
        else:
            found.append(columns)
    return found


def _table(sheet: Sheet, places: Sequence[Place]) -> Table | None:
    numbered = sorted({r for r, c in places if sheet.at(r, c).number is not None})
    if not numbered:
        return None
    header, body = _header(sheet, places, numbered)
    columns = sorted({column for _, column in places})
    numeric, labels = [], []
    for column in columns:
        cells = [sheet.at(row, column) for row in body]
        numbers = sum(cell.number is not None for cell in cells)
        texts = sum(bool(cell.text) for cell in cells)
        if numbers and numbers >= texts:
            numeric.append(column)
        elif texts:
            labels.append(column)
    if not numeric or not body:
        return None
    names = {column: _name(sheet, header, column) for column in columns}
    plain = Table(sheet, header, names, tuple(labels), tuple(numeric), tuple(body))
    return _with_totals(plain)


def _header(
    sheet: Sheet, places: Sequence[Place], numbered: Sequence[int]
) -> tuple[int, list[int]]:
    """The header's row and the rows with numbers below it."""
    first = numbered[0]
    columns = sorted({column for _, column in places})
    above = _texts_above(sheet, first, columns)
    if above:
        return above, list(numbered)
    cells = [sheet.at(first, column) for column in columns]
    codes = [cell.number for cell in cells if cell.number is not None and not cell.formula]
    whole = all(code == code.to_integral_value() and code > 0 for code in codes)
    distinct = len(set(codes)) == len(codes) > 1
    if len(numbered) > 1 and whole and distinct and len(codes) == _numbers(cells):
        return first, list(numbered[1:])  # years, or cost centers that are numbers
    return 0, list(numbered)


def _numbers(cells: Sequence[Cell]) -> int:
    return sum(cell.number is not None for cell in cells)


def _texts_above(sheet: Sheet, first: int, columns: Sequence[int]) -> int:
    """The nearest row, at most three above, with a text over a column of numbers."""
    over = [column for column in columns if sheet.at(first, column).number is not None]
    for row in range(first - 1, max(first - 4, 0), -1):
        if any(sheet.at(row, column).text for column in over):
            return row
    return 0


def _name(sheet: Sheet, header: int, column: int) -> str:
    cell = sheet.at(header, column) if header else Cell()
    if cell.number is not None:
        return format(cell.number, "f")
    return cell.text or letters(column)


def _with_totals(table: Table) -> Table:
    """The same table with its totals and checks set apart."""
    checks = [c for c in table.columns if is_check(table.names[c])]
    rest = [c for c in table.columns if c not in checks]
    total_rows = [r for r in table.rows if _is_total_row(table, r, rest)]
    rows = [r for r in table.rows if r not in total_rows]
    totals = [c for c in rest if _is_total_column(table, c, rest, rows)]
    columns = tuple(c for c in rest if c not in totals)
    if not rows or not columns:
        return table
    return Table(
        table.sheet, table.header, table.names, table.label_columns, columns, tuple(rows),
        tuple(totals), tuple(checks), tuple(total_rows),
    )  # fmt: skip


def _is_total_row(table: Table, row: int, columns: Sequence[int]) -> bool:
    if any(is_total(table.sheet.at(row, c).text) for c in table.label_columns):
        return True
    if row == table.rows[0] or len(table.rows) < 3:
        return False
    cells = [(c, table.cell(row, c)) for c in columns if table.cell(row, c).number is not None]
    return bool(cells) and all(_sums_above(cell, row, c) for c, cell in cells)


def _sums_above(cell: Cell, row: int, column: int) -> bool:
    if not cell.formula or not is_sum(cell.formula):
        return False
    named = ranges(cell.formula)
    return sum(r.size for r in named) > 1 and all(
        not r.sheet and r.left == r.right == column and r.bottom < row for r in named
    )


def _is_total_column(
    table: Table, column: int, columns: Sequence[int], rows: Sequence[int]
) -> bool:
    sums = [
        _sums_across(table.cell(row, column), row, column, columns)
        for row in rows
        if table.cell(row, column).number is not None
    ]
    if sums and sum(sums) * 2 > len(sums):
        return True
    last = all(is_total(table.names[c]) for c in columns if c > column)
    return is_total(table.names[column]) and last and len(columns) > 1


def _sums_across(cell: Cell, row: int, column: int, columns: Sequence[int]) -> bool:
    if not cell.formula or not is_sum(cell.formula):
        return False
    named = ranges(cell.formula)
    own = {c for r in named for c in range(r.left, min(r.right, max(columns)) + 1)}
    return (
        sum(r.size for r in named) > 1
        and column not in own
        and all(not r.sheet and r.top == r.bottom == row for r in named)
    )
