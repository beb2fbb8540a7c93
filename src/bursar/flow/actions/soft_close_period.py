"""Act: soft-close a period, so that only some roles may still bring files for it."""

from __future__ import annotations

from django.db import transaction

from bursar.flow.actions.close_period import Closing
from bursar.flow.close import checklist, periods_to_close, state_together
from bursar.flow.errors import AlreadyClosed
from bursar.flow.period_states import change_state
from bursar.office.calendar.models import PeriodState
from bursar.office.manifest.writing import raise_version
from bursar.office.people.models import User
from bursar.office.people.permissions import require

ACT = "flow.soft_close_period"


def soft_close_period(
    *, acting_user: User | None, period: str, legal_entity: str | None = None
) -> Closing:
    """Soft-close the period of a legal entity, or of all that have posted to it.

    Checks may still be open. Refuses: people.not_allowed, period.none, period.already_closed.
    """
    require(acting_user, ACT)
    with transaction.atomic():
        raise_version()
        chosen = periods_to_close(period, legal_entity)
        to_close = [one for one in chosen if one.state == PeriodState.OPEN]
        if not to_close:
            raise AlreadyClosed(
                f"{period} is not open any more, so there is nothing to soft-close."
            )
        lists = [(one, checklist(one)) for one in to_close]
        for one, lines in lists:
            told = [line.to_json() for line in lines]
            change_state(one, PeriodState.SOFT_CLOSED, act=ACT, user=acting_user, checks=told)
    told_lines = tuple((one.legal_entity.code, line) for one, lines in lists for line in lines)
    return Closing(period, state_together(chosen), True, told_lines)
