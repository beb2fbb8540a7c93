"""What holds from one change to the next: how much is charged as the life passes (DP13, DP19).

Between two changes an asset's charges follow one curve over one clock. A change ends the stretch
and begins another one: over what is left of the base and of the life, within the same years.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import cast

from bursar.core.calc.depreciation.clock import (
    HALF,
    Clock,
    clock,
    days_passed,
    first_part,
    month_of,
    months_of_first_year,
    name_of,
    number_of,
)
from bursar.core.calc.depreciation.form import Bounds, Form
from bursar.core.calc.depreciation.macrs import percentages
from bursar.core.calc.depreciation.methods import Base, Curve, Declining, curve, yearly
from bursar.core.calc.depreciation.terms import Convention, Method, Terms, property_years

_BY_YEARS = (Convention.HALF_YEAR, Convention.MID_QUARTER)
_BY_DAYS = (Convention.ACTUAL_DAYS, Convention.DAYS_OF_YEAR, Convention.DAYS_360)
_DECLINING = (Method.DECLINING_BALANCE, Method.DECLINING_THEN_LINEAR)
_MIDDLE = 15
_CENTURY = 1_300
"""Months after which a life of at most 1200 has ended under every convention."""
ZERO = Fraction(0)


@dataclass
class State:
    """Exact figures while the months are walked; amounts charged so far are rounded apart."""

    cost: Decimal
    accumulated: Fraction
    residual_value: Fraction
    life_months: int
    year_book: Fraction | None = None
    """Book value at the beginning of the year in which a change falls, as the change leaves it:
    what a declining balance charges the rest of that year on. None: from the book value."""
    gone: bool = False

    @property
    def book_value(self) -> Fraction:
        return Fraction(self.cost) - self.accumulated


@dataclass(frozen=True)
class Stretch:
    """From one change to the next: what was charged when it began, and the curve since."""

    start: Fraction
    """Months of life passed when it began."""
    base: Fraction
    """Accumulated when it began."""
    curve: Curve | None
    """None once all of the asset is disposed of."""
    clock: Clock
    book_value: Fraction = ZERO
    """When it began."""
    year_book: Fraction = ZERO
    """Book value at the beginning of the year in which it began."""

    def accumulated(self, place: int) -> Fraction:
        """At the end of a month, by its place since the month in service."""
        return self.at(self.clock(place))

    def at(self, passed: Fraction) -> Fraction:
        """Accumulated once so many months of the life have passed."""
        return self.base if self.curve is None else self.base + self.curve.at(passed - self.start)

    def book_at_year(self, terms: Terms, passed: Fraction) -> Fraction:
        """Book value at the beginning of the year that a moment lies in."""
        begin = passed - _elapsed(terms, passed)[0]
        if self.curve is None or begin < self.start:
            return self.year_book
        return self.book_value - self.curve.at(begin - self.start)


def begun(terms: Terms) -> State:
    """MACRS charges the whole cost, whatever the residual value in other books is."""
    residual = ZERO if terms.method is Method.MACRS else Fraction(terms.residual_value)
    before = Fraction(terms.opening.accumulated) if terms.opening else ZERO
    return State(terms.cost, before, residual, terms.useful_life_months)


def stretch(terms: Terms, state: State, start: Fraction, place: int) -> Stretch:
    """What holds from a moment on; `place` is the month before it."""
    time = clock_of(terms)
    if state.gone:
        return Stretch(start, ZERO, None, time)
    year_book = state.year_book
    if year_book is None:
        year_book = _book_before(terms, state, start)
    shape = _curve(terms, state, (start, year_book), place)
    return Stretch(start, state.accumulated, shape, time, state.book_value, year_book)


def passed_before(terms: Terms, place: int, day: date) -> Fraction:
    """Months of life that have passed when a change comes (rule DP19): by days those before its
    day, else those before its month."""
    convention = convention_of(terms)
    if convention in _BY_DAYS:
        passed = days_passed(convention, terms.in_service_date, _days_life(terms), day)
        return max(passed, ZERO) if passed is not None else ZERO
    return clock_of(terms)(place - 1) if place > 0 else ZERO


def passed_at_disposal(terms: Terms, place: int, day: date) -> Fraction:
    """Months of life that count for what is disposed of on a day (rule DP22)."""
    convention = convention_of(terms)
    before = passed_before(terms, place, day)
    if convention in _BY_YEARS:
        return _year_of_disposal(terms, place, day)
    late = day.day > _MIDDLE
    if place <= 0:
        early = terms.in_service_date.day <= _MIDDLE
        both = convention is Convention.HALF_MONTH and early and late
        return HALF if both else before
    if convention is Convention.NEXT_MONTH:
        return clock_of(terms)(place)
    half = convention is Convention.MID_MONTH or (convention is Convention.HALF_MONTH and late)
    return before + HALF if half else before


def _year_of_disposal(terms: Terms, place: int, day: date) -> Fraction:
    """The year of a disposal counts six months, or up to the middle of its quarter; the year in
    which the asset was put in service too counts nothing."""
    first = months_of_first_year(terms.in_service_date, terms.fiscal_start_month)
    if place < first:
        return ZERO
    convention = convention_of(terms)
    years = (place - first) // 12
    part = first_part(convention, terms.in_service_date, terms.fiscal_start_month)
    counted = 12 - first_part(convention, day, terms.fiscal_start_month)
    return part + 12 * years + counted


def convention_of(terms: Terms) -> Convention:
    """The convention that counts: told amounts go by whole months, MACRS by its own two."""
    if terms.method in (Method.UNITS, Method.MANUAL):
        return Convention.FULL_MONTH
    if terms.method is Method.MACRS and terms.convention is not Convention.MID_QUARTER:
        return Convention.HALF_YEAR
    return terms.convention


def clock_of(terms: Terms) -> Clock:
    return clock(
        convention_of(terms), terms.in_service_date, _days_life(terms),
        fiscal_start_month=terms.fiscal_start_month,
    )  # fmt: skip


def exact_shares(terms: Terms) -> list[Fraction]:
    """What has accumulated at each month's end, of a cost of one, exactly; of an asset that
    nothing happened to and that does not decline."""
    state = begun(terms)
    whole = Fraction(terms.cost) - state.residual_value
    only = stretch(terms, state, ZERO, -1)
    found: list[Fraction] = []
    while not found or found[-1] < whole:
        found.append(only.accumulated(len(found)))
        if len(found) > _CENTURY:
            service = name_of(month_of(terms.in_service_date))
            raise ValueError(f"the asset in service in {service} is never charged")
    return [share / Fraction(terms.cost) for share in found]


def declining_shares(terms: Terms, bounds: Bounds) -> list[Form]:
    """As `exact_shares` of a declining balance, for a cost of one and the residual value of the
    bounds as the unknown."""
    life = Fraction(terms.useful_life_months)
    one = Form(Fraction(1), ZERO, bounds)
    residual = Form(ZERO, Fraction(1), bounds)
    # The curve only adds, scales and compares amounts, which forms do as fractions do.
    base = Base(
        cast("Fraction", one), cast("Fraction", residual), life, Fraction(1), life,
        _elapsed(terms, ZERO)[1], cast("Fraction", one),
    )  # fmt: skip
    shape, time = curve(terms.method, base, _how(terms, begun(terms))), clock_of(terms)
    forms: list[Form] = []
    while not forms or time(len(forms) - 1) < life:
        forms.append(one * 0 + cast("Form", shape.at(time(len(forms)))))
    return forms


def _days_life(terms: Terms) -> int:
    """The life whose days the clock counts: the first one; a new life only changes what is left."""
    return max(terms.useful_life_months, 1)


def _elapsed(terms: Terms, passed: Fraction) -> tuple[Fraction, Fraction]:
    """Months of its year that have passed at a moment, and those that are left of it.

    Years run from the month in service, by half-year and mid-quarter they are fiscal years; what
    declines by months has years of one month.
    """
    if terms.monthly:
        return passed % 1, 1 - passed % 1
    convention = convention_of(terms)
    if convention in _BY_YEARS:
        part = first_part(convention, terms.in_service_date, terms.fiscal_start_month)
        if passed < part:
            return passed, part - passed
        passed -= part
    return passed % 12, 12 - passed % 12


def _book_before(terms: Terms, state: State, start: Fraction) -> Fraction:
    """Book value at the beginning of the year of a take-over, had it declined since then."""
    how = _how(terms, state)
    if how is None:
        return state.book_value
    kept = 1 - how.yearly_rate * _elapsed(terms, start)[0] / 12
    return state.book_value / kept if kept > 0 else state.book_value


def _curve(terms: Terms, state: State, now: tuple[Fraction, Fraction], place: int) -> Curve:
    start, year_book = now
    if terms.method is Method.MACRS:
        return _macrs(terms, state, start)
    left = max(state.book_value - state.residual_value, ZERO)
    if terms.method is Method.UNITS:
        return _by_month(terms, place, left, _units(terms, place, left))
    if terms.method is Method.MANUAL:
        return _by_month(terms, place, left, lambda m: Fraction(terms.manual.get(m, Decimal(0))))
    base = Base(
        state.book_value, min(state.residual_value, state.book_value),
        Fraction(state.life_months) - start, Fraction(state.cost), Fraction(state.life_months),
        _elapsed(terms, start)[1], year_book,
    )  # fmt: skip
    if base.months <= 0:
        # The life is over already: what is left is charged with the next month.
        base = replace(base, months=Fraction(1))
    return curve(terms.method, base, _how(terms, state))


def _how(terms: Terms, state: State) -> Declining | None:
    if terms.method not in _DECLINING:
        return None
    rate = terms.rate
    if rate is None and terms.factor is not None:
        linear = terms.method is Method.DECLINING_THEN_LINEAR
        rate = terms.factor if linear else terms.factor * 12 / state.life_months
    return Declining(
        min(rate or Fraction(0), Fraction(1)), terms.switch,
        terms.method is Method.DECLINING_THEN_LINEAR, terms.monthly,
    )  # fmt: skip


def _macrs(terms: Terms, state: State, start: Fraction) -> Curve:
    """Percentages of the cost by tax year; a change scales what is left of them."""
    years = property_years(terms)
    part = first_part(convention_of(terms), terms.in_service_date, terms.fiscal_start_month)
    found = percentages(years, part)
    parts = [part, *[Fraction(12)] * (len(found) - 2), Fraction(12) - part]
    whole = yearly([Fraction(percent) / 100 for percent in found], parts)
    done, left = whole.at(start), state.book_value
    if done >= 1:
        return Curve((Fraction(0), Fraction(1)), (Fraction(0), left))
    later = [
        (m - start, c - done) for m, c in zip(whole.months, whole.charged, strict=True) if m > start
    ]
    return Curve(
        (Fraction(0), *(months for months, _ in later)),
        (Fraction(0), *(left * share / (1 - done) for _, share in later)),
    )


def _units(terms: Terms, place: int, left: Fraction) -> Callable[[str], Fraction]:
    """Each month's part of what is left, by its units of those that were to come."""
    after = name_of(month_of(terms.in_service_date) + place)
    used = sum((u for month, u in terms.units.items() if month <= after), Decimal(0))
    coming = Fraction(terms.units_total or 0) - Fraction(used)
    if coming <= 0:
        return lambda month: Fraction(0)
    return lambda month: left * Fraction(terms.units.get(month, Decimal(0))) / coming


def _by_month(terms: Terms, place: int, left: Fraction, amount: Callable[[str], Fraction]) -> Curve:
    """A curve with a corner at each month's end, for amounts told by month, up to what is left."""
    told = sorted({*terms.units, *terms.manual})
    origin = month_of(terms.in_service_date) + place + 1
    last = max((number_of(month) for month in told), default=origin)
    amounts = []
    for month in range(origin, max(last, origin) + 1):
        step = min(amount(name_of(month)), left)
        amounts.append(step)
        left -= step
    return yearly(amounts, [Fraction(1)] * len(amounts))
