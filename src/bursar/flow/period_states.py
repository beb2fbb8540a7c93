"""Changing a period's state: the row, what the page shows of it, and the journal's entry."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from bursar.flow.errors import PeriodReasonNeeded
from bursar.office.calendar.models import Period, PeriodChange, PeriodState
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User

LONGEST_REASON = 400


def change_state(
    period: Period,
    after: PeriodState,
    *,
    act: str,
    user: User | None,
    reason: str = "",
    checks: list[dict[str, Any]] | None = None,
) -> None:
    """Inside the act's transaction."""
    before, period.state = period.state, after
    period.save(update_fields=["state"])
    PeriodChange.objects.create(
        period=period,
        before=before,
        after=after,
        at=timezone.now(),
        by=actor_name(user),
        reason=reason,
        checks=checks or [],
    )
    record_act(
        act=act,
        subject=f"{period.code} {period.legal_entity.code}",
        actor=user,
        detail={
            "period": period.code,
            "legal_entity": period.legal_entity.code,
            "before": str(before),
            "after": str(after),
            "reason": reason,
            "checks": [
                {key: line[key] for key in ("key", "state", "detail", "reason", "said_by")}
                for line in checks or []
            ],
        },
    )


def said(reason: str, why: str) -> str:
    """The reason without blanks around it. Refuses period.reason_needed."""
    text = reason.strip()
    if not 0 < len(text) <= LONGEST_REASON:
        raise PeriodReasonNeeded(
            f"Say in 1 to {LONGEST_REASON} characters why {why}; the journal and the page keep it."
        )
    return text
