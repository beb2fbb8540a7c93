"""Act: close a period, so that its figures stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from bursar.flow.actions.waive_check import waive
from bursar.flow.close import Line, checklist, is_ready, periods_to_close, state_together
from bursar.flow.errors import AlreadyClosed
from bursar.flow.period_states import change_state
from bursar.office.calendar.models import Period, PeriodState
from bursar.office.manifest.writing import raise_version
from bursar.office.people.models import User
from bursar.office.people.permissions import require

ACT = "flow.close_period"


@dataclass(frozen=True)
class Closing:
    """How a period stands after an attempt to close it: nothing changed while checks are open."""

    period: str
    state: str
    changed: bool
    lines: tuple[tuple[str, Line], ...]
    """Legal entity and line."""

    def to_json(self) -> dict[str, Any]:
        return {
            "period": self.period,
            "state": self.state,
            "changed": self.changed,
            "checks": [{"legal_entity": owner, **line.to_json()} for owner, line in self.lines],
        }


def close_period(
    *,
    acting_user: User | None,
    period: str,
    legal_entity: str | None = None,
    waived: Sequence[str] = (),
    reason: str = "",
) -> Closing:
    """Close the period of a legal entity, or of all that have posted to it: all or none.

    Checks named in `waived` are waived with the reason first. While a check is open nothing
    changes, waivers included. Refuses: people.not_allowed, period.none, period.already_closed,
    period.unknown_check, period.reason_needed.
    """
    require(acting_user, ACT)
    with transaction.atomic():
        raise_version()  # imports wait: what they plan for must not close under them
        chosen = periods_to_close(period, legal_entity)
        if all(one.state == PeriodState.CLOSED for one in chosen):
            raise AlreadyClosed(
                f"{period} is closed already. Reopen it with a reason to change it."
            )
        to_close = [one for one in chosen if one.state != PeriodState.CLOSED]
        for key in waived:
            waive(to_close, key, reason, acting_user)
        lists = [(one, checklist(one)) for one in to_close]
        ready = all(is_ready(lines) for _, lines in lists)
        if ready:
            for one, lines in lists:
                told = [line.to_json() for line in lines]
                change_state(one, PeriodState.CLOSED, act=ACT, user=acting_user, checks=told)
        else:
            transaction.set_rollback(True)
    return _closing(period, chosen, lists, ready)


def _closing(
    code: str, chosen: list[Period], lists: list[tuple[Period, list[Line]]], ready: bool
) -> Closing:
    told = tuple((one.legal_entity.code, line) for one, lines in lists for line in lines)
    return Closing(code, state_together(chosen), ready, told)
