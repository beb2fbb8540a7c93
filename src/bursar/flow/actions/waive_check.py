"""Act: waive a check of a period with a reason, so that it no longer keeps it open."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from bursar.flow.close import periods_to_close
from bursar.flow.marking import mark
from bursar.flow.period_states import said
from bursar.office.calendar.models import ClosingMark, Period
from bursar.office.people.models import User
from bursar.office.people.permissions import require

ACT = "flow.waive_check"


def waive_check(
    *,
    acting_user: User | None,
    period: str,
    check: str,
    reason: str,
    legal_entity: str | None = None,
) -> None:
    """Refuses: people.not_allowed, period.none, period.unknown_check, period.reason_needed,
    period.already_closed."""
    with transaction.atomic():
        waive(periods_to_close(period, legal_entity), check, reason, acting_user)


def waive(periods: Sequence[Period], check: str, reason: str, user: User | None) -> None:
    """The same inside an act's transaction."""
    require(user, ACT)
    why = said(reason, "the check is waived")
    mark(periods, check, ClosingMark.Kind.WAIVED, why, act=ACT, user=user)
