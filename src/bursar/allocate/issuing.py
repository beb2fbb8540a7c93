"""What was issued before in the fiscal year: the ground on which a document is rounded.

A document prints the rounded year to date less what the documents before it printed, so nobody
gains a cent every month by standing first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from bursar.allocate.models import Statement
from bursar.core.calc.fiscal import FiscalCalendar
from bursar.core.money.amount import exact_sum, exact_text
from bursar.office.calendar.periods import calendar_of


class Payer(NamedTuple):
    """Whom a statement is for: one consumer, in one legal entity and currency."""

    consumer: str
    legal_entity: str
    currency: str


@dataclass(frozen=True)
class Issued:
    """What one payer was charged in some periods: exactly, and as printed."""

    exact: Decimal = Decimal(0)
    printed: Decimal = Decimal(0)


@dataclass
class IssuedBefore:
    """Statements in force by period, overlaid by those of the run under way."""

    periods: dict[str, dict[Payer, Issued]]
    _calendars: dict[str, FiscalCalendar] = field(default_factory=dict)

    def replace(self, period: str, issued: Mapping[Payer, Issued]) -> None:
        """What the run under way issues for a period counts instead of what is in force."""
        self.periods[period] = dict(issued)

    def before(self, period: str) -> dict[Payer, Issued]:
        """Per payer, everything that earlier periods of the same fiscal year issued."""
        found: dict[Payer, list[Issued]] = {}
        for earlier, issued in self.periods.items():
            if earlier >= period:
                continue
            for payer, charge in issued.items():
                if self._year(payer.legal_entity, earlier) == self._year(
                    payer.legal_entity, period
                ):
                    found.setdefault(payer, []).append(charge)
        return {payer: _together(charges) for payer, charges in sorted(found.items())}

    def _year(self, entity: str, period: str) -> int:
        if entity not in self._calendars:
            self._calendars[entity] = calendar_of(entity)
        return self._calendars[entity].period(period).fiscal_year


def issued_in_force(basis: str, scenario: str) -> IssuedBefore:
    """Everything issued by runs in force."""
    rows = Statement.objects.filter(
        run_period__basis=basis,
        run_period__scenario=scenario,
        run_period__superseded_at__isnull=True,
    ).values_list("period", "consumer", "legal_entity", "currency", "total", "document_total")
    periods: dict[str, dict[Payer, Issued]] = {}
    for period, consumer, entity, currency, total, printed in rows:
        payer = Payer(consumer, entity, currency)
        periods.setdefault(period, {})[payer] = Issued(Decimal(total), Decimal(printed))
    return IssuedBefore(periods)


def as_json(issued: Mapping[Payer, Issued]) -> list[list[Any]]:
    """What a run freezes of it."""
    return [
        [*payer, exact_text(charge.exact), exact_text(charge.printed)]
        for payer, charge in sorted(issued.items())
    ]


def _together(charges: Iterable[Issued]) -> Issued:
    listed = list(charges)
    return Issued(exact_sum(c.exact for c in listed), exact_sum(c.printed for c in listed))
