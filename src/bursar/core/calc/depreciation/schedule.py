"""An asset's months: what was charged, added, impaired and disposed of, and what is left.

The exact accumulated depreciation at each month's end is rounded once, and the month is charged
the difference to the one before (rule DP18, as M10). What happened on a day changes only what
comes after it (rules DP19-DP24).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import cast

from bursar.core.calc.depreciation.clock import (
    Clock,
    clock,
    days_passed,
    first_part,
    last_day,
    month_of,
    name_of,
)
from bursar.core.calc.depreciation.form import Bounds, Form
from bursar.core.calc.depreciation.macrs import percentages
from bursar.core.calc.depreciation.methods import Base, Curve, Declining, curve, yearly
from bursar.core.calc.depreciation.terms import (
    Change,
    Convention,
    Happened,
    Method,
    Terms,
    require_sound,
)
from bursar.core.money.rounding import round_half_up

_BY_YEARS = (Convention.HALF_YEAR, Convention.MID_QUARTER)
_BY_DAYS = (Convention.ACTUAL_DAYS, Convention.DAYS_OF_YEAR, Convention.DAYS_360)
NOTHING = Decimal(0)
_CENTURY = 1_300
"""Months after which a life of at most 1200 has ended under every convention."""


@dataclass(frozen=True)
class Month:
    """One month of the schedule; all amounts have the currency's digits.

    `accumulated` holds depreciation and impairment. `depreciation` + `impairment` is what the
    month costs, with `gain_or_loss` (a loss is negative) of what was disposed of in it.
    """

    month: str
    opening_cost: Decimal
    added: Decimal
    disposed_cost: Decimal
    opening_accumulated: Decimal
    depreciation: Decimal
    impairment: Decimal
    disposed_accumulated: Decimal
    proceeds: Decimal

    @property
    def cost(self) -> Decimal:
        """At the month's end."""
        return self.opening_cost + self.added - self.disposed_cost

    @property
    def accumulated(self) -> Decimal:
        """At the month's end."""
        charged = self.depreciation + self.impairment
        return self.opening_accumulated + charged - self.disposed_accumulated

    @property
    def book_value(self) -> Decimal:
        """At the month's end."""
        return self.cost - self.accumulated

    @property
    def gain_or_loss(self) -> Decimal:
        """Of what was disposed of: proceeds less its book value; a loss is negative."""
        return self.proceeds - (self.disposed_cost - self.disposed_accumulated)


def schedule(terms: Terms, *, through: date | None = None) -> list[Month]:
    """The months from the one in service, or of the opening, to the end.

    Without `through` it ends where nothing more can happen; with it, at that day's month, with
    months of zero where all is charged. Refusals: depreciation.bad_terms.
    """
    require_sound(terms)
    return list(_months(terms, through))


def as_of(terms: Terms, day: date) -> Month | None:
    """The last month that had ended by a day, or None before the first one had."""
    rows = schedule(terms, through=day)
    ended = [row for row in rows if last_day(_number(row.month)) <= day]
    return ended[-1] if ended else None


def exact_shares(terms: Terms) -> list[Fraction]:
    """What has accumulated at each month's end, exactly, of an asset that nothing happened to."""
    origin = month_of(terms.in_service_date)
    state = _begun(terms)
    stretch = _stretch(terms, state, -1, None)
    whole = Fraction(terms.cost) - state.residual_value
    found: list[Fraction] = []
    while not found or found[-1] < whole:
        found.append(stretch.accumulated(len(found)))
        if len(found) > _CENTURY:
            raise ValueError(f"the asset in service in {name_of(origin)} is never charged")
    return [share / Fraction(terms.cost) for share in found]


def declining_shares(terms: Terms, bounds: Bounds) -> list[Form]:
    """As `exact_shares` of a declining balance, for a cost of one and the residual value of the
    bounds as the unknown."""
    life, convention = Fraction(terms.useful_life_months), _convention(terms)
    one = Form(Fraction(1), Fraction(0), bounds)
    residual = Form(Fraction(0), Fraction(1), bounds)
    part = Fraction(12)
    if convention in _BY_YEARS:
        part = first_part(convention, terms.in_service_date, terms.fiscal_start_month)
    # The curve only adds, scales and compares amounts, which forms do as fractions do.
    base = Base(cast("Fraction", one), cast("Fraction", residual), life, Fraction(1), life, part)
    shape, time = curve(terms.method, base, _how(terms, _begun(terms))), _clock(terms)
    forms: list[Form] = []
    place = 0
    while not forms or time(place - 1) < life:
        forms.append(one * 0 + cast("Form", shape.at(time(place))))
        place += 1
    return forms


@dataclass
class _State:
    """Exact figures while the months are walked; amounts charged so far are rounded apart."""

    cost: Decimal
    accumulated: Fraction
    residual_value: Fraction
    life_months: int
    gone: bool = False


@dataclass(frozen=True)
class _Stretch:
    """From one change to the next: what was charged when it began, and the curve since."""

    start: Fraction
    """Months of life passed when it began."""
    base: Fraction
    """Accumulated when it began."""
    curve: Curve | None
    clock: Clock

    def accumulated(self, place: int) -> Fraction:
        if self.curve is None:
            return self.base
        return self.base + self.curve.at(self.clock(place) - self.start)


def _begun(terms: Terms) -> _State:
    """MACRS charges the whole cost, whatever the residual value in other books is."""
    residual = Fraction(0) if terms.method is Method.MACRS else Fraction(terms.residual_value)
    before = Fraction(terms.opening.accumulated) if terms.opening else Fraction(0)
    return _State(terms.cost, before, residual, terms.useful_life_months)


def _months(terms: Terms, through: date | None) -> Iterator[Month]:
    origin = month_of(terms.in_service_date)
    opening = terms.opening
    first = month_of(opening.day) if opening else origin
    state = _begun(terms)
    changes = sorted(terms.changes, key=lambda change: change.day)
    pending = [c for c in changes if month_of(c.day) >= first]
    _take_over(terms, state, [c for c in changes if month_of(c.day) < first])
    stretch = _stretch(terms, state, first - 1 - origin, opening.day if opening else None)
    rounded = round_half_up(state.accumulated, terms.digits)
    last = month_of(through) if through else None
    month = first
    while last is None or month <= last:
        here = [c for c in pending if month_of(c.day) == month]
        row, stretch = _one(terms, state, stretch, (month, here, rounded))
        yield row
        rounded = row.accumulated
        pending = pending[len(here) :]
        if last is None and not pending and _ended(terms, state, row, month):
            return
        month += 1


def _take_over(terms: Terms, state: _State, before: Sequence[Change]) -> None:
    """Changes before the opening stand in its figures already; their life and value hold on."""
    for change in before:
        if change.kind is Happened.LIFE and change.months:
            state.life_months = change.months
        if change.kind is Happened.RESIDUAL_VALUE and change.amount is not None:
            state.residual_value = Fraction(change.amount)


def _one(
    terms: Terms, state: _State, stretch: _Stretch, now: tuple[int, Sequence[Change], Decimal]
) -> tuple[Month, _Stretch]:
    """One month: what its changes do, then what it charges."""
    month, changes, opening_accumulated = now
    place = month - month_of(terms.in_service_date)
    opening_cost, added, impaired, out_cost, out_accumulated, proceeds = state.cost, *(NOTHING,) * 5
    for change in changes:
        if state.gone:
            break
        state.accumulated = _before(terms, stretch, place, change)
        if change.kind is Happened.DISPOSAL:
            cost, gone = _disposed(terms, state, change)
            out_cost, out_accumulated = out_cost + cost, out_accumulated + gone
            proceeds += change.proceeds
        elif change.kind is Happened.IMPROVEMENT and change.amount is not None:
            added += change.amount
            state.cost += change.amount
        elif change.kind is Happened.IMPAIRMENT and change.amount is not None:
            loss = min(change.amount, _left(state, terms.digits))
            impaired += loss
            state.accumulated += Fraction(loss)
        elif change.kind is Happened.LIFE and change.months:
            state.life_months = change.months
        elif change.amount is not None:
            state.residual_value = Fraction(change.amount)
        stretch = _stretch(terms, state, place - 1, change.day)
    if not state.gone:
        state.accumulated = stretch.accumulated(place)
    closing = round_half_up(state.accumulated, terms.digits)
    charged = closing - opening_accumulated - impaired + out_accumulated
    row = Month(
        name_of(month), opening_cost, added, out_cost, opening_accumulated, charged, impaired,
        out_accumulated, proceeds,
    )  # fmt: skip
    return row, stretch


def _left(state: _State, digits: int) -> Decimal:
    """The book value, in whole cents: an impairment takes no more than there is."""
    return state.cost - round_half_up(state.accumulated, digits)


def _before(terms: Terms, stretch: _Stretch, place: int, change: Change) -> Fraction:
    """What has accumulated when a change comes (rule DP19): a month counts from its first day
    under the new state, but for conventions that count days or halves of months."""
    convention = _convention(terms)
    if stretch.curve is None:
        return stretch.base
    if convention in _BY_DAYS:
        passed = days_passed(convention, terms.in_service_date, _days_life(terms), change.day)
        if passed is not None:
            return stretch.base + stretch.curve.at(passed - stretch.start)
    passed = stretch.clock(place - 1) if place > 0 else Fraction(0)
    if change.kind is Happened.DISPOSAL and place > 0:
        passed += _half(convention, change.day) if convention not in _BY_YEARS else 0
        if convention is Convention.NEXT_MONTH:
            passed = stretch.clock(place)
    return stretch.base + stretch.curve.at(passed - stretch.start)


def _half(convention: Convention, day: date) -> Fraction:
    if convention is Convention.MID_MONTH:
        return Fraction(1, 2)
    late = convention is Convention.HALF_MONTH and day.day > 15
    return Fraction(1, 2) if late else Fraction(0)


def _disposed(terms: Terms, state: _State, change: Change) -> tuple[Decimal, Decimal]:
    """Cost and accumulated depreciation that go, each to the cent (rule DP22)."""
    share = change.share
    if share is None:
        share = (
            Fraction(1) if change.amount is None else Fraction(change.amount) / Fraction(state.cost)
        )
    cost = round_half_up(Fraction(state.cost) * share, terms.digits)
    gone = round_half_up(state.accumulated * share, terms.digits)
    if cost >= state.cost:
        cost, gone = state.cost, round_half_up(state.accumulated, terms.digits)
        state.cost, state.accumulated, state.gone = NOTHING, Fraction(0), True
        return cost, gone
    state.cost -= cost
    state.accumulated -= Fraction(gone)
    state.residual_value *= 1 - share
    return cost, gone


def _days_life(terms: Terms) -> int:
    """The life whose days the clock counts: the first one; a new life only changes what is left."""
    return max(terms.useful_life_months, 1)


def _stretch(terms: Terms, state: _State, place: int, day: date | None) -> _Stretch:
    """What holds from a change (or the beginning) on; `place` is the month before it."""
    time = _clock(terms)
    if _convention(terms) in _BY_DAYS and day is not None:
        start = days_passed(_convention(terms), terms.in_service_date, _days_life(terms), day)
        start = start if start is not None else Fraction(0)
    else:
        start = time(place) if place >= 0 else Fraction(0)
    if state.gone:
        return _Stretch(start, Fraction(0), None, time)
    shape = _curve(terms, state, start, place)
    return _Stretch(start, state.accumulated, shape, time)


def _convention(terms: Terms) -> Convention:
    """The convention that counts: told amounts go by whole months, MACRS by its own two."""
    if terms.method in (Method.UNITS, Method.MANUAL):
        return Convention.FULL_MONTH
    if terms.method is Method.MACRS and terms.convention is not Convention.MID_QUARTER:
        return Convention.HALF_YEAR
    return terms.convention


def _clock(terms: Terms) -> Clock:
    return clock(
        _convention(terms), terms.in_service_date, _days_life(terms),
        fiscal_start_month=terms.fiscal_start_month,
    )  # fmt: skip


def _curve(terms: Terms, state: _State, start: Fraction, place: int) -> Curve:
    book = Fraction(state.cost) - state.accumulated
    if terms.method is Method.MACRS:
        return _macrs(terms, state, start)
    if terms.method is Method.UNITS:
        return _by_month(terms, place, _units(terms, place, book - state.residual_value))
    if terms.method is Method.MANUAL:
        return _by_month(terms, place, lambda month: Fraction(terms.manual.get(month, NOTHING)))
    begun = place >= 0
    part = Fraction(12)
    if terms.convention in _BY_YEARS and not begun:
        part = first_part(terms.convention, terms.in_service_date, terms.fiscal_start_month)
    base = Base(
        book, min(state.residual_value, book), Fraction(state.life_months) - start,
        Fraction(state.cost), Fraction(state.life_months), part,
    )  # fmt: skip
    if base.months <= 0:
        # The life is over already: what is left is charged with the next month.
        base = replace(base, months=Fraction(1))
    return curve(terms.method, base, _how(terms, state))


def _how(terms: Terms, state: _State) -> Declining | None:
    if terms.method not in (Method.DECLINING_BALANCE, Method.DECLINING_THEN_LINEAR):
        return None
    rate = terms.rate
    if rate is None and terms.factor is not None:
        linear = terms.method is Method.DECLINING_THEN_LINEAR
        rate = terms.factor if linear else terms.factor * 12 / state.life_months
    return Declining(
        min(rate or Fraction(0), Fraction(1)), terms.switch,
        terms.method is Method.DECLINING_THEN_LINEAR, terms.monthly,
    )  # fmt: skip


def _macrs(terms: Terms, state: _State, start: Fraction) -> Curve:
    """Percentages of the cost by tax year; a change scales what is left of them."""
    years = terms.property_years or terms.useful_life_months // 12
    part = first_part(_convention(terms), terms.in_service_date, terms.fiscal_start_month)
    found = percentages(years, part)
    parts = [part, *[Fraction(12)] * (len(found) - 2), Fraction(12) - part]
    whole = yearly([Fraction(percent) / 100 for percent in found], parts)
    if start <= 0:
        scaled = [Fraction(state.cost) * share for share in whole.charged]
        return Curve(whole.months, tuple(scaled))
    done, left = whole.at(start), Fraction(state.cost) - state.accumulated
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
    used = sum((u for month, u in terms.units.items() if month <= after), NOTHING)
    coming = Fraction(terms.units_total or 0) - Fraction(used)
    if coming <= 0:
        return lambda month: Fraction(0)
    return lambda month: left * Fraction(terms.units.get(month, NOTHING)) / coming


def _by_month(terms: Terms, place: int, amount: Callable[[str], Fraction]) -> Curve:
    """A curve with a corner at each month's end, for amounts that are told by month."""
    told = sorted({*terms.units, *terms.manual})
    origin = month_of(terms.in_service_date) + place + 1
    last = max((_number(month) for month in told), default=origin)
    most = Fraction(terms.cost)
    amounts = []
    for month in range(origin, max(last, origin) + 1):
        step = min(amount(name_of(month)), most)
        amounts.append(step)
        most -= step
    return yearly(amounts, [Fraction(1)] * len(amounts))


def _ended(terms: Terms, state: _State, row: Month, month: int) -> bool:
    """Whether no later month can charge anything."""
    if state.gone or row.book_value <= round_half_up(state.residual_value, terms.digits):
        return True
    told = {*terms.units, *terms.manual}
    if terms.method in (Method.UNITS, Method.MANUAL):
        return month >= max((_number(m) for m in told), default=month)
    place = month - month_of(terms.in_service_date)
    life = state.life_months
    if terms.method is Method.MACRS:
        life = 12 * (terms.property_years or terms.useful_life_months // 12)
    return _clock(terms)(place) >= life + 1


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1
