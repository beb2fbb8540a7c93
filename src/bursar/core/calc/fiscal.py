"""Fiscal calendars of months or of weeks, and the period a line is posted to (rules M12-M16)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bursar.core.refusal import Refused

Pattern = Literal["month", "4-4-5", "4-5-4", "5-4-4"]
YearRule = Literal["nearest", "last"]
DateColumn: TypeAlias = pa.Array | pa.ChunkedArray

PATTERNS = ("month", "4-4-5", "4-5-4", "5-4-4")
_MONTH_CODE = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_WEEK_CODE = re.compile(r"FY([0-9]{4})-P(0[1-9]|1[0-2])")
_WEEK = timedelta(days=7)


class UnknownPeriod(Refused):
    """Text that is no period of this calendar."""

    code = "period.unknown"


@dataclass(frozen=True, order=True)
class FiscalPeriod:
    """One period; `end` is the first day that is not covered. Sorts by time."""

    start: date
    end: date
    code: str
    fiscal_year: int
    number: int

    @property
    def quarter(self) -> int:
        return (self.number - 1) // 3 + 1


@dataclass(frozen=True)
class FiscalCalendar:
    """How a legal entity cuts time into periods.

    `first_weekday` (0 is Monday) and `year_rule` matter to calendars of weeks only; `named_after`
    says whether a fiscal year bears the calendar year of its nominal end or of its start.
    """

    start_month: int = 1
    pattern: Pattern = "month"
    first_weekday: int = 0
    year_rule: YearRule = "nearest"
    named_after: Literal["end", "start"] = "end"

    def __post_init__(self) -> None:
        if not 1 <= self.start_month <= 12:
            raise ValueError(f"a fiscal year starts in month 1 to 12, not {self.start_month}")
        if self.pattern not in PATTERNS:
            raise ValueError(f"pattern '{self.pattern}' is none of {', '.join(PATTERNS)}")
        if not 0 <= self.first_weekday <= 6:
            raise ValueError(f"a weekday is 0 (Monday) to 6, not {self.first_weekday}")
        if self.year_rule not in ("nearest", "last"):
            raise ValueError(f"year rule '{self.year_rule}' is neither nearest nor last")

    def period_of(self, day: date) -> FiscalPeriod:
        """The period that covers a day."""
        # Years of weeks may start some days away from their anchor, hence the neighbours.
        nominal = day.year - (day.month < self.start_month)
        for opened in (nominal, nominal + 1, nominal - 1):
            for period in _periods(self, opened):
                if period.start <= day < period.end:
                    return period
        raise AssertionError(f"years of weeks leave no gap, yet none covers {day}")

    def period(self, code: str) -> FiscalPeriod:
        """The period of a code such as 2025-04 or FY2025-P04."""
        if self.pattern == "month":
            if match := _MONTH_CODE.fullmatch(code):
                return self.period_of(date(int(match[1]), int(match[2]), 1))
            raise UnknownPeriod(f"'{code}' is no period; write year and month such as 2025-04")
        if match := _WEEK_CODE.fullmatch(code):
            return self.year(int(match[1]))[int(match[2]) - 1]
        raise UnknownPeriod(f"'{code}' is no period of this calendar; write it like FY2025-P04")

    def year(self, fiscal_year: int) -> list[FiscalPeriod]:
        """The twelve periods of a fiscal year, in order."""
        return list(_periods(self, fiscal_year - self._years_ahead))

    def between(self, first: str, last: str) -> list[FiscalPeriod]:
        """All periods from one code to another, both included; empty if they run backwards."""
        period, end = self.period(first), self.period(last).end
        found = []
        while period.end <= end:
            found.append(period)
            period = self.period_of(period.end)
        return found

    @property
    def _years_ahead(self) -> int:
        """By how much a year's name exceeds the calendar year of its anchor."""
        return 1 if self.named_after == "end" and self.start_month > 1 else 0

    def _opens(self, anchor_year: int) -> date:
        """First day of the year whose anchor is the start month of this calendar year."""
        anchor = date(anchor_year, self.start_month, 1)
        if self.pattern == "month":
            return anchor
        back = (anchor.weekday() - self.first_weekday) % 7
        if self.year_rule == "nearest" and back > 3:
            back -= 7
        return anchor - timedelta(days=back)


@lru_cache(maxsize=256)
def _periods(calendar: FiscalCalendar, anchor_year: int) -> tuple[FiscalPeriod, ...]:
    name = anchor_year + calendar._years_ahead
    starts = list(_starts(calendar, anchor_year))
    ends = [*starts[1:], calendar._opens(anchor_year + 1)]
    return tuple(
        FiscalPeriod(start, end, _code(calendar, start, name, number), name, number)
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
    )


def _starts(calendar: FiscalCalendar, anchor_year: int) -> Iterator[date]:
    opened = calendar._opens(anchor_year)
    if calendar.pattern == "month":
        for months in range(opened.month - 1, opened.month + 11):
            yield date(opened.year + months // 12, months % 12 + 1, 1)
        return
    for weeks in [int(number) for number in calendar.pattern.split("-")] * 4:
        yield opened
        opened += weeks * _WEEK


def _code(calendar: FiscalCalendar, start: date, fiscal_year: int, number: int) -> str:
    if calendar.pattern == "month":
        return f"{start.year:04d}-{start.month:02d}"
    return f"FY{fiscal_year:04d}-P{number:02d}"


def posting_period(
    calendar: FiscalCalendar, service_day: date | None, billing_start: date, billing_end: date
) -> FiscalPeriod:
    """The period a line is posted to (rule M16); `billing_end` is the first day not covered."""
    if service_day is not None and billing_start <= service_day < billing_end:
        return calendar.period_of(service_day)
    return calendar.period_of(billing_start)


def posting_periods(
    calendar: FiscalCalendar,
    service_days: DateColumn,
    billing_starts: DateColumn,
    billing_ends: DateColumn,
) -> pa.Array:
    """`posting_period` for whole date columns; null only where both candidates are null.

    A line without a billing period's end cannot show its service day to lie outside, so it is
    posted by its service day.
    """
    outside = pc.or_kleene(
        pc.less(service_days, billing_starts), pc.greater_equal(service_days, billing_ends)
    )
    outside = pc.fill_null(outside, False)
    days = pc.coalesce(pc.if_else(outside, billing_starts, service_days), billing_starts)
    return period_codes(calendar, days)


def period_codes(calendar: FiscalCalendar, days: DateColumn) -> pa.Array:
    """The period code of every day of a date column; only distinct days are looked up."""
    array = days.combine_chunks() if isinstance(days, pa.ChunkedArray) else days
    array = array.cast(pa.date32())
    if len(array) == array.null_count:
        return pa.nulls(len(array), pa.string())
    numbers = np.asarray(array.cast(pa.int32()).fill_null(pc.min(array).cast(pa.int32())))
    first = int(numbers.min())
    seen = np.zeros(int(numbers.max()) - first + 1, dtype=bool)
    seen[numbers - first] = True
    distinct = np.flatnonzero(seen)
    place = np.zeros(len(seen), dtype=np.int32)
    place[distinct] = np.arange(len(distinct), dtype=np.int32)
    epoch = date(1970, 1, 1) + timedelta(days=first)
    codes = pa.array(
        [calendar.period_of(epoch + timedelta(days=int(d))).code for d in distinct], pa.string()
    )
    indices = pa.array(place[numbers - first], mask=np.asarray(array.is_null()))
    return codes.take(indices)
