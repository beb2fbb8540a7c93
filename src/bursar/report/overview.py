"""The front page's figures: key figures with their past, months by pool, and consumers ranked."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.office.people.scope import Scope
from bursar.report.money_flow import MoneyFlow


@dataclass(frozen=True)
class Kpi:
    """One key figure: an amount or a ratio, what it was a period before, and its past."""

    key: str
    label: str
    amount: Decimal | None
    """Money in the overview's currency; None where the figure is a ratio or a count."""
    ratio: Decimal | None
    """Between 0 and 1, four digits; None where the figure is money."""
    previous: Decimal | None
    """The same figure one period earlier, in the same unit; None where there is none."""
    change: Decimal | None
    change_ratio: Decimal | None
    past: tuple[tuple[str, Decimal], ...]
    """(period, value), oldest first, the sparkline's points."""
    filters: tuple[tuple[str, str], ...]
    """Opens the Costs page on the rows behind the figure."""
    note: str


@dataclass(frozen=True)
class MonthAmount:
    period: str
    pool: str
    amount: Decimal


@dataclass(frozen=True)
class ConsumerRow:
    """One business unit's cost: share of the total and change to the period before."""

    consumer: str
    amount: Decimal
    share: Decimal
    previous: Decimal | None
    change: Decimal | None
    past: tuple[tuple[str, Decimal], ...]
    has_children: bool


@dataclass(frozen=True)
class Overview:
    basis: str
    currency: str
    currencies: tuple[str, ...]
    legal_entity: str | None
    period: str | None
    """The period the key figures are of; None where nothing was recorded yet."""
    periods: tuple[str, ...]
    """The periods of sparklines and months, oldest first, ending with `period`."""
    was_run: bool
    kpis: tuple[Kpi, ...]
    flow: MoneyFlow | None
    months: tuple[MonthAmount, ...]
    consumers: tuple[ConsumerRow, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError


def overview(
    scope: Scope,
    *,
    period: str | None = None,
    currency: str | None = None,
    legal_entity: str | None = None,
    basis: str = "effective",
    focus: str | None = None,
    months: int = 24,
) -> Overview:
    """The overview of one currency (the one with most money where none is named) and period."""
    raise NotImplementedError
