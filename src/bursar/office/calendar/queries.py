"""Reading periods and their state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from bursar.core.calc.fiscal import FiscalPeriod
from bursar.office.calendar.models import Period, PeriodState
from bursar.office.calendar.periods import calendar_of

Posting = tuple[str, str]
"""Legal entity and posting period."""


def known_periods(entity_code: str | None = None) -> list[str]:
    """Codes of every period that has been opened, in order of time."""
    rows = Period.objects.order_by("start", "code")
    if entity_code:
        rows = rows.filter(legal_entity__code=entity_code)
    return list(dict.fromkeys(rows.values_list("code", flat=True)))


def last_day_of(code: str) -> date:
    """The last day of a period of the calendar that entities without their own have."""
    return calendar_of().period(code).end - timedelta(days=1)


def state_of(code: str, entity_code: str) -> PeriodState:
    """The period's state for one entity; open where nothing was posted to it yet."""
    row = Period.objects.filter(code=code, legal_entity__code=entity_code).first()
    return PeriodState(row.state) if row else PeriodState.OPEN


def states(code: str) -> dict[str, str]:
    """The period's state by legal entity, of those that have posted to it."""
    rows = Period.objects.filter(code=code).select_related("legal_entity")
    return {row.legal_entity.code: row.state for row in rows}


def is_closed(code: str) -> bool:
    """Whether some legal entity has closed the period, so that its figures must stand."""
    return Period.objects.filter(code=code, state=PeriodState.CLOSED).exists()


def states_of(postings: Iterable[Posting]) -> dict[Posting, PeriodState]:
    """The state of each of these; open where nothing was posted to it yet."""
    wanted = set(postings)
    rows = Period.objects.filter(code__in={period for _, period in wanted})
    known = {
        (entity, code): PeriodState(state)
        for entity, code, state in rows.values_list("legal_entity__code", "code", "state")
    }
    return {posting: known.get(posting, PeriodState.OPEN) for posting in wanted}


def closed_among(postings: Iterable[Posting]) -> frozenset[Posting]:
    """Those of these postings whose period is closed."""
    found = states_of(postings)
    return frozenset(posting for posting, state in found.items() if state == PeriodState.CLOSED)


def next_open(entity_code: str, after: str) -> str:
    """The earliest period after this one that is open for the entity."""
    calendar = calendar_of(entity_code)
    shut = set(
        Period.objects.filter(legal_entity__code=entity_code)
        .exclude(state=PeriodState.OPEN)
        .values_list("code", flat=True)
    )
    period: FiscalPeriod = calendar.period_of(calendar.period(after).end)
    while period.code in shut:
        period = calendar.period_of(period.end)
    return period.code
