"""Act: a user may no longer sign in."""

from __future__ import annotations

from django.db import transaction

from bursar.office.journal.writing import record_act
from bursar.office.people.errors import LastAdministrator
from bursar.office.people.models import Role, User
from bursar.office.people.permissions import require
from bursar.office.people.queries import other_administrators


def deactivate_user(*, acting_user: User | None, user: User) -> None:
    """Close an account; the user stays named in the journal and is never deleted.

    Refuses: people.not_allowed, people.last_administrator.
    """
    require(acting_user, "people.deactivate_user")
    with transaction.atomic():
        now = User.objects.select_for_update().get(pk=user.pk)
        if not now.is_active:
            return
        if now.role == Role.ADMINISTRATOR and not other_administrators(user):
            raise LastAdministrator(
                f"{user.username} is the only administrator: make another one first."
            )
        user.is_active = False
        user.save(update_fields=["is_active"])
        record_act(
            act="people.deactivate_user", subject=user.username, actor=acting_user, detail={}
        )
