"""Fiscal periods of a legal entity: which calendar counts, and the rows that carry their state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from bursar.core.calc.fiscal import FiscalCalendar, FiscalPeriod, Pattern
from bursar.office.calendar.models import Period
from bursar.office.reference.entities import default_entity, entity
from bursar.office.reference.models import LegalEntity


def calendar_of(code: str | None = None) -> FiscalCalendar:
    """The fiscal calendar of a legal entity; the default entity's where it is not known."""
    found = entity(code) if code else None
    return fiscal_calendar(found or default_entity())


def fiscal_calendar(owner: LegalEntity) -> FiscalCalendar:
    pattern = cast(Pattern, owner.calendar_pattern)
    return FiscalCalendar(start_month=owner.fiscal_start_month, pattern=pattern)


def ensure_periods(owner: LegalEntity, codes: Iterable[str]) -> list[Period]:
    """The entity's rows of these periods; those posted to for the first time are opened."""
    calendar = fiscal_calendar(owner)
    return [_ensure(owner, calendar.period(code)) for code in sorted(set(codes))]


def _ensure(owner: LegalEntity, period: FiscalPeriod) -> Period:
    return Period.objects.get_or_create(
        legal_entity=owner,
        code=period.code,
        defaults={
            "start": period.start,
            "end": period.end,
            "fiscal_year": period.fiscal_year,
            "number": period.number,
        },
    )[0]
