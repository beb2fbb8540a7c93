"""An asset's months: what was charged, added, impaired and disposed of, and what is left.

The exact accumulated depreciation at each month's end is rounded once, and the month is charged
the difference to the one before (rule DP18, as M10). What happened on a day changes only what
comes after it (rules DP19-DP24).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from bursar.core.calc.depreciation.clock import last_day, month_of, name_of, number_of
from bursar.core.calc.depreciation.stretches import (
    State,
    Stretch,
    begun,
    clock_of,
    passed_at_disposal,
    passed_before,
    stretch,
)
from bursar.core.calc.depreciation.terms import (
    Change,
    Happened,
    Method,
    Terms,
    disposed_cost,
    property_years,
    require_sound,
)
from bursar.core.money.rounding import round_half_up

NOTHING = Decimal(0)


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
    """The last month that had ended by a day, or None before the first one had (rule DP24).

    Refusals: depreciation.bad_terms.
    """
    rows = schedule(terms, through=day)
    ended = [row for row in rows if last_day(number_of(row.month)) <= day]
    return ended[-1] if ended else None


def _months(terms: Terms, through: date | None) -> Iterator[Month]:
    origin = month_of(terms.in_service_date)
    day = terms.opening.day if terms.opening else terms.in_service_date
    month, last = month_of(day), month_of(through) if through else None
    state = begun(terms)
    changes = sorted(terms.changes, key=lambda change: change.day)
    pending = [c for c in changes if month_of(c.day) >= month]
    _take_over(state, [c for c in changes if month_of(c.day) < month])
    now = stretch(terms, state, passed_before(terms, month - origin, day), month - 1 - origin)
    rounded = round_half_up(state.accumulated, terms.digits)
    while last is None or month <= last:
        here = [c for c in pending if month_of(c.day) == month]
        row, now = _one(terms, state, now, (month, here, rounded))
        yield row
        rounded = row.accumulated
        pending = pending[len(here) :]
        if last is None and not pending and _ended(terms, state, row, month):
            return
        month += 1


def _take_over(state: State, before: Sequence[Change]) -> None:
    """Changes before the opening stand in its figures already; their life and value hold on."""
    for change in before:
        if change.kind is Happened.LIFE and change.months:
            state.life_months = change.months
        if change.kind is Happened.RESIDUAL_VALUE and change.amount is not None:
            state.residual_value = Fraction(change.amount)


@dataclass
class _Moves:
    """What the changes of one month add up to."""

    added: Decimal = NOTHING
    impaired: Decimal = NOTHING
    out_cost: Decimal = NOTHING
    out_accumulated: Decimal = NOTHING
    proceeds: Decimal = NOTHING


def _one(
    terms: Terms, state: State, now: Stretch, then: tuple[int, Sequence[Change], Decimal]
) -> tuple[Month, Stretch]:
    """One month: what its changes do, then what it charges."""
    month, changes, opening_accumulated = then
    place = month - month_of(terms.in_service_date)
    opening_cost, moves = state.cost, _Moves()
    for change in changes:
        passed = passed_before(terms, place, change.day)
        state.accumulated = now.at(passed)
        state.year_book = now.book_at_year(terms, passed)
        if change.kind is Happened.DISPOSAL:
            gone = now.at(passed_at_disposal(terms, place, change.day))
            _dispose(terms, state, (change, gone), moves)
        else:
            _change(terms, state, change, moves)
        now = stretch(terms, state, passed, place - 1)
    if not state.gone:
        state.accumulated = now.accumulated(place)
    closing = round_half_up(state.accumulated, terms.digits)
    charged = closing - opening_accumulated - moves.impaired + moves.out_accumulated
    row = Month(
        name_of(month), opening_cost, moves.added, moves.out_cost, opening_accumulated, charged,
        moves.impaired, moves.out_accumulated, moves.proceeds,
    )  # fmt: skip
    return row, now


def _change(terms: Terms, state: State, change: Change, moves: _Moves) -> None:
    """What stays, but is worth, lasts or leaves another amount (rules DP19 and DP21)."""
    amount = change.amount or NOTHING
    if change.kind is Happened.IMPROVEMENT:
        moves.added += amount
        state.cost += amount
        _move_year_book(state, Fraction(amount))
    elif change.kind is Happened.IMPAIRMENT:
        # In whole cents: an impairment takes no more than there is.
        left = state.cost - round_half_up(state.accumulated, terms.digits)
        loss = min(amount, left)
        moves.impaired += loss
        state.accumulated += Fraction(loss)
        _move_year_book(state, -Fraction(loss))
    elif change.kind is Happened.LIFE:
        state.life_months = change.months or state.life_months
    else:
        state.residual_value = Fraction(amount)


def _move_year_book(state: State, amount: Fraction) -> None:
    if state.year_book is not None:
        state.year_book += amount


def _dispose(terms: Terms, state: State, what: tuple[Change, Fraction], moves: _Moves) -> None:
    """Cost and accumulated depreciation go, each to the cent; the rest goes on (DP22, DP23)."""
    change, accumulated = what
    cost = disposed_cost(change, state.cost, terms.digits)
    share = Fraction(cost) / Fraction(state.cost)
    moves.out_cost += cost
    moves.out_accumulated += round_half_up(accumulated * share, terms.digits)
    moves.proceeds += change.proceeds
    state.gone = cost == state.cost
    state.cost -= cost
    state.accumulated *= 1 - share
    state.residual_value *= 1 - share
    if state.year_book is not None:
        state.year_book *= 1 - share


def _ended(terms: Terms, state: State, row: Month, month: int) -> bool:
    """Whether no later month can charge anything."""
    macrs = terms.method is Method.MACRS  # which leaves nothing
    residual = round_half_up(Fraction(0) if macrs else state.residual_value, terms.digits)
    if state.gone or row.book_value <= residual:
        return True
    told = {*terms.units, *terms.manual}
    if terms.method in (Method.UNITS, Method.MANUAL):
        return month >= max((number_of(m) for m in told), default=month)
    place = month - month_of(terms.in_service_date)
    life = 12 * property_years(terms) if macrs else state.life_months
    return clock_of(terms)(place) >= life + 1
