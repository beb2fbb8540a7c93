"""What tables say: a number for each of some names, or for each pair of names (rule LM8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import permutations

from bursar.core.calc.learning.grid import Address
from bursar.core.calc.learning.tables import Table
from bursar.core.money.amount import EXACT, exact_sum

MOST_LABEL_COLUMNS = 4
RESERVED = frozenset({"unallocated", "retained", "next", "unclassified"})
"""Words of the model for resting money; in a workbook they are names like others."""


@dataclass(frozen=True)
class Figure:
    """A number of the workbook, the cells that it comes from (mostly one), and whether a formula
    made it."""

    amount: Decimal
    places: tuple[Address, ...]
    made: bool

    def plus(self, other: Figure) -> Figure:
        total = EXACT.add(self.amount, other.amount)
        return Figure(total, self.places + other.places, self.made or other.made)


@dataclass(frozen=True)
class Vector:
    """A number for each of some names: one column, one row or one part of a list."""

    name: str
    table: Table
    figures: Mapping[str, Figure]
    total: bool = False

    @property
    def typed(self) -> bool:
        return not any(figure.made for figure in self.figures.values())

    @property
    def where(self) -> str:
        """From its first to its last cell."""
        places = sorted(place for figure in self.figures.values() for place in figure.places)
        first, last = places[0], places[-1]
        return str(first) if first == last else f"{first}:{last.cell}"


@dataclass(frozen=True)
class Matrix:
    """A number for each pair of a giver and a target."""

    table: Table
    givers: tuple[str, ...]
    targets: tuple[str, ...]
    """In the order of the sheet, so that a stretch of them can be taken."""
    figures: Mapping[tuple[str, str], Figure]

    def row(self, giver: str, targets: tuple[str, ...]) -> dict[str, Figure]:
        return {t: self.figures[giver, t] for t in targets if (giver, t) in self.figures}

    @property
    def made(self) -> bool:
        """Whether most of it comes from formulas."""
        return sum(figure.made for figure in self.figures.values()) * 2 > len(self.figures)


@dataclass
class Names:
    """One spelling for each name, whatever its blanks and capitals are elsewhere."""

    known: dict[str, str] = field(default_factory=dict)

    def of(self, text: str) -> str:
        plain = " ".join(text.split())
        if plain.casefold() in RESERVED:
            plain += " (workbook)"
        return self.known.setdefault(plain.casefold(), plain)


def _figure(table: Table, row: int, column: int) -> Figure | None:
    cell = table.cell(row, column)
    if cell.number is None:
        return None
    return Figure(cell.number, (table.address(row, column),), cell.formula is not None)


def _keyed(table: Table, column: int, names: Names) -> dict[int, str]:
    """Row → label, where the labels of this column tell all rows apart; else nothing."""
    labels = {row: names.of(table.label(row, column)) for row in table.rows}
    filled = {row: label for row, label in labels.items() if label}
    return filled if len(set(filled.values())) == len(filled) else {}


def vectors(table: Table, names: Names) -> Iterator[Vector]:
    """Columns by row labels, rows by column names, and parts of lists by either label."""
    for label_column in table.label_columns[:MOST_LABEL_COLUMNS]:
        keyed = _keyed(table, label_column, names)
        for column in (*table.columns, *table.total_columns) if len(keyed) > 1 else ():
            found = {k: f for row, k in keyed.items() if (f := _figure(table, row, column))}
            if found:
                total = column in table.total_columns
                yield Vector(names.of(table.names[column]), table, found, total)
    named = {column: names.of(table.names[column]) for column in table.columns}
    if table.header and len(set(named.values())) == len(named) > 1:
        for row in (*table.rows, *table.total_rows):
            found = {n: f for c, n in named.items() if (f := _figure(table, row, c))}
            if len(found) > 1:
                label = names.of(table.label(row) or f"row {row}")
                yield Vector(label, table, found, row in table.total_rows)
    for listed, column in _lists(table, names):
        for giver in listed.givers:
            row_figures = listed.row(giver, listed.targets)
            if len(row_figures) > 1:
                yield Vector(f"{table.names[column]} of {giver}", table, row_figures)


def matrices(table: Table, names: Names) -> Iterator[Matrix]:
    """The table as givers by targets, both ways, and its list as pairs, both ways."""
    named = {column: names.of(table.names[column]) for column in table.columns}
    for label_column in table.label_columns[:MOST_LABEL_COLUMNS]:
        keyed = _keyed(table, label_column, names)
        if not keyed or not table.header or len(set(named.values())) < len(named):
            continue
        figures = {
            (label, name): figure
            for row, label in keyed.items()
            for column, name in named.items()
            if (figure := _figure(table, row, column))
        }
        rows, columns = tuple(keyed.values()), tuple(named.values())
        turned = {(name, label): figure for (label, name), figure in figures.items()}
        yield Matrix(table, rows, columns, figures)
        yield Matrix(table, columns, rows, turned)
    for listed, _ in _lists(table, names):
        yield listed


def _lists(table: Table, names: Names) -> Iterator[tuple[Matrix, int]]:
    """Long lists: two columns of labels, and each column of numbers by their pairs."""
    labels = table.label_columns[:MOST_LABEL_COLUMNS]
    for one, other in permutations(labels, 2):
        if _keyed(table, one, names) or _keyed(table, other, names):
            continue
        for column in table.columns:
            figures: dict[tuple[str, str], Figure] = {}
            for row in table.rows:
                pair = names.of(table.label(row, one)), names.of(table.label(row, other))
                figure = _figure(table, row, column)
                if figure is not None and all(pair):
                    known = figures.get(pair)
                    figures[pair] = known.plus(figure) if known else figure
            givers = tuple(dict.fromkeys(giver for giver, _ in figures))
            targets = tuple(dict.fromkeys(target for _, target in figures))
            if len(givers) > 1 or len(targets) > 1:
                yield Matrix(table, givers, targets, figures), column


def whole(figures: Mapping[str, Figure]) -> Decimal:
    """Their exact sum."""
    return exact_sum(figure.amount for figure in figures.values())
