"""Fiscal calendars and posting periods: rules M12-M16 of docs/spec/money.md."""

from datetime import date, timedelta
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.core.calc.fiscal import (
    FiscalCalendar,
    UnknownPeriod,
    period_codes,
    posting_period,
    posting_periods,
)

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
calendars = st.builds(
    FiscalCalendar,
    start_month=st.integers(1, 12),
    pattern=st.sampled_from(["month", "4-4-5", "4-5-4", "5-4-4"]),
    first_weekday=st.integers(0, 6),
    year_rule=st.sampled_from(["nearest", "last"]),
    named_after=st.sampled_from(["end", "start"]),
)
RETAIL = FiscalCalendar(2, "4-5-4", first_weekday=6, named_after="start")


@given(calendars, days)
def test_every_day_lies_in_one_period_that_its_code_finds(calendar, day):
    period = calendar.period_of(day)
    assert period.start <= day < period.end
    assert calendar.period(period.code) == period
    assert period in calendar.year(period.fiscal_year)
    assert calendar.period_of(period.start) == calendar.period_of(period.end - timedelta(1))
    assert calendar.period_of(period.end).start == period.end


@given(calendars, st.integers(1995, 2080))
def test_years_are_twelve_periods_without_gap(calendar, year):
    periods = calendar.year(year)
    assert [p.number for p in periods] == list(range(1, 13))
    assert [p.quarter for p in periods] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]
    assert all(a.end == b.start for a, b in pairwise(periods))
    assert periods[-1].end == calendar.year(year + 1)[0].start
    if calendar.pattern != "month":
        weeks = [(p.end - p.start).days / 7 for p in periods]
        pattern = [int(n) for n in calendar.pattern.split("-")] * 4
        assert weeks[:-1] == pattern[:-1]
        assert weeks[-1] - pattern[-1] in (0, 1)
        assert periods[0].start.weekday() == calendar.first_weekday


def test_m12_and_m15_a_year_from_october():
    calendar = FiscalCalendar(10)
    period = calendar.period_of(date(2024, 10, 31))
    assert (period.code, period.fiscal_year, period.number, period.quarter) == (
        "2024-10",
        2025,
        1,
        1,
    )
    assert [p.code for p in calendar.year(2025)][::11] == ["2024-10", "2025-09"]
    assert FiscalCalendar(10, named_after="start").period("2024-10").fiscal_year == 2024


@given(days)
def test_m14_monday_january_nearest_is_the_iso_year(day):
    calendar = FiscalCalendar(1, "4-4-5")
    assert calendar.period_of(day).fiscal_year == day.isocalendar().year


@pytest.mark.parametrize(
    ("year", "opens", "weeks"),
    [(2012, date(2012, 1, 29), 53), (2016, date(2016, 1, 31), 52), (2017, date(2017, 1, 29), 53),
     (2018, date(2018, 2, 4), 52), (2023, date(2023, 1, 29), 53), (2024, date(2024, 2, 4), 52)],
)  # fmt: skip
def test_m13_and_m14_the_retailers_calendar(year, opens, weeks):
    periods = RETAIL.year(year)
    assert periods[0].start == opens
    assert (periods[-1].end - opens).days == weeks * 7
    assert (periods[-1].end - periods[-1].start).days == (35 if weeks == 53 else 28)


def test_m14_a_year_ending_on_the_last_saturday_of_september():
    calendar = FiscalCalendar(10, "5-4-4", first_weekday=6, year_rule="last")
    for year in range(2000, 2050):
        ends = calendar.year(year)[-1].end - timedelta(1)
        assert ends.weekday() == 5
        assert (ends.year, ends.month) == (year, 9)
        assert (ends + timedelta(7)).month == 10


def test_periods_between_two_codes():
    assert [p.code for p in FiscalCalendar().between("2024-11", "2025-02")] == [
        "2024-11", "2024-12", "2025-01", "2025-02",
    ]  # fmt: skip
    assert FiscalCalendar().between("2025-02", "2025-01") == []


@pytest.mark.parametrize("code", ["2025-13", "2025", "FY2025-P01", "2025-1", ""])
def test_a_code_of_another_calendar_is_refused(code):
    with pytest.raises(UnknownPeriod, match="such as 2025-04") as refusal:
        FiscalCalendar().period(code)
    assert refusal.value.code == "period.unknown"


@pytest.mark.parametrize("code", ["2025-01", "FY2025-P13", "FY2025-P00"])
def test_a_month_is_no_period_of_weeks(code):
    with pytest.raises(UnknownPeriod):
        RETAIL.period(code)


@pytest.mark.parametrize(
    "wrong", [{"start_month": 0}, {"pattern": "6-3-4"}, {"first_weekday": 7}, {"year_rule": "x"}]
)
def test_a_calendar_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"[0-9x]"):
        FiscalCalendar(**wrong)


@pytest.mark.parametrize(
    ("service", "code"),
    [
        (date(2025, 1, 31), "2025-01"),
        (date(2025, 1, 1), "2025-01"),
        (date(2024, 12, 31), "2025-01"),
        (date(2025, 2, 1), "2025-01"),
        (None, "2025-01"),
    ],
)
def test_m16_service_days_outside_the_billing_period_do_not_decide(service, code):
    period = posting_period(FiscalCalendar(), service, date(2025, 1, 1), date(2025, 2, 1))
    assert period.code == code


def test_m16_a_billing_period_across_months_posts_by_service_day():
    months = FiscalCalendar()
    bill = (date(2025, 1, 15), date(2025, 2, 15))
    assert posting_period(months, date(2025, 2, 3), *bill).code == "2025-02"
    assert posting_period(months, date(2025, 2, 15), *bill).code == "2025-01"


@given(
    calendars,
    st.lists(st.tuples(st.none() | days, days, st.integers(1, 60)), max_size=30),
)
def test_m16_columns_agree_with_single_lines(calendar, lines):
    ends = [start + timedelta(length) for _, start, length in lines]
    expected = [
        posting_period(calendar, day, start, end).code
        for (day, start, _), end in zip(lines, ends, strict=True)
    ]
    columns = (
        pa.array([day for day, _, _ in lines], pa.date32()),
        pa.array([start for _, start, _ in lines], pa.date32()),
        pa.array(ends, pa.date32()),
    )
    assert posting_periods(calendar, *columns).to_pylist() == expected


def test_period_codes_keep_nulls_and_chunks():
    column = pa.chunked_array(
        [pa.array([date(2025, 3, 4), None]), pa.array([date(2024, 1, 1)])], pa.date32()
    )
    assert period_codes(FiscalCalendar(), column).to_pylist() == ["2025-03", None, "2024-01"]
    assert period_codes(FiscalCalendar(), pa.nulls(2, pa.date32())).to_pylist() == [None, None]
