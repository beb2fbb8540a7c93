"""What people say of the lines of a checklist: done, or waived."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from bursar.flow.close import checklist
from bursar.flow.errors import AlreadyClosed, UnknownCheck
from bursar.office.calendar.models import ClosingMark, Period, PeriodState
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User


def mark(
    periods: Sequence[Period],
    check: str,
    kind: ClosingMark.Kind,
    reason: str,
    *,
    act: str,
    user: User | None,
) -> None:
    """Inside the act's transaction. Refuses period.unknown_check, period.already_closed."""
    for period in periods:
        if period.state == PeriodState.CLOSED:
            raise AlreadyClosed(f"{period.code} is closed; its checklist stands as it was.")
        known = {line.key: line for line in checklist(period)}
        line = known.get(check)
        by_hand = [key for key, one in known.items() if one.by_hand]
        if line is None:
            raise UnknownCheck(f"There is no check '{check}'. There are: {', '.join(known)}.")
        if kind == ClosingMark.Kind.DONE and not line.by_hand:
            raise UnknownCheck(
                f"'{line.name}' is checked by rule, so nobody can say that it is done. Mend what "
                f"it names, or waive it. By hand: {', '.join(by_hand)}."
            )
        ClosingMark.objects.update_or_create(
            period=period,
            check_key=check,
            defaults={"kind": kind, "reason": reason, "at": timezone.now(),
                      "by": actor_name(user)},
        )  # fmt: skip
        record_act(
            act=act,
            subject=f"{period.code} {period.legal_entity.code}",
            actor=user,
            detail={"check": check, "reason": reason, "stood": line.detail},
        )
