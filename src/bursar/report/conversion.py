"""Figures in another currency: which rate each period, currency and entity gets, and its way.

Facts stay in the currency they came in. A figure is converted by one stated rate for each posting
period and currency, of 24 digits after the point, so that parts add up to their total exactly
(rules V10-V13). A missing rate is a refusal that lists what could not be converted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from bursar.core.money.amount import EXACT, exact_text
from bursar.core.money.conversion import Way, number_text, shown_amount
from bursar.core.money.currency import has_rates, minor_digits
from bursar.core.refusal import Refused
from bursar.office.reference.entities import default_entity, entities
from bursar.office.reference.models import RateType
from bursar.office.reference.rates import reporting_currency, require_type, way
from bursar.report.errors import MissingRates
from bursar.report.periods import first_day, last_day

TRANSACTION, FUNCTIONAL, REPORTING = VIEWS = ("transaction", "functional", "reporting")
"""As billed; in each legal entity's own currency; in the one currency of consolidated figures."""

_SHOWN = 5
_ONE = Decimal(1)
Cell = tuple[str, str, str]
"""(posting period, currency, legal entity)"""


@dataclass(frozen=True)
class CurrencyView:
    """What figures are shown in: one of the three views or a currency, by which rates.

    `at` holds the rates of one period for all periods, so that only the money itself moves.
    """

    view: str = TRANSACTION
    rate: str = RateType.AVERAGE
    at: str | None = None

    def __post_init__(self) -> None:
        if self.view not in VIEWS:
            minor_digits(self.view)  # refuses what is no currency
        require_type(self.rate)

    @property
    def converts(self) -> bool:
        return self.view != TRANSACTION

    @cached_property
    def currency(self) -> str | None:
        """The one currency of all figures; None where entities keep their own."""
        if self.view == REPORTING:
            return reporting_currency()
        return None if self.view in VIEWS else self.view

    @property
    def words(self) -> str:
        """How figures were converted, for headers and exports."""
        if not self.converts:
            return "as billed, each currency apart"
        into = f"in {self.currency}" if self.currency else "in each entity's own currency"
        kind = RateType(self.rate)
        rates = {
            RateType.AVERAGE: "average rates",
            RateType.CLOSING: "closing rates",
            RateType.PLAN: "plan rates",
        }[kind]
        return f"{into}, at the {rates} of {self.at or 'each period'}"


AS_BILLED = CurrencyView()


@dataclass
class Converter:
    """Gives every cell its rate, once, and remembers the ways for the figure to tell."""

    view: CurrencyView
    ways: dict[tuple[str, str, str], Way] = field(default_factory=dict)
    missing: dict[tuple[str, str, str], Refused] = field(default_factory=dict)

    @cached_property
    def _functional(self) -> dict[str, str]:
        return {owner.code: owner.currency for owner in entities()}

    def target(self, entity: str) -> str:
        """The currency that an entity's money is shown in."""
        return self.view.currency or self._functional.get(entity) or default_entity().currency

    def rate(self, cell: Cell) -> Decimal | None:
        """The rate of a cell; None where there is none, which `missing` explains."""
        period, currency, entity = cell
        key = (self.view.at or period, currency, self.target(entity))
        if key[1] == key[2]:
            return _ONE
        if key not in self.ways and key not in self.missing:
            try:
                self.ways[key] = period_way(self.view.rate, *key)
            except Refused as refusal:
                self.missing[key] = refusal
        return self.ways[key].figure_rate if key in self.ways else None

    def convert(
        self, cells: Iterable[tuple[Cell, tuple[Any, ...], Decimal]]
    ) -> dict[tuple[Any, ...], Decimal]:
        """(currency, values) → exact sums. Refusals: report.missing_rate."""
        found: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
        left: dict[str, Decimal] = defaultdict(Decimal)
        for cell, values, amount in cells:
            rate = self.rate(cell) if amount else _ONE
            if rate is None:
                left[cell[1]] = EXACT.add(left[cell[1]], amount)
                continue
            key = (self.target(cell[2]), *values)
            found[key] = EXACT.add(found[key], EXACT.multiply(amount, rate))
        if left:
            raise self._refusal(left)
        return found

    def _refusal(self, left: dict[str, Decimal]) -> MissingRates:
        lacking = sorted(self.missing)
        told = "; ".join(
            f"{source} to {target} in {period}" for period, source, target in lacking[:_SHOWN]
        )
        more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
        amounts = ", ".join(f"{exact_text(left[code])} {code}" for code in sorted(left))
        return MissingRates(
            f"There is no figure {self.view.words}, because a rate is missing: {told}{more}. "
            f"Not converted: {amounts}. {self.missing[lacking[0]].message}",
            unconverted=tuple(sorted(left.items())),
        )

    def to_json(self) -> dict[str, Any]:
        """`{"view", "currency", "rate_type", "at", "words", "rates"}`, rates with their ways."""
        return {
            "view": self.view.view,
            "currency": self.view.currency,
            "rate_type": str(self.view.rate),
            "at": self.view.at,
            "words": self.view.words,
            "rates": [
                {
                    "period": period,
                    "from": source,
                    "to": target,
                    "rate": exact_text(self.ways[period, source, target].figure_rate),
                    "path": [leg.to_json() for leg in self.ways[period, source, target].legs],
                }
                for period, source, target in sorted(self.ways)
            ],
        }


def period_way(kind: str, period: str, source: str, target: str) -> Way:
    """The way of a posting period by rates of a type. Refusals: fx.missing_rate, fx.stale_rate."""
    start, end = first_day(period), last_day(period) + timedelta(days=1)
    return way(kind, source, target, start=start, end=end)


@dataclass(frozen=True)
class ReportingAmount:
    """An amount of a period beside itself in the reporting currency, or why there is none."""

    currency: str
    amount: Decimal | None
    way: Way | None
    missing: str = ""

    def to_json(self) -> dict[str, Any]:
        """`{"currency", "amount", "rate", "path", "missing"}`; the amount has every digit."""
        return {
            "currency": self.currency,
            "amount": None if self.amount is None else exact_text(self.amount),
            "rate": exact_text(self.way.figure_rate) if self.way else None,
            "path": [leg.to_json() for leg in self.way.legs] if self.way else [],
            "missing": self.missing,
        }


def reporting_amount(amount: Decimal, currency: str, period: str) -> ReportingAmount | None:
    """The amount at the period's average rate; None where it is in that currency already."""
    target = reporting_currency()
    if target == currency:
        return None
    try:
        found = period_way(RateType.AVERAGE, period, currency, target)
    except Refused as refusal:
        return ReportingAmount(target, None, None, refusal.message)
    return ReportingAmount(target, EXACT.multiply(amount, found.figure_rate), found)


@dataclass(frozen=True)
class ConvertedAmount:
    """One amount in another currency; the fraction is exact where decimals never end."""

    amount: Fraction
    currency: str
    kind: str
    way: Way

    def to_json(self) -> dict[str, Any]:
        """`{"amount_exact", "amount", "path": [{"from", "to", "rate", "date"}]}` and more."""
        return {
            "amount_exact": number_text(self.amount),
            "amount": f"{shown_amount(self.amount, self.currency):f}",
            "amount_fraction": f"{self.amount.numerator}/{self.amount.denominator}",
            "currency": self.currency,
            "type": self.kind,
            "path": [leg.to_json() for leg in self.way.legs],
        }


def convert_amount(
    amount: Decimal, source: str, target: str, *, day: date, kind: str = RateType.CLOSING
) -> ConvertedAmount:
    """An amount of one day in another currency; an average is that of the day's month.

    Refusals: currency.unknown, fx.unknown_type, fx.missing_rate, fx.stale_rate.
    """
    for code in (source, target):
        if not has_rates(code):
            minor_digits(code)  # refuses it in its own words
    start, end = day, day + timedelta(days=1)
    if require_type(kind) == RateType.AVERAGE:
        start = day.replace(day=1)
        end = (start + timedelta(days=32)).replace(day=1)
    found = way(kind, source, target, start=start, end=end)
    return ConvertedAmount(Fraction(amount) * found.rate, target, kind, found)
