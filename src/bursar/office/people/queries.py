"""Reading users."""

from __future__ import annotations

from typing import Any

from bursar.office.people.errors import UnknownUser
from bursar.office.people.models import Role, User


def user_named(username: str) -> User:
    """The user of that name. Raises UnknownUser, naming those that there are."""
    found = User.objects.filter(username=username).first()
    if found is None:
        raise UnknownUser(f"There is no user '{username}'. `bursar user list` shows who there is.")
    return found


def users() -> list[User]:
    """Everybody, by name, with their grants."""
    return list(User.objects.order_by("username").prefetch_related("grants"))


def anybody() -> bool:
    """Whether somebody can sign in; without, the set-up page is open."""
    return User.objects.filter(is_active=True).exists()


def other_administrators(user: User) -> bool:
    """Whether an administrator remains without this user."""
    others = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
    return others.exclude(pk=user.pk).exists()


def user_json(user: User) -> dict[str, Any]:
    """One user as the command line and the API print it."""
    return {
        "username": user.username,
        "name": user.get_full_name(),
        "email": user.email,
        "role": user.role,
        "active": user.is_active,
        "consumers": sorted(grant.consumer for grant in user.grants.all()),
    }
