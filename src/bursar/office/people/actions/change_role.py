"""Act: a user gets another role."""

from __future__ import annotations

from django.db import transaction

from bursar.office.journal.writing import record_act
from bursar.office.people.errors import LastAdministrator, UnknownRole
from bursar.office.people.models import Role, User
from bursar.office.people.permissions import require
from bursar.office.people.queries import other_administrators


def change_role(*, acting_user: User | None, user: User, role: str) -> None:
    """Change what a user may do; her consumers stay as they are.

    Refuses: people.not_allowed, people.unknown_role, people.last_administrator.
    """
    require(acting_user, "people.change_role")
    if role not in Role.values:
        raise UnknownRole(f"There is no role '{role}': choose one of {', '.join(Role.values)}.")
    with transaction.atomic():
        before = User.objects.select_for_update().get(pk=user.pk).role
        if before == role:
            return
        if before == Role.ADMINISTRATOR and not other_administrators(user):
            raise LastAdministrator(
                f"{user.username} is the only administrator: make another one first."
            )
        user.role = role
        user.save(update_fields=["role"])
        record_act(
            act="people.change_role",
            subject=user.username,
            actor=acting_user,
            detail={"before": before, "after": role},
        )
