"""Arranging a report's rows as a table of two dimensions; sums are exact sums of the cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bursar.core.money.amount import EXACT
from bursar.report.costs import CostRow

MOST_COLUMNS = 24
OTHER = "Other"
IN_ORDER = ("period", "day", "charge_period_start")


@dataclass
class PivotRow:
    """One row: its value of the first dimension, its cells in the order of the columns."""

    value: str
    cells: dict[str, Decimal] = field(default_factory=dict)
    total: Decimal = Decimal(0)

    def add(self, column: str, amount: Decimal) -> None:
        self.cells[column] = EXACT.add(self.cells.get(column, Decimal(0)), amount)
        self.total = EXACT.add(self.total, amount)


@dataclass(frozen=True)
class Pivot:
    """Rows by size, columns by size or, for time, in order; the foot sums each column."""

    columns: tuple[str, ...]
    rows: tuple[PivotRow, ...]
    foot: PivotRow
    largest: Decimal


def pivot(rows: Iterable[CostRow], *, by: str, across: str = "", sort: str = "total") -> Pivot:
    """The rows of one currency as a table; without `across` there is only the total."""
    table: dict[str, PivotRow] = {}
    foot = PivotRow(value="Total")
    for row in rows:
        value = row.dimensions.get(by) or ""
        column = (row.dimensions.get(across) or "") if across else ""
        table.setdefault(value, PivotRow(value=value)).add(column, row.amount)
        foot.add(column, row.amount)
    columns = _columns(foot, across)
    if OTHER in columns and across:
        kept = set(columns)
        for each in (*table.values(), foot):
            _join_small(each, kept)
    ordered = sorted(table.values(), key=lambda row: row.value)
    if sort != "name" and by not in IN_ORDER:
        ordered.sort(key=lambda row: -abs(row.total))
    largest = max((abs(row.total) for row in ordered), default=Decimal(0))
    return Pivot(columns if across else (), tuple(ordered), foot, largest)


def _columns(foot: PivotRow, across: str) -> tuple[str, ...]:
    if across in IN_ORDER:
        return tuple(sorted(foot.cells))[-MOST_COLUMNS:]
    by_size: Sequence[str] = sorted(foot.cells, key=lambda c: (-abs(foot.cells[c]), c))
    if len(by_size) <= MOST_COLUMNS:
        return tuple(by_size)
    return (*by_size[: MOST_COLUMNS - 1], OTHER)


def _join_small(row: PivotRow, kept: set[str]) -> None:
    rest = Decimal(0)
    for column in [c for c in row.cells if c not in kept or c == OTHER]:
        rest = EXACT.add(rest, row.cells.pop(column))
    if rest:
        row.cells[OTHER] = rest
