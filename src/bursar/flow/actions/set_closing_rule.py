"""Act: say who owns a check, when it is due, and where its threshold lies, for every period."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from bursar.allocate.closing import UNALLOCATED
from bursar.flow.errors import BadClosingLine
from bursar.office.calendar.models import ClosingRule
from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.people.queries import user_named

ACT = "flow.set_closing_rule"
WITH_LIMIT = (UNALLOCATED,)
_MOST_DAYS = 366


def set_closing_rule(
    *,
    acting_user: User | None,
    check: str,
    owner: str = "",
    due_days: int | None = None,
    limit: Decimal | None = None,
) -> ClosingRule:
    """An empty owner is nobody; without days the check's own default counts.

    Refuses: people.not_allowed, people.unknown_user, period.bad_line.
    """
    require(acting_user, ACT)
    if due_days is not None and abs(due_days) > _MOST_DAYS:
        raise BadClosingLine(f"A check is due within {_MOST_DAYS} days of the period's last day.")
    if limit is not None and (check not in WITH_LIMIT or not 0 <= limit <= 1):
        raise BadClosingLine(
            f"A threshold is a share from 0 to 1, of {', '.join(WITH_LIMIT)} only."
        )
    if owner:
        user_named(owner)
    with transaction.atomic():
        values = {"owner": owner, "due_days": due_days, "limit": limit}
        rule, _ = ClosingRule.objects.update_or_create(check_key=check, defaults=values)
        detail = {**values, "limit": None if limit is None else str(limit)}
        record_act(act=ACT, subject=check, actor=acting_user, detail=detail)
    return rule
