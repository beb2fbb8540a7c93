"""Reading periods and their state."""

from __future__ import annotations

from bursar.office.calendar.models import Period, PeriodState


def known_periods(entity_code: str | None = None) -> list[str]:
    """Codes of every period that has been opened, in order of time."""
    rows = Period.objects.order_by("start", "code")
    if entity_code:
        rows = rows.filter(legal_entity__code=entity_code)
    return list(dict.fromkeys(rows.values_list("code", flat=True)))


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
