"""Act: somebody new may sign in."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from bursar.office.journal.writing import record_act
from bursar.office.people.actions.grant_consumers import give_grants
from bursar.office.people.errors import BadUserName, UnknownRole, UserExists
from bursar.office.people.models import Role, User
from bursar.office.people.passwords import require_good
from bursar.office.people.permissions import require


def add_user(
    *,
    acting_user: User | None,
    username: str,
    email: str,
    role: str,
    password: str | None = None,
    name: str = "",
    consumers: Iterable[str] = (),
) -> User:
    """Make a user; without a password she asks for one by the reset link.

    Refuses: people.not_allowed, people.unknown_role, people.bad_user, people.user_exists,
    people.weak_password, people.unknown_consumer.
    """
    require(acting_user, "people.add_user")
    user = new_user(username=username, email=email, role=role, name=name)
    if password is not None:
        require_good(password, user)
    user.set_password(password)
    with transaction.atomic():
        _refuse_taken(user)
        user.save()
        granted = give_grants(user, consumers)
        record_act(
            act="people.add_user",
            subject=user.username,
            actor=acting_user,
            detail={"email": user.email, "role": user.role, "consumers": granted},
        )
    return user


def new_user(*, username: str, email: str, role: str, name: str) -> User:
    """An unsaved user whose fields are well written."""
    if role not in Role.values:
        raise UnknownRole(f"There is no role '{role}': choose one of {', '.join(Role.values)}.")
    first, _, last = name.strip().partition(" ")
    email = User.objects.normalize_email(email)
    user = User(username=username, email=email, role=role, first_name=first, last_name=last)
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as problem:
        texts = [
            f"{field}: {' '.join(messages)}" for field, messages in problem.message_dict.items()
        ]
        raise BadUserName(" ".join(texts)) from problem
    return user


def _refuse_taken(user: User) -> None:
    if user.username == "system":
        raise UserExists("'system' is how the journal names Bursar itself: choose another name.")
    if User.objects.filter(username__iexact=user.username).exists():
        raise UserExists(f"There is a user '{user.username}' already: choose another name.")
    if User.objects.filter(email__iexact=user.email).exists():
        raise UserExists(f"A user has the address {user.email} already: use that user.")
