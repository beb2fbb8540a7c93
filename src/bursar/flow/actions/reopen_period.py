"""Act: reopen a period that was closed or soft-closed, with a reason that leaves a trace."""

from __future__ import annotations

from django.db import transaction

from bursar.flow.actions.close_period import Closing
from bursar.flow.close import periods_to_close, state_together
from bursar.flow.errors import NotClosed
from bursar.flow.period_states import change_state, said
from bursar.office.calendar.models import PeriodState
from bursar.office.manifest.writing import raise_version
from bursar.office.people.models import User
from bursar.office.people.permissions import require

ACT = "flow.reopen_period"


def reopen_period(
    *, acting_user: User | None, period: str, reason: str, legal_entity: str | None = None
) -> Closing:
    """Open the period again. Marks and waivers of its checklist are taken back.

    Nothing in force moves: a file that was held may be imported again. Refuses:
    people.not_allowed, period.reason_needed, period.none, period.not_closed.
    """
    require(acting_user, ACT)
    why = said(reason, "the period is reopened")
    with transaction.atomic():
        raise_version()
        chosen = periods_to_close(period, legal_entity)
        shut = [one for one in chosen if one.state != PeriodState.OPEN]
        if not shut:
            raise NotClosed(f"{period} is open, so there is nothing to reopen.")
        for one in shut:
            one.marks.all().delete()
            change_state(one, PeriodState.OPEN, act=ACT, user=acting_user, reason=why)
    return Closing(period, state_together(chosen), True, ())
