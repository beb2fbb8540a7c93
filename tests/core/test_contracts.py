"""Contracts, leases and capitalized software, against published answers and a second path.

Rules CT1-CT16 of docs/spec/contracts.md.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bursar.core.calc.amortization import Amortization, BadSpan, amortize, months_between
from bursar.core.calc.capitalization import (
    CRITERIA,
    Activity,
    Policy,
    Project,
    Spent,
    capitalized,
    judge,
)
from bursar.core.calc.contracts import (
    Agreement,
    BadAgreement,
    Payment,
    Remainder,
    Renewal,
    Step,
    contradictions,
    due_days,
    last_day,
    schedule,
    spans,
    term_at,
)
from bursar.core.calc.leases import (
    BadLease,
    Lease,
    Standard,
    is_exempt,
    lease_schedule,
    present_value,
)

D = Decimal
AUGUST, DECEMBER = date(2017, 8, 20), date(2017, 12, 19)
JANUARY = date(2026, 1, 1)


def texts(found: list[tuple[str, Decimal]]) -> list[str]:
    return [str(amount) for _, amount in found]


FOUR_WAYS = {
    Amortization.EVEN_PERIODS: ["80.00"] * 5,
    Amortization.BY_DURATION: ["100.00"] * 4,
    Amortization.PRORATED_ENDS: ["39.34", "99.46", "99.45", "99.45", "62.30"],
    Amortization.CALENDAR_DAYS: ["39.34", "98.36", "101.64", "98.36", "62.30"],
}


@pytest.mark.parametrize("method", FOUR_WAYS)
def test_400_over_122_days(method: Amortization) -> None:
    """Rules CT1 and CT2."""
    found = amortize(D(400), AUGUST, DECEMBER, method, digits=2)
    assert texts(found) == FOUR_WAYS[method]
    assert found[0][0] == "2017-08"
    assert sum(amount for _, amount in found) == 400


@settings(max_examples=200, deadline=None)
@given(
    st.integers(-(10**10), 10**10), st.dates(date(2020, 1, 1), date(2026, 12, 31)),
    st.integers(0, 2000), st.sampled_from(Amortization), st.sampled_from([0, 2, 3]),
)  # fmt: skip
def test_every_way_closes(
    units: int, start: date, days: int, method: Amortization, digits: int
) -> None:
    """Rule CT2."""
    amount = D(units).scaleb(-digits)
    found = amortize(amount, start, start + timedelta(days=days), method, digits=digits)
    assert sum((part for _, part in found), D(0)) == amount
    assert all(part * units >= 0 for _, part in found)


def test_days_by_a_second_path() -> None:
    """Rule CT2: calendar days counted one by one."""
    start, end = date(2024, 2, 10), date(2026, 3, 5)
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    found = dict(amortize(D("777.77"), start, end, Amortization.CALENDAR_DAYS, digits=2))
    used, shown = 0, D(0)
    for month in dict.fromkeys(f"{day:%Y-%m}" for day in days):
        used += sum(f"{day:%Y-%m}" == month for day in days)
        exact = Fraction(77777 * used, len(days))
        so_far = D((2 * exact.numerator + exact.denominator) // (2 * exact.denominator)) / 100
        assert found[month] == so_far - shown, month
        shown = so_far
    assert months_between(AUGUST, DECEMBER) == 4
    with pytest.raises(BadSpan, match="ends before") as refusal:
        amortize(D(1), end, start, Amortization.EVEN_PERIODS, digits=2)
    assert refusal.value.code == "contract.bad_span"


def licence(**told: Any) -> Agreement:
    """Three years, 100 seats at 120.00 a year, paid yearly in advance."""
    base: dict[str, Any] = {
        "start": JANUARY, "end": date(2028, 12, 31), "unit_price": D(120), "quantity": D(100),
        "amortization": Amortization.EVEN_PERIODS,
    }  # fmt: skip
    return Agreement(**{**base, **told})


def test_a_licence_with_a_price_step() -> None:
    """Rules CT5, CT6 and CT7: 12,000 a year, 15,000 in the third."""
    agreed = licence(steps=(Step(date(2028, 1, 1), unit_price=D(150)),))
    rows = {row.month: row for row in schedule(agreed, date(2026, 1, 1))}
    assert len(rows) == 36
    assert [rows[m].expense for m in ("2026-01", "2027-12", "2028-01")] == [1000, 1000, 1250]
    assert [rows[m].billed for m in ("2026-01", "2027-01", "2028-01")] == [12000, 12000, 15000]
    assert (rows["2026-03"].prepayment, rows["2026-03"].accrued) == (9000, 0)
    assert (rows["2026-03"].committed, rows["2028-12"].committed) == (36_000, 0)
    assert (rows["2026-01"].per_seat, rows["2028-01"].per_seat) == (D(10), D("12.5"))
    within = licence(steps=(Step(date(2026, 7, 2), quantity=D(200)),))
    first, more = spans(within, JANUARY)[:2]
    # 182 days for 100 seats, 183 for 200
    assert (first.amount, more.amount, more.due) == (D("5983.56"), D("12032.88"), more.start)
    dearer = licence(index_percent=D(10))
    assert [span.amount for span in spans(dearer, JANUARY)] == [12000, 13200, 14520]
    both = licence(index_percent=D(10), steps=(Step(date(2027, 1, 1), percent=D(10)),))
    assert [span.amount for span in spans(both, JANUARY)] == [12000, 14520, 15972]


def test_in_arrears_it_is_accrued_and_trued_up() -> None:
    """Rules CT7 and CT9."""
    agreed = licence(end=date(2026, 12, 31), pay_months=3, in_advance=False)
    rows = schedule(agreed, JANUARY, invoiced={"2026-03": D("3001.50")})
    assert [(r.accrued, r.billed, r.true_up) for r in rows[:4]] == [
        (1000, 0, 0), (2000, 0, 0), (0, D("3001.50"), D("1.50")), (1000, 0, 0),
    ]  # fmt: skip
    assert (rows[2].cost, rows[2].prepayment) == (D("1001.50"), 0)


def test_notice_renewal_and_cancellation() -> None:
    """Rules CT5, CT8 and CT10."""
    agreed = licence(end=date(2026, 12, 31), renewal=Renewal.AUTOMATIC, notice_months=3)
    told = [(d.day.isoformat(), d.what) for d in due_days(agreed, date(2027, 6, 1))]
    assert told == [
        ("2026-01-01", "payment"), ("2026-09-30", "notice"), ("2027-01-01", "payment"),
        ("2027-01-01", "renewal"), ("2027-09-30", "notice"), ("2028-01-01", "renewal"),
    ]  # fmt: skip
    assert len(schedule(agreed, date(2027, 6, 1))) == 24
    assert term_at(agreed, date(2027, 6, 1)) == (date(2027, 1, 1), date(2027, 12, 31))
    assert last_day(agreed, date(2027, 6, 1)) == date(2027, 12, 31)
    ended = replace(agreed, cancelled=date(2026, 6, 30))
    assert last_day(ended, date(2027, 6, 1)) == date(2026, 6, 30)
    released = schedule(ended, JANUARY)
    assert sum(row.expense for row in released) == D("5950.68")  # 181 of 365 days
    lost = schedule(replace(ended, remainder=Remainder.WRITTEN_OFF), JANUARY)
    assert sum(row.expense for row in lost) == 12_000
    assert [d.what for d in due_days(ended, date(2027, 1, 1))] == ["payment", "end"]
    by_notice = replace(agreed, renewal=Renewal.BY_NOTICE, notice_months=0, notice_days=30)
    assert [(d.what, d.day) for d in due_days(by_notice, JANUARY)][1:] == [
        ("notice", date(2026, 12, 1)), ("end", date(2026, 12, 31)),
    ]  # fmt: skip
    endless = licence(end=None, pay_months=1)
    rows = schedule(endless, date(2026, 3, 31))
    assert [(row.expense, row.committed) for row in rows] == [(1000, 0)] * 3


def test_plans_that_name_their_days_and_whole_terms() -> None:
    """Rules CT5-CT7."""
    planned = licence(
        payments=(Payment(date(2026, 1, 5), D(30_000)), Payment(date(2027, 6, 1), D(6_000)))
    )
    rows = schedule(planned, JANUARY)
    assert {row.expense for row in rows} == {1000}
    assert [row.month for row in rows if row.billed] == ["2026-01", "2027-06"]
    once = licence(price_months=0, pay_months=0, unit_price=D(360))
    assert {row.expense for row in schedule(once, JANUARY)} == {1000}
    level = licence(steps=(Step(date(2028, 1, 1), unit_price=D(150)),), over_the_term=True)
    assert sum(row.expense for row in schedule(level, JANUARY)) == 39_000
    assert schedule(level, JANUARY)[0].expense == D("1083.33")
    cut = replace(planned, cancelled=date(2026, 12, 31), amortization=Amortization.CALENDAR_DAYS)
    rows = schedule(cut, JANUARY)
    assert sum(row.expense for row in rows) == sum(row.billed for row in rows)


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    start = draw(st.dates(date(2024, 1, 1), date(2026, 12, 31)))
    days = draw(st.integers(0, 1500))
    day = st.integers(0, days).map(lambda n: start + timedelta(days=n))
    steps = draw(
        st.lists(
            st.builds(
                Step, day, unit_price=st.decimals(1, 999, places=2),
                quantity=st.none() | st.integers(1, 500).map(D), percent=st.none(),
            ),
            max_size=3, unique_by=lambda step: step.day,
        )
    )  # fmt: skip
    return Agreement(
        start=start, end=start + timedelta(days=days),
        unit_price=draw(st.decimals(0, 9999, places=2)), quantity=D(draw(st.integers(1, 900))),
        price_months=draw(st.sampled_from([0, 1, 12])),
        pay_months=draw(st.sampled_from([0, 1, 3, 12])), in_advance=draw(st.booleans()),
        steps=tuple(steps), index_percent=draw(st.sampled_from([D(0), D("2.5")])),
        amortization=draw(st.sampled_from(Amortization)), over_the_term=draw(st.booleans()),
        cancelled=draw(st.none() | day), remainder=draw(st.sampled_from(Remainder)),
        digits=draw(st.sampled_from([0, 2, 3])),
    )  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(agreements())
def test_cost_is_what_is_paid_and_balances_close(agreed: Agreement) -> None:
    """Rules CT2, CT5, CT6, CT7 and CT10: for any plan, steps, currency and cancellation."""
    assume(not list(contradictions(agreed)))
    rows = schedule(agreed, agreed.start)
    assert sum((r.expense for r in rows), D(0)) == sum((r.billed for r in rows), D(0))
    cost = due = D(0)
    for row in rows:
        cost, due = cost + row.expense, due + row.billed
        assert row.prepayment - row.accrued == due - cost
        assert row.committed >= 0
    assert (rows[-1].prepayment, rows[-1].accrued, rows[-1].committed) == (0, 0, 0)


@settings(max_examples=60, deadline=None)
@given(agreements(), st.integers(1, 40))
def test_a_later_day_leaves_earlier_months_as_they_were(agreed: Agreement, months: int) -> None:
    """Rule CT5: the schedule does not hang on the day it is looked at."""
    assume(not list(contradictions(agreed)))
    later = agreed.start + timedelta(days=31 * months)
    first, again = schedule(agreed, agreed.start), schedule(agreed, later)
    assert [row.expense for row in again[: len(first)]] == [row.expense for row in first]


WRONG = {
    "before it starts on": licence(end=date(2025, 12, 31)),
    "above 1200 months": licence(end=date(2126, 2, 1)),
    "needs the term's end": licence(end=None, pay_months=0),
    "whole term needs": licence(end=None, over_the_term=True),
    "buys nothing": licence(quantity=D(0)),
    "zero or more": licence(notice_months=-1),
    "at least one month": licence(renewal=Renewal.AUTOMATIC, renewal_months=0),
    "Cancelled on": licence(cancelled=date(2025, 1, 1)),
    "less than 100": licence(index_percent=D(-100)),
    "Two price steps": licence(steps=(Step(JANUARY, D(1)), Step(JANUARY, D(2)))),
    "outside the term": licence(steps=(Step(date(2029, 1, 1), D(1)),)),
    "leaves no units": licence(steps=(Step(JANUARY, quantity=D(0)),)),
    "changes nothing": licence(steps=(Step(JANUARY),)),
}


@pytest.mark.parametrize("told", WRONG)
def test_what_contradicts_itself_is_refused(told: str) -> None:
    """Rules CT3 and CT4."""
    with pytest.raises(BadAgreement, match=told) as refusal:
        schedule(WRONG[told], JANUARY)
    assert refusal.value.code == "contract.bad_terms"


def lease(**told: Any) -> Lease:
    base: dict[str, Any] = {
        "start": JANUARY, "months": 36, "payment": D(1000), "rate": D("0.06"), "in_advance": False,
    }  # fmt: skip
    return Lease(**{**base, **told})


def test_a_lease_of_three_years() -> None:
    """Rules CT11 and CT12; the annuity of 1,000 a month at 0.5 % is worth 32,871.02."""
    rows = lease_schedule(lease())
    annuity = (1 - 1 / Fraction(201, 200) ** 36) * 200_000
    assert present_value(lease()) == annuity
    assert (rows[0].interest, rows[0].liability) == (D("164.35"), D("32035.37"))
    assert (rows[-1].liability, rows[-1].right_of_use) == (0, 0)
    assert sum(row.interest for row in rows) == 36_000 - D("32871.02")
    assert sum(row.cost for row in rows) == 36_000
    assert rows[0].cost > rows[-1].cost
    level = lease_schedule(lease(standard=Standard.ASC_842_OPERATING, direct_costs=D(360)))
    assert {row.cost for row in level} == {1010}
    assert (level[-1].right_of_use, level[-1].liability) == (0, 0)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([1, 3, 12]), st.integers(2, 8), st.booleans(), st.sampled_from(Standard),
    st.integers(0, 3000), st.integers(1, 10**7),
)  # fmt: skip
def test_every_lease_closes(
    every: int, count: int, advance: bool, standard: Standard, rate: int, units: int
) -> None:
    """Rules CT11 and CT12."""
    told = lease(every_months=every, months=every * count, in_advance=advance, standard=standard,
                 rate=D(rate) / 10_000, payment=D(units) / 100)  # fmt: skip
    rows = lease_schedule(told)
    assert sum(row.cost for row in rows) == sum(row.payment for row in rows)
    assert (rows[-1].liability, rows[-1].right_of_use) == (0, 0)


def test_short_and_small_leases_are_spread() -> None:
    """Rule CT13."""
    short = lease(months=12, every_months=12)
    assert is_exempt(short)
    assert {row.cost for row in lease_schedule(short)} == {D("83.33"), D("83.34")}
    assert is_exempt(lease(low_value=True))
    assert not is_exempt(lease(low_value=True, standard=Standard.ASC_842_FINANCE))
    for wrong in (lease(months=0), lease(every_months=5), lease(payment=D(0)), lease(rate=D(-1))):
        with pytest.raises(BadLease) as refusal:
            lease_schedule(wrong)
        assert refusal.value.code == "contract.bad_lease"


MARCH, MAY, JULY = date(2026, 3, 1), date(2026, 5, 1), date(2026, 7, 1)
SPENT = [
    Spent(date(2026, 1, 5), Activity.RESEARCH, D(1)),
    Spent(date(2026, 2, 5), Activity.DEVELOPMENT, D(20)),
    Spent(date(2026, 4, 5), Activity.DEVELOPMENT, D(300)),
    Spent(date(2026, 6, 5), Activity.TESTING, D(4000)),
    Spent(date(2026, 6, 6), Activity.TRAINING, D(50_000)),
    Spent(date(2026, 6, 7), Activity.ENHANCEMENT, D(600_000)),
    Spent(date(2026, 8, 5), Activity.DEVELOPMENT, D(7_000_000)),
    Spent(date(2026, 8, 6), Activity.ENHANCEMENT, D(80_000_000)),
]


def test_capitalized_software_by_three_policies() -> None:
    """Rules CT14-CT16."""
    project = Project(
        funding_committed=date(2026, 2, 1), completion_probable=date(2026, 2, 1),
        preliminary_ended=MARCH, ready=JULY, criteria=tuple((name, MAY) for name in CRITERIA),
    )  # fmt: skip
    found = {policy: judge(policy, project, SPENT) for policy in Policy}
    assert {policy: capitalized(judged) for policy, judged in found.items()} == {
        Policy.ASC_350_40_STAGES: D(80_004_300),
        Policy.ASC_350_40_PROBABLE: D(80_004_320),
        Policy.IAS_38: D(80_004_000),
    }
    reasons = [one.reason for one in found[Policy.IAS_38]]
    assert "IAS 38.57" in reasons[2]
    assert reasons[4] == "training is an expense"
    assert "ready on 2026-07-01" in reasons[6]
    nothing = judge(Policy.ASC_350_40_PROBABLE, Project(), SPENT[:3])
    assert [one.capitalized for one in nothing] == [False] * 3
    funded = judge(Policy.ASC_350_40_PROBABLE, Project(funding_committed=MARCH), SPENT[2:3])
    assert "not probable" in funded[0].reason
    early = judge(Policy.ASC_350_40_STAGES, Project(), SPENT[1:2])
    assert "preliminary" in early[0].reason
