"""Act: add a line of one's own to the checklist of a period."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from bursar.flow.close import periods_to_close
from bursar.flow.errors import AlreadyClosed, BadClosingLine
from bursar.office.calendar.models import ClosingLine, PeriodState
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.people.queries import user_named

ACT = "flow.add_closing_line"
_LONGEST = 200
_MOST_DAYS = 366


def add_closing_line(
    *,
    acting_user: User | None,
    period: str,
    legal_entity: str,
    name: str,
    owner: str = "",
    due_days: int = 5,
) -> ClosingLine:
    """Somebody says later that it is done, by hand; until then it keeps the period open.

    Refuses: people.not_allowed, people.unknown_user, period.none, period.bad_line,
    period.already_closed.
    """
    require(acting_user, ACT)
    if not 0 < len(name.strip()) <= _LONGEST:
        raise BadClosingLine(
            f"A line of the checklist says in 1 to {_LONGEST} characters what to do."
        )
    if abs(due_days) > _MOST_DAYS:
        raise BadClosingLine(f"A line is due within {_MOST_DAYS} days of the period's last day.")
    if owner:
        user_named(owner)
    with transaction.atomic():
        [found] = periods_to_close(period, legal_entity)
        if found.state == PeriodState.CLOSED:
            raise AlreadyClosed(f"{period} is closed; its checklist stands as it was.")
        line = ClosingLine.objects.create(
            period=found,
            name=name.strip(),
            owner=owner,
            due_days=due_days,
            added_at=timezone.now(),
            added_by=actor_name(acting_user),
        )
        detail = {"line": line.key, "name": line.name, "owner": owner, "due_days": due_days}
        subject = f"{period} {legal_entity}"
        record_act(act=ACT, subject=subject, actor=acting_user, detail=detail)
    return line
