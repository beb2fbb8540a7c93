"""Depreciation whatever happens: it adds up, stands, and is rounded once.

Rules DP1-DP6, DP11, DP13, DP16 and DP18-DP24 of docs/spec/depreciation.md.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bursar.core.calc.depreciation.clock import first_day, last_day, month_of, number_of
from bursar.core.calc.depreciation.many import charge_many
from bursar.core.calc.depreciation.schedule import Month, as_of, schedule
from bursar.core.calc.depreciation.terms import (
    Change,
    Convention,
    DepreciationRefused,
    Happened,
    Method,
    Opening,
    Terms,
    contradictions,
)

D, F = Decimal, Fraction
JANUARY = date(2024, 1, 1)
SHARES = [F(1, 3), F(1, 2), None]
BY_TIME = [m for m in Method if m not in (Method.UNITS, Method.MANUAL)]


def terms(**told: Any) -> Terms:
    base = {"cost": D(12_000), "in_service_date": JANUARY, "useful_life_months": 12}
    return Terms(**{**base, **told})


@st.composite
def assets(draw: st.DrawFn, *, changed: bool = True) -> Terms:
    digits = draw(st.sampled_from([0, 2, 3]))
    cost = D(draw(st.integers(1, 10**9))).scaleb(-digits)
    residual = (cost * draw(st.integers(0, 100)) / 100).quantize(D(1).scaleb(-digits), "ROUND_DOWN")
    method = draw(st.sampled_from(BY_TIME))
    life = draw(st.integers(1, 84))
    factor = rate = None
    if method is Method.DECLINING_BALANCE:
        factor, rate = draw(st.sampled_from([(F(2), None), (F(3, 2), None), (None, F(2, 5))]))
    if method is Method.DECLINING_THEN_LINEAR:
        factor = F(2, 5)
    start = draw(st.dates(date(2019, 12, 1), date(2024, 3, 31)))
    changes = draw(st.lists(happenings(cost, start), max_size=4)) if changed else []
    return Terms(
        cost=cost, in_service_date=start, useful_life_months=life, method=method,
        convention=draw(st.sampled_from(list(Convention))),
        residual_value=residual,
        factor=factor, rate=rate, switch=draw(st.booleans()), monthly=draw(st.booleans()),
        fiscal_start_month=draw(st.sampled_from([1, 4, 10])),
        property_years=5 if method is Method.MACRS else None,
        changes=tuple(changes), digits=digits,
    )  # fmt: skip


@st.composite
def happenings(draw: st.DrawFn, cost: Decimal, start: date) -> Change:
    kind = draw(st.sampled_from(list(Happened)))
    day = start + timedelta(days=draw(st.integers(0, 2000)))
    tenth = (cost / 10).quantize(D(1) if cost == cost.to_integral() else D("0.01"))
    return Change(
        day, kind,
        amount=None if kind in (Happened.LIFE, Happened.DISPOSAL) else tenth,
        months=draw(st.integers(1, 96)) if kind is Happened.LIFE else None,
        share=draw(st.sampled_from(SHARES)) if kind is Happened.DISPOSAL else None,
        proceeds=draw(st.sampled_from([D(0), tenth])) if kind is Happened.DISPOSAL else D(0),
    )  # fmt: skip


def sound(told: Terms) -> Terms:
    assume(not list(contradictions(told)))
    return told


@settings(max_examples=250, deadline=None)
@given(assets())
def test_it_adds_up_whatever_happens(told: Terms) -> None:
    """Rules DP18, DP21, DP22 and DP23: what came in is charged, left, or gone with its parts."""
    rows = schedule(sound(told))
    for before, row in pairwise(rows):
        assert row.opening_cost == before.cost
        assert row.opening_accumulated == before.accumulated
    came_in = told.cost + sum((row.added for row in rows), D(0))
    charged = sum((row.depreciation + row.impairment for row in rows), D(0))
    went = sum((row.disposed_cost - row.disposed_accumulated for row in rows), D(0))
    assert came_in - charged - went == rows[-1].book_value
    gains = sum((row.gain_or_loss for row in rows), D(0))
    assert sum((row.proceeds for row in rows), D(0)) - went == gains
    assert all(row.book_value >= 0 for row in rows)
    unit = D(1).scaleb(-told.digits)
    assert all(row.depreciation >= -unit for row in rows if not row.disposed_cost)


@settings(max_examples=250, deadline=None)
@given(assets(changed=False))
def test_a_schedule_sums_to_its_base(told: Terms) -> None:
    """Rules DP11, DP13, DP16 and DP18: for any method, life, convention and currency."""
    rows = schedule(sound(told))
    left = D(0) if told.method is Method.MACRS else told.residual_value
    base = told.cost - left
    assert sum((row.depreciation for row in rows), D(0)) == base
    assert rows[-1].book_value == left
    assert all(row.depreciation >= 0 for row in rows)


@settings(max_examples=150, deadline=None)
@given(assets(), st.integers(-40, 3000))
def test_as_of_a_day_is_the_sum_of_its_months(told: Terms, days: int) -> None:
    """Rule DP24."""
    day = sound(told).in_service_date + timedelta(days=days)
    found = as_of(told, day)
    ended = [r for r in schedule(told, through=day) if last_day(number_of(r.month)) <= day]
    assert (found is None) == (not ended)
    if found is not None:
        charged = sum((r.depreciation + r.impairment - r.disposed_accumulated for r in ended), D(0))
        assert found.accumulated == charged


@settings(max_examples=150, deadline=None)
@given(assets(), st.data())
def test_a_later_change_leaves_earlier_months_alone(told: Terms, data: st.DataObject) -> None:
    """Rule DP19."""
    whole = sound(told)
    assume(whole.changes)
    last = max(change.day for change in whole.changes)
    before = replace(whole, changes=tuple(c for c in whole.changes if c.day != last))
    sound(before)
    through = date(last.year, last.month, 1) - timedelta(days=1)
    assume(through >= whole.in_service_date)
    assert schedule(whole, through=through) == schedule(before, through=through)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 10**8), st.integers(1, 120), st.integers(0, 3))
def test_accumulated_is_the_exact_amount_rounded_once(units: int, life: int, digits: int) -> None:
    """Rule DP18, by a second path in whole numbers."""
    cost = D(units).scaleb(-digits)
    rows = schedule(terms(cost=cost, useful_life_months=life, digits=digits))
    found = [int(row.accumulated.scaleb(digits)) for row in rows]
    found += [units] * (life - len(found))  # it may end before its life, once all is charged
    assert found == [(2 * units * (k + 1) + life) // (2 * life) for k in range(life)]


@st.composite
def fleets(draw: st.DrawFn) -> list[Terms]:
    """Assets of one pattern that differ in cost and residual value, and a few of any kind."""
    one = draw(assets(changed=False))
    unit = D(1).scaleb(-one.digits)
    costs = draw(st.lists(st.integers(1, 10**7), min_size=1, max_size=8))
    parts = st.one_of(st.integers(0, 1000), st.sampled_from([0, 100, 250, 400, 500, 1000]))
    fleet = [
        replace(one, cost=cost * unit, residual_value=cost * draw(parts) // 1000 * unit)
        for cost in costs
    ]
    return [*fleet, *draw(st.lists(assets(), max_size=3))]


@settings(max_examples=100, deadline=None)
@given(fleets())
def test_many_at_once_are_charged_as_one_by_one(told: list[Terms]) -> None:
    """Rule DP25: month by month the same depreciation and the same accumulated amount."""
    fleet = [one for one in told if not list(contradictions(one))]
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for charges in charge_many(fleet):
        columns = (charges.asset, charges.month, charges.units, charges.accumulated)
        for asset, month, units, accumulated in zip(*columns, strict=True):
            found[int(asset), int(month)] = (int(units), int(accumulated))
    alone = {
        (place, number_of(row.month)): (
            int(row.depreciation.scaleb(one.digits)), int(row.accumulated.scaleb(one.digits)),
        )
        for place, one in enumerate(fleet)
        for row in schedule(one)
        if row.depreciation
    }  # fmt: skip
    assert found == alone


def test_many_between_two_months() -> None:
    """Rule DP25: amounts beyond 64 bits too."""
    large = terms(cost=D(10) ** 17, useful_life_months=36)
    [charges] = charge_many([large, large], first=number_of("2024-03"), last=number_of("2024-04"))
    assert charges.asset.tolist() == [0, 0, 1, 1]
    assert charges.units.tolist() == [277777777777777777, 277777777777777778] * 2
    assert charges.accumulated.tolist() == [833333333333333333, 1111111111111111111] * 2


def test_conventions_of_months() -> None:
    """Rules DP4-DP6: 1,000 a month, in service on the 10th and on the 20th."""
    expected = {
        (Convention.FULL_MONTH, 20): (1000, 1000, 12),
        (Convention.NEXT_MONTH, 10): (0, 1000, 13),
        (Convention.HALF_MONTH, 15): (1000, 1000, 12),
        (Convention.HALF_MONTH, 16): (500, 1000, 13),
        (Convention.MID_MONTH, 1): (500, 1000, 13),
    }
    for (convention, day), (first, second, months) in expected.items():
        rows = schedule(terms(in_service_date=date(2024, 1, day), convention=convention))
        shown = (rows[0].depreciation, rows[1].depreciation, len(rows))
        assert shown == (first, second, months), convention


def test_half_of_a_fleet_is_retired_at_a_loss() -> None:
    """Rules DP22 and DP23."""
    gone = Change(date(2024, 7, 20), Happened.DISPOSAL, share=F(1, 2), proceeds=D(500))
    rows = schedule(terms(residual_value=D(1200), changes=(gone,)))
    july = rows[6]
    assert (july.disposed_cost, july.disposed_accumulated) == (6000, 2700)
    assert (july.gain_or_loss, july.depreciation) == (-2800, 450)
    assert (rows[-1].book_value, rows[-1].cost) == (600, 6000)
    whole = Change(date(2024, 7, 20), Happened.DISPOSAL, proceeds=D(9000))
    rows = schedule(terms(changes=(whole,)))
    assert (len(rows), rows[-1].gain_or_loss, rows[-1].book_value) == (7, 3000, 0)
    by_days = schedule(terms(changes=(whole,), convention=Convention.ACTUAL_DAYS))
    assert by_days[-1].depreciation == D("622.95")  # 19 of the year's 366 days


def test_half_months_of_a_disposal_count_for_what_goes_alone() -> None:
    """Rules DP6, DP22 and DP23: the half that stays is charged as before."""
    gone = Change(date(2024, 7, 20), Happened.DISPOSAL, share=F(1, 2))
    rows = schedule(terms(convention=Convention.MID_MONTH, changes=(gone,)))
    found = [row.depreciation for row in rows]
    assert found == [500, *[1000] * 5, 750, *[500] * 5, 250]
    soon = Change(date(2024, 1, 20), Happened.DISPOSAL)
    [row] = schedule(terms(convention=Convention.HALF_MONTH, changes=(soon,)))
    assert row.depreciation == 500


@pytest.mark.parametrize("day", [date(2026, 3, 20), date(2026, 11, 20)])
def test_the_year_of_a_disposal_counts_half(day: date) -> None:
    """Rule DP22, as section 168(d)(4) has it: half of 19.20 %, whatever the day of the year."""
    for convention, part in ((Convention.HALF_YEAR, F(1, 2)), (Convention.MID_QUARTER, None)):
        told = terms(
            cost=D(10_000), method=Method.MACRS, property_years=5, convention=convention,
            in_service_date=date(2024, 8, 9),
        )  # fmt: skip
        whole = _of_year(schedule(told), "2026")
        rows = schedule(replace(told, changes=(Change(day, Happened.DISPOSAL),)))
        quarter = F(3, 24) if day.month <= 3 else F(21, 24)
        assert F(_of_year(rows, "2026")) == F(whole) * (part or quarter)
    soon = Change(date(2024, 12, 1), Happened.DISPOSAL)
    assert schedule(replace(told, changes=(soon,)))[-1].disposed_accumulated == 0


def _of_year(rows: list[Month], year: str) -> Decimal:
    return sum((row.depreciation for row in rows if row.month.startswith(year)), D(0))


@pytest.mark.parametrize(
    ("change", "july", "closing"),
    [
        (Change(date(2024, 7, 1), Happened.IMPROVEMENT, D(3000)), 500, 9_600),
        (Change(date(2024, 7, 1), Happened.IMPAIRMENT, D(3000)), 300, 4_800),
        (Change(date(2024, 7, 1), Happened.DISPOSAL, share=F(1, 2)), 200, 3_600),
        (Change(date(2024, 7, 1), Happened.LIFE, months=120), 200, 8_400),
    ],
)
def test_a_declining_balance_goes_on_within_its_year(
    change: Change, july: int, closing: int
) -> None:
    """Rules DP13 and DP19: 40 % of 12,000 is 400 a month; July is charged on the book value of
    January with what changed since, the next year on its own."""
    told = terms(method=Method.DECLINING_BALANCE, factor=F(2), useful_life_months=60)
    rows = schedule(replace(told, changes=(change,)))
    assert [rows[5].depreciation, rows[6].depreciation, rows[11].depreciation] == [400, july, july]
    assert rows[11].book_value == closing
    later = [Change(date(y, 10, 1), Happened.RESIDUAL_VALUE, D(1)) for y in (2024, 2025)]
    again = schedule(replace(told, changes=(change, *later)))
    assert again[:24] == rows[:24]


def test_the_month_of_a_disposal() -> None:
    """Rules DP4, DP5 and DP22: full month charges none of it, next month all, half month half."""
    gone = Change(date(2024, 7, 20), Happened.DISPOSAL)
    for convention, charged in (
        (Convention.FULL_MONTH, 6000), (Convention.NEXT_MONTH, 6000),
        (Convention.HALF_MONTH, 6500), (Convention.MID_MONTH, 6000),
    ):  # fmt: skip
        rows = schedule(terms(convention=convention, changes=(gone,)))
        assert rows[-1].disposed_accumulated == charged, convention
        assert rows[-1].month == "2024-07"


def test_macrs_impaired_in_its_first_month_charges_what_is_left() -> None:
    """Rules DP17 and DP21."""
    broken = Change(JANUARY, Happened.IMPAIRMENT, D(2000))
    rows = schedule(terms(method=Method.MACRS, property_years=5, changes=(broken,)))
    assert (_of_year(rows, "2024"), rows[-1].book_value) == (2000, 0)  # 20 % of 10,000


def test_units_beyond_the_estimate_stop_at_the_residual_value() -> None:
    """Rule DP17."""
    used = {"2024-02": D(600), "2024-03": D(600)}
    told = terms(method=Method.UNITS, residual_value=D(2000), units_total=D(1000), units=used)
    assert [row.depreciation for row in schedule(told)] == [0, 6000, 4000]


@settings(max_examples=100, deadline=None)
@given(assets(changed=False), st.integers(0, 100))
def test_taken_over_from_us_it_goes_on_as_with_us(told: Terms, months: int) -> None:
    """Rule DP20: within the same years, whatever the method; a rounded cent may fall elsewhere."""
    own = schedule(sound(told))
    assume(months < len(own) - 1 and (told.useful_life_months >= 24 or told.rate is None))
    row, origin = own[months], month_of(told.in_service_date)
    day = first_day(origin + months + 1)
    assume(row.accumulated <= told.cost - told.residual_value)
    through = last_day(number_of(own[-1].month))
    taken = schedule(replace(told, opening=Opening(day, row.accumulated)), through=through)
    unit = D(1).scaleb(-told.digits)
    near = 8 * unit  # a book value rounded by half a unit, taken back to its year's beginning
    for mine, theirs in zip(own[months + 1 :], taken, strict=True):
        assert mine.month == theirs.month
        assert abs(mine.accumulated - theirs.accumulated) <= near


@settings(max_examples=60, deadline=None)
@given(assets(changed=False), st.integers(0, 1500))
def test_a_change_that_changes_nothing_changes_no_month(told: Terms, days: int) -> None:
    """Rules DP13 and DP19: the years of a declining balance go on across a change."""
    same = Change(
        sound(told).in_service_date + timedelta(days=days),
        Happened.RESIDUAL_VALUE, told.residual_value,
    )  # fmt: skip
    own, again = schedule(told), schedule(replace(told, changes=(same,)))
    assert again[: len(own)] == own
    assert all(row.depreciation == 0 for row in again[len(own) :])


def test_life_residual_value_and_impairment_change_what_comes() -> None:
    """Rules DP19 and DP21."""
    longer = Change(date(2024, 7, 1), Happened.LIFE, months=18)
    rows = schedule(terms(changes=(longer,)))
    assert (rows[5].depreciation, rows[6].depreciation, len(rows)) == (1000, 500, 18)
    shorter = Change(date(2024, 7, 1), Happened.LIFE, months=3)
    rows = schedule(terms(changes=(shorter,)))
    assert (rows[6].depreciation, len(rows)) == (6000, 7)
    worth = Change(date(2024, 7, 1), Happened.RESIDUAL_VALUE, D(3000))
    assert schedule(terms(changes=(worth,)))[6].depreciation == 500
    broken = Change(date(2024, 7, 15), Happened.IMPAIRMENT, D(3000))
    row = schedule(terms(changes=(broken,)))[6]
    assert (row.impairment, row.depreciation, row.book_value) == (3000, 500, 2500)
    ruined = Change(date(2024, 7, 15), Happened.IMPAIRMENT, D(99_000))
    row = schedule(terms(changes=(ruined,)))[6]
    assert (row.impairment, row.book_value) == (6000, 0)


def test_months_after_the_end_are_zero_and_history_stays() -> None:
    rows = schedule(terms(), through=date(2026, 1, 5))
    assert [row.depreciation for row in rows[:12]] == [1000] * 12
    assert {row.depreciation for row in rows[12:]} == {0}
    assert (rows[-1].month, rows[-1].accumulated) == ("2026-01", 12_000)
    assert schedule(terms(), through=date(2023, 12, 1)) == []
    assert as_of(terms(), date(2024, 1, 30)) is None


WRONG = {
    "above zero": terms(cost=D(0)),
    "above the cost": terms(residual_value=D(12_001)),
    "zero or more": terms(residual_value=D(-1)),
    "spreads nothing": terms(useful_life_months=0),
    "above 1200": terms(useful_life_months=1201),
    "factor .* or a yearly rate": terms(method=Method.DECLINING_BALANCE),
    "The factor": terms(method=Method.DECLINING_BALANCE, factor=F(-1)),
    "more than there is": terms(method=Method.DECLINING_BALANCE, rate=F(3, 2)),
    "units of the whole life": terms(method=Method.UNITS),
    "MACRS knows": terms(method=Method.MACRS, useful_life_months=48),
    "Units and amounts": terms(method=Method.MANUAL, manual={"2024-01": D(-1)}),
    "more than cost less": terms(method=Method.MANUAL, manual={"2024-01": D(12_001)}),
    "lies outside": terms(opening=Opening(JANUARY, D(12_001))),
    "Taken over": terms(opening=Opening(date(2023, 1, 1), D(1))),
    "before the asset was in service": terms(
        changes=(Change(date(2023, 12, 31), Happened.DISPOSAL),)
    ),
    "disposed of before": terms(
        changes=(
            Change(date(2024, 2, 1), Happened.DISPOSAL),
            Change(date(2024, 3, 1), Happened.IMPROVEMENT, D(1)),
        )
    ),
    "has a share and a cost": terms(
        changes=(Change(JANUARY, Happened.DISPOSAL, D(1), share=F(1, 2)),)
    ),
    "of a cost of 6000": terms(
        changes=(
            Change(date(2024, 2, 1), Happened.DISPOSAL, share=F(1, 2)),
            Change(date(2024, 3, 1), Happened.DISPOSAL, D(6001)),
        )
    ),
    "on 2024-03-01: the asset was disposed": terms(
        changes=(
            Change(date(2024, 2, 1), Happened.DISPOSAL, D(12_000)),
            Change(date(2024, 3, 1), Happened.IMPROVEMENT, D(1)),
        )
    ),
    "before it was taken over": terms(
        opening=Opening(date(2024, 5, 1), D(1)), changes=(Change(JANUARY, Happened.DISPOSAL),)
    ),
    "more than the 2 digits": terms(cost=D("12000.005")),
    "is no amount of money": terms(residual_value=D("NaN")),
    "begins in month 1 to 12": terms(fiscal_start_month=13),
    "before the month in service": terms(method=Method.MANUAL, manual={"2023-12": D(1)}),
    "needs months": terms(changes=(Change(JANUARY, Happened.LIFE, months=0),)),
    "takes a share": terms(changes=(Change(JANUARY, Happened.DISPOSAL, share=F(2)),)),
    "of a cost of": terms(changes=(Change(JANUARY, Happened.DISPOSAL, D(12_001)),)),
    "proceeds": terms(changes=(Change(JANUARY, Happened.DISPOSAL, proceeds=D(-1)),)),
    "needs an amount": terms(changes=(Change(JANUARY, Happened.IMPAIRMENT),)),
    "residual value of 2024": terms(changes=(Change(JANUARY, Happened.RESIDUAL_VALUE, D(12_001)),)),
}


@pytest.mark.parametrize("told", WRONG)
def test_what_no_schedule_can_follow_is_refused(told: str) -> None:
    """Rules DP1-DP3."""
    with pytest.raises(DepreciationRefused, match=told) as refusal:
        schedule(WRONG[told])
    assert refusal.value.code == "depreciation.bad_terms"


def test_months_are_counted() -> None:
    assert month_of(date(2024, 3, 31)) - month_of(date(2023, 12, 1)) == 3
    assert isinstance(schedule(terms())[0], Month)
