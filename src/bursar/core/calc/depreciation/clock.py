"""How many months of the useful life have passed at the end of a month (rules DP4-DP9).

Months are counted from the one in which the asset was put in service, which is month 0. The
answer is exact: by days it is a fraction of the days that the life has.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Callable
from datetime import date
from fractions import Fraction

from bursar.core.calc.depreciation.terms import Convention

HALF = Fraction(1, 2)
_MIDDLE = 15
"""The last day of a month's first half."""

Clock = Callable[[int], Fraction]
"""Month's place -> months of life that have passed at its end, not capped by the life."""


def month_of(day: date) -> int:
    """Months since year 0, so that months can be counted."""
    return day.year * 12 + day.month - 1


def name_of(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def number_of(name: str) -> int:
    """The month that is written YYYY-MM."""
    return int(name[:4]) * 12 + int(name[5:7]) - 1


def first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, monthrange(month // 12, month % 12 + 1)[1])


def clock(
    convention: Convention, start: date, life_months: int, *, fiscal_start_month: int = 1
) -> Clock:
    """The clock of an asset put in service on a day."""
    late = start.day > _MIDDLE
    offsets = {
        Convention.FULL_MONTH: Fraction(1),
        Convention.NEXT_MONTH: Fraction(0),
        Convention.MID_MONTH: HALF,
        Convention.HALF_MONTH: HALF if late else Fraction(1),
    }
    if convention in offsets:
        offset = offsets[convention]
        return lambda place: max(place + offset, Fraction(0))
    if convention is Convention.ACTUAL_DAYS:
        return _by_days(start, life_months)
    if convention is Convention.DAYS_OF_YEAR:
        return _by_days_of_year(start)
    if convention is Convention.DAYS_360:
        return lambda place: Fraction(place * 30 + 30 - min(start.day, 30) + 1, 30)
    return _by_years(convention, start, fiscal_start_month)


def first_part(convention: Convention, start: date, fiscal_start_month: int = 1) -> Fraction:
    """The months that the first fiscal year counts, by half-year or mid-quarter."""
    if convention is Convention.MID_QUARTER:
        quarter = (month_of(start) - (fiscal_start_month - 1)) % 12 // 3
        return Fraction(21, 2) - 3 * quarter
    return Fraction(6)


def months_of_first_year(start: date, fiscal_start_month: int = 1) -> int:
    """Months of the fiscal year of a day, from its own month on."""
    return 12 - (month_of(start) - (fiscal_start_month - 1)) % 12


def _by_days(start: date, life_months: int) -> Clock:
    """Days used of the days that the life has, as months of it (rule DP7)."""
    origin = month_of(start)
    whole = (_same_day(start, life_months) - start).days

    def passed(place: int) -> Fraction:
        used = (first_day(origin + place + 1) - start).days
        return Fraction(max(used, 0) * life_months, whole)

    return passed


def days_used(start: date, life_months: int) -> tuple[tuple[int, ...], int]:
    """Days used at each month's end until the life is over, and the days of the whole life."""
    origin, end = month_of(start), _same_day(start, life_months)
    whole = (end - start).days
    ends = range(origin + 1, month_of(end) + 2)
    return tuple(min((first_day(month) - start).days, whole) for month in ends), whole


def days_of_year_used(start: date, life_months: int) -> tuple[tuple[int, ...], int]:
    """As `days_used`, where each year's days count as twelve months: in 365 x 366ths of a month
    of the life, twelve to the year."""
    whole, month, used = life_months * 365 * 366, month_of(start), 0
    found: list[int] = []
    while used < whole:
        days = last_day(month).day - (start.day - 1 if not found else 0)
        used = min(used + 12 * days * (365 if isleap(month // 12) else 366), whole)
        found.append(used)
        month += 1
    return tuple(found), whole


def _by_days_of_year(start: date) -> Clock:
    """Each calendar year counts its days as twelve months (rule DP8)."""
    origin = month_of(start)

    def passed(place: int) -> Fraction:
        end = first_day(origin + place + 1)
        months = Fraction(0)
        for year in range(start.year, end.year + 1):
            opened, closed = max(start, date(year, 1, 1)), min(end, date(year + 1, 1, 1))
            days = max((closed - opened).days, 0)
            months += Fraction(12 * days, (date(year + 1, 1, 1) - date(year, 1, 1)).days)
        return months

    return passed


def _by_years(convention: Convention, start: date, fiscal_start_month: int) -> Clock:
    """The first year counts its part, spread over the months in service in it (rule DP9)."""
    part = first_part(convention, start, fiscal_start_month)
    left = months_of_first_year(start, fiscal_start_month)

    def passed(place: int) -> Fraction:
        if place < 0:
            return Fraction(0)
        if place < left:
            return part * Fraction(place + 1, left)
        return part + place + 1 - left

    return passed


def _same_day(start: date, months: int) -> date:
    """The same day so many months later; a month's last day where it is shorter."""
    month = month_of(start) + months
    return date(month // 12, month % 12 + 1, min(start.day, last_day(month).day))


def days_passed(
    convention: Convention, start: date, life_months: int, day: date
) -> Fraction | None:
    """Months of life that have passed before a day, where the convention counts days."""
    at = month_of(day) - month_of(start)
    if convention is Convention.ACTUAL_DAYS:
        whole = (_same_day(start, life_months) - start).days
        return Fraction((day - start).days * life_months, whole)
    if convention is Convention.DAYS_360:
        return Fraction(at * 30 + min(day.day, 30) - min(start.day, 30), 30)
    if convention is Convention.DAYS_OF_YEAR:
        before = _by_days_of_year(start)(at - 1) if at > 0 else Fraction(0)
        since = (day - max(start, first_day(month_of(day)))).days
        year = (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days
        return before + Fraction(12 * since, year)
    return None
