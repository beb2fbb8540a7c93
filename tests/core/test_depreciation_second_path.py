"""Depreciation by a second, plain path: half-month by half-month, and day by day, in fractions.

The product adds up curves over a clock; here every half-month of the life is charged by itself and
only the sums are rounded. Rules DP4-DP16, DP18, DP19, DP21 and DP22 of docs/spec/depreciation.md.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from bursar.core.calc.depreciation.schedule import schedule
from bursar.core.calc.depreciation.terms import Change, Convention, Happened, Method, Terms

D, F = Decimal, Fraction
YEAR = 24
"""Half-months."""
STARTS = st.dates(date(2019, 12, 1), date(2024, 3, 31))


@st.composite
def assets(draw: st.DrawFn) -> Terms:
    digits = draw(st.sampled_from([0, 2, 3]))
    cost = draw(st.integers(1, 10**8))
    method = draw(st.sampled_from([
        Method.STRAIGHT_LINE, Method.SUM_OF_YEARS, Method.DECLINING_BALANCE,
        Method.DECLINING_THEN_LINEAR,
    ]))  # fmt: skip
    factor, rate = draw(st.sampled_from([(F(2), None), (F(3, 2), None), (None, F(2, 5))]))
    if method is Method.DECLINING_THEN_LINEAR:
        factor, rate = F(2, 5), None
    return Terms(
        cost=D(cost).scaleb(-digits),
        residual_value=D(cost * draw(st.integers(0, 100)) // 100).scaleb(-digits),
        in_service_date=draw(STARTS), useful_life_months=draw(st.integers(1, 84)),
        method=method, factor=factor, rate=rate, switch=draw(st.booleans()),
        convention=draw(st.sampled_from([
            Convention.FULL_MONTH, Convention.NEXT_MONTH, Convention.HALF_MONTH,
            Convention.MID_MONTH,
        ])),
        digits=digits,
    )  # fmt: skip


def halves(told: Terms) -> list[Fraction]:
    """What each half-month of the life is charged."""
    whole = 2 * told.useful_life_months
    base = F(told.cost) - F(told.residual_value)
    if told.method is Method.STRAIGHT_LINE:
        return [base / whole] * whole
    if told.method is Method.SUM_OF_YEARS:
        weights = [whole - half // YEAR * YEAR for half in range(whole)]
        return [base * weight / sum(weights) for weight in weights]
    found: list[Fraction] = []
    book = F(told.cost)
    while len(found) < whole:
        left, span = whole - len(found), min(YEAR, whole - len(found))
        amount = book * _rate(told) * span / YEAR
        if told.switch:
            amount = max(amount, (book - F(told.residual_value)) * span / left)
        if told.method is Method.DECLINING_THEN_LINEAR:
            amount = max(amount, F(told.cost) * span / whole)
        if span == left or book - amount < F(told.residual_value):
            amount = book - F(told.residual_value)
        found += [amount / span] * span
        book -= amount
    return found


def _rate(told: Terms) -> Fraction:
    if told.method is Method.DECLINING_THEN_LINEAR:
        return told.factor or F(0)
    rate = told.rate or (told.factor or F(0)) / F(told.useful_life_months, 12)
    return min(rate, F(1))


def first_halves(told: Terms) -> int:
    """Half-months that the month in service counts."""
    if told.convention is Convention.HALF_MONTH:
        return 1 if told.in_service_date.day > 15 else 2
    return {Convention.FULL_MONTH: 2, Convention.NEXT_MONTH: 0, Convention.MID_MONTH: 1}[
        told.convention
    ]


def rounded(amount: Fraction, digits: int) -> int:
    """Minor units, half up; no amount here is below zero."""
    return int(amount * 10**digits + F(1, 2))


@settings(max_examples=200, deadline=None)
@given(assets())
def test_each_month_is_the_difference_of_rounded_sums(told: Terms) -> None:
    """Rules DP4-DP6, DP10, DP12-DP16 and DP18."""
    charged, end = halves(told), first_halves(told)
    sums = []
    while not sums or end - 2 < len(charged):
        sums.append(rounded(sum(charged[:end], F(0)), told.digits))
        end += 2
    rows = schedule(told)
    found = [int(row.accumulated.scaleb(told.digits)) for row in rows]
    # Ours ends with the month in which nothing is left; what follows there is the same sum.
    assert found == sums[: len(found)]
    assert set(sums[len(found) :]) <= {found[-1]}
    months = [int(row.depreciation.scaleb(told.digits)) for row in rows]
    assert months == [b - a for a, b in zip([0, *found], found, strict=False)]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10**7), STARTS, st.integers(1, 60), st.booleans())
def test_every_day_is_charged_by_itself(cents: int, start: date, life: int, total: bool) -> None:
    """Rules DP7 and DP8: a day of the whole life's days, or of its own year's."""
    convention = Convention.ACTUAL_DAYS if total else Convention.DAYS_OF_YEAR
    rows = schedule(Terms(
        cost=D(cents).scaleb(-2), in_service_date=start, useful_life_months=life,
        convention=convention,
    ))  # fmt: skip
    month = start.year * 12 + start.month - 1 + life
    day, end = start, date(month // 12, month % 12 + 1, 1) + timedelta(days=start.day - 1)
    while end.month != month % 12 + 1:  # a 31st where there is none
        end -= timedelta(days=1)
    sums: dict[str, Fraction] = {}
    running = F(0)
    while running < cents:
        year = (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days
        step = F(cents, (end - start).days) if total else F(cents * 12, life * year)
        running = min(running + step, F(cents))
        sums[f"{day:%Y-%m}"] = running
        day += timedelta(days=1)
    assert [row.month for row in rows] == list(sums)[: len(rows)]
    for row in rows:
        assert int(row.accumulated * 100) == rounded(sums[row.month], 0)


EVENTS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(list(Happened)), st.integers(1, 10**5)),
    max_size=5,
)


@settings(max_examples=200, deadline=None)
@given(st.integers(10**3, 10**7), st.integers(0, 50), st.integers(1, 60), EVENTS)
def test_straight_line_through_any_history(
    cents: int, percent: int, life: int, events: list[tuple[int, Happened, int]]
) -> None:
    """Rules DP19, DP21 and DP22: each month a part of what is left, told from its first day."""
    start = date(2022, 1, 1)
    told = Terms(
        cost=D(cents).scaleb(-2), in_service_date=start, useful_life_months=life,
        residual_value=D(cents * percent // 100).scaleb(-2),
    )  # fmt: skip
    changes = []
    for month, kind, amount in sorted(events, key=lambda event: event[0]):
        day = date(2022 + month // 12, month % 12 + 1, 9)
        money = D(min(amount, cents)).scaleb(-2)
        if kind is Happened.DISPOSAL:
            changes.append(Change(day, kind))
            break
        if kind is Happened.LIFE:
            changes.append(Change(day, kind, months=amount % 80 + 1))
        else:
            changes.append(Change(day, kind, money))
    rows = schedule(replace(told, changes=tuple(changes)), through=date(2027, 1, 1))
    cost, residual, exact, gone = F(told.cost), F(told.residual_value), F(0), False
    step = None
    for place, row in enumerate(rows):
        for change in [c for c in changes if f"{c.day:%Y-%m}" == row.month]:
            if change.kind is Happened.IMPROVEMENT:
                cost += F(change.amount or 0)
            elif change.kind is Happened.IMPAIRMENT:
                left = cost - F(rounded(exact, 2), 100)
                exact += min(F(change.amount or 0), left)
            elif change.kind is Happened.LIFE:
                life = change.months or 0
            elif change.kind is Happened.RESIDUAL_VALUE:
                residual = F(change.amount or 0)
            else:
                assert row.disposed_accumulated == D(rounded(exact, 2)).scaleb(-2)
                gone = True
            step = None
        if gone:
            assert (row.cost, row.accumulated, row.book_value) == (0, 0, 0)
            continue
        if step is None:
            step = max(cost - exact - residual, F(0)) / max(life - place, 1)
            end = exact + max(cost - exact - residual, F(0))
        exact = min(exact + step, end)
        assert row.accumulated == D(rounded(exact, 2)).scaleb(-2), row.month
        assert row.cost == D(int(cost * 100)).scaleb(-2)
