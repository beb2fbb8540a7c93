"""When a source's files are due, and which periods lack one."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from statistics import median

from bursar.record.models import Rhythm, Watch

_STEP = {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7}
_COMPARED = 3
"""With fewer periods before it, nothing can be said about how many rows are usual."""


def months_until(today: date, count: int) -> list[str]:
    """The last months up to this one, oldest first."""
    number = today.year * 12 + today.month - 1
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(number - count + 1, number + 1)]


def due_date(watch: Watch, period: str) -> date:
    """The last day on which the files of a month are in time, days of grace included."""
    year, month = int(period[:4]), int(period[5:])
    after = date(year + month // 12, month % 12 + 1, 1)
    grace = timedelta(days=watch.grace_days)
    if watch.rhythm == Rhythm.MONTHLY:
        last = calendar.monthrange(after.year, after.month)[1]
        return after.replace(day=min(watch.due_day, last)) + grace
    return after + timedelta(days=_STEP[Rhythm(watch.rhythm)]) + grace


def late_periods(watch: Watch, held: Sequence[str], today: date) -> Iterator[str]:
    """Months that are due and lack a batch, from the first month that has one or was watched."""
    began = min([*held, watch.added_at.strftime("%Y-%m")])
    for period in months_until(today, 24):
        if period >= began and period not in held and today > due_date(watch, period):
            yield period


def is_overdue(watch: Watch, last: date | None, today: date) -> bool:
    """Whether a daily or weekly source has been silent for longer than its rhythm allows."""
    if watch.rhythm == Rhythm.MONTHLY:
        return False
    since = last or watch.added_at.date()
    return (today - since).days > _STEP[Rhythm(watch.rhythm)] + watch.grace_days


def looks_incomplete(rows: int, before: Sequence[int]) -> bool:
    """Fewer than half the rows that the three periods before had in the middle."""
    usual = list(before)[-_COMPARED:]
    return len(usual) == _COMPARED and rows * 2 < median(usual)
