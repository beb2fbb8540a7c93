"""Act: say that an account is not held by Bursar on purpose, or that it is after all."""

from __future__ import annotations

from django.db import transaction

from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.control.errors import BadAccountScope
from bursar.record.models import AccountOutOfScope

ACT = "control.set_account_scope"


def set_account_scope(*, acting_user: User | None, pattern: str, reason: str = "") -> None:
    """With a reason the account (or `7*`) is out of scope; without one it is compared again.

    Refuses: people.not_allowed, control.bad_scope.
    """
    require(acting_user, ACT)
    name = pattern.strip()
    if not name or len(name) > 120 or "*" in name[:-1] or len(reason) > 300:
        raise BadAccountScope(
            f"'{pattern}' is no account. Write its number, or a beginning with a star such as 7*."
        )
    with transaction.atomic():
        if reason.strip():
            AccountOutOfScope.objects.update_or_create(
                pattern=name, defaults={"reason": reason.strip()}
            )
        else:
            AccountOutOfScope.objects.filter(pattern=name).delete()
        record_act(act=ACT, subject=name, actor=acting_user, detail={"reason": reason.strip()})
