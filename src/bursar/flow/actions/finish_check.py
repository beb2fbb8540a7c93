"""Act: say that a line of the checklist is done, where no rule can know it."""

from __future__ import annotations

from django.db import transaction

from bursar.flow.close import periods_to_close
from bursar.flow.marking import mark
from bursar.office.calendar.models import ClosingMark
from bursar.office.people.models import User
from bursar.office.people.permissions import require

ACT = "flow.finish_check"
_LONGEST_NOTE = 400


def finish_check(
    *,
    acting_user: User | None,
    period: str,
    check: str,
    note: str = "",
    legal_entity: str | None = None,
) -> None:
    """Refuses: people.not_allowed, period.none, period.unknown_check, period.already_closed."""
    require(acting_user, ACT)
    with transaction.atomic():
        periods = periods_to_close(period, legal_entity)
        said = note.strip()[:_LONGEST_NOTE]
        mark(periods, check, ClosingMark.Kind.DONE, said, act=ACT, user=acting_user)
