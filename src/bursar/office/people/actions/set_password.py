"""Act: a user gets another password."""

from __future__ import annotations

from django.db import transaction

from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.passwords import require_good
from bursar.office.people.permissions import require


def set_password(*, acting_user: User | None, user: User, password: str) -> None:
    """Set a password; everybody may set their own. Sessions of the user end.

    Refuses: people.not_allowed, people.weak_password.
    """
    if acting_user is None or acting_user.pk != user.pk:
        require(acting_user, "people.set_password")
    require_good(password, user)
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        record_act(act="people.set_password", subject=user.username, actor=acting_user, detail={})
