"""Amortization: an amount that is paid for a span of days, charged to its months (CT1-CT3)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from bursar.core.money.rounding import spread
from bursar.core.refusal import Refused


class Amortization(StrEnum):
    """How the months of a span share its amount."""

    EVEN_PERIODS = "even_periods"
    BY_DURATION = "by_duration"
    PRORATED_ENDS = "prorated_ends"
    CALENDAR_DAYS = "calendar_days"


class BadSpan(Refused):
    """An amount was to be spread over a span that ends before it begins."""

    code = "contract.bad_span"


def amortize(
    amount: Decimal, start: date, end: date, method: Amortization, *, digits: int
) -> list[tuple[str, Decimal]]:
    """The charge of each month, YYYY-MM, from `start` to `end`, both included.

    Charges add up to the amount rounded to `digits`; at every month's end what was charged so far
    is the exact amount rounded once. Refusals: contract.bad_span.
    """
    if end < start:
        raise BadSpan(f"The span from {start} ends before, on {end}; mend one of the days.")
    weights = _weights(start, end, method)
    charged = spread(
        amount, periods=len(weights), digits=digits, profile=[weight for _, weight in weights]
    )
    return [(name_of(month), part) for (month, _), part in zip(weights, charged, strict=True)]


def _weights(start: date, end: date, method: Amortization) -> list[tuple[int, Fraction]]:
    first, last = month_of(start), month_of(end)
    if method is Amortization.BY_DURATION:
        return [(first + n, Fraction(1)) for n in range(months_between(start, end))]
    months = range(first, last + 1)
    if method is Amortization.EVEN_PERIODS:
        return [(month, Fraction(1)) for month in months]
    days = {month: _days_in(month, start, end) for month in months}
    if method is Amortization.PRORATED_ENDS and len(months) > 2:
        whole = (end - start).days + 1
        between = Fraction(whole - days[first] - days[last], len(months) - 2)
        ends = (first, last)
        return [(m, Fraction(days[m]) if m in ends else between) for m in months]
    return [(month, Fraction(days[month])) for month in months]


def months_between(start: date, end: date) -> int:
    """Months that a span lasts, both days included, to the nearest one; at least 1."""
    after = end + timedelta(days=1)
    months = month_of(after) - month_of(start)
    days = after.day - start.day
    length = monthrange(after.year, after.month)[1]
    return max(months + (1 if 2 * days >= length else 0) - (1 if 2 * days < -length else 0), 1)


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it is shorter."""
    month = month_of(day) + months
    year, number = month // 12, month % 12 + 1
    return date(year, number, min(day.day, monthrange(year, number)[1]))


def month_of(day: date) -> int:
    """Months since year 0, so that months can be counted."""
    return day.year * 12 + day.month - 1


def name_of(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def _days_in(month: int, start: date, end: date) -> int:
    opened = date(month // 12, month % 12 + 1, 1)
    closed = date(opened.year, opened.month, monthrange(opened.year, opened.month)[1])
    return (min(end, closed) - max(start, opened)).days + 1
