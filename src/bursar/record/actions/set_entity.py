"""Act: name a legal entity, its currency and the fiscal calendar that its facts are posted by."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import transaction

from bursar.core.calc.fiscal import PATTERNS
from bursar.core.money.currency import is_currency
from bursar.office.calendar.queries import known_periods
from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.reference.entities import ensure_entity, entities, entity
from bursar.office.reference.models import LegalEntity
from bursar.record.errors import BadEntity, CalendarInUse


@dataclass(frozen=True)
class EntityChange:
    """What shall be set; None leaves it as it is."""

    name: str | None = None
    currency: str | None = None
    fiscal_start_month: int | None = None
    calendar_pattern: str | None = None


def set_entity(*, acting_user: User | None, code: str, change: EntityChange) -> LegalEntity:
    """Make or change a legal entity; a calendar can change until something is posted by it.

    Refuses: people.not_allowed, record.bad_entity, record.calendar_in_use.
    """
    require(acting_user, "record.set_entity")
    _check(code, change)
    wanted = {field: value for field, value in asdict(change).items() if value is not None}
    with transaction.atomic():
        fresh = entity(code) is None
        owner = ensure_entity(code)
        before = {field: getattr(owner, field) for field in wanted}
        if before == wanted and not fresh:
            return owner
        for field, value in wanted.items():
            setattr(owner, field, value)
        moved = ("fiscal_start_month", "calendar_pattern")
        if any(before.get(field) != wanted.get(field) for field in moved):
            _refuse_in_use(owner)
        owner.save()
        record_act(
            act="record.set_entity",
            subject=code,
            actor=acting_user,
            detail={"before": None if fresh else before, "after": wanted},
        )
    return owner


def _check(code: str, change: EntityChange) -> None:
    month, pattern = change.fiscal_start_month, change.calendar_pattern
    if not 0 < len(code.strip()) <= 40 or code != code.strip():
        raise BadEntity("The code of a legal entity has 1 to 40 characters. Give another one.")
    if change.name is not None and not 0 < len(change.name.strip()) <= 200:
        raise BadEntity("The name of a legal entity has 1 to 200 characters. Give another one.")
    if change.currency is not None and not is_currency(change.currency):
        raise BadEntity(f"'{change.currency}' is no currency of ISO 4217; write one such as EUR.")
    if month is not None and not 1 <= month <= 12:
        raise BadEntity(f"A fiscal year starts in month 1 to 12, not in {month}.")
    if pattern is not None and pattern not in PATTERNS:
        raise BadEntity(f"There is no calendar '{pattern}'. Choose {', '.join(PATTERNS)}.")


def _refuse_in_use(owner: LegalEntity) -> None:
    """Posted periods keep their codes for ever, and entities share the codes of their periods."""
    if posted := known_periods(owner.code):
        raise CalendarInUse(
            f"Cost of {owner.code} is posted to {posted[0]} and later by its calendar, which "
            "therefore stands. Set the calendar in a new data folder, before the first import."
        )
    months = owner.calendar_pattern == "month"
    for other in entities():
        same = other.calendar_pattern == owner.calendar_pattern
        alike = same and (months or other.fiscal_start_month == owner.fiscal_start_month)
        if other.pk != owner.pk and not alike:
            raise CalendarInUse(
                f"{other.code} has another calendar ({other.calendar_pattern}, from month "
                f"{other.fiscal_start_month}), and both could not share periods. Give both "
                "the same, before the first import."
            )
