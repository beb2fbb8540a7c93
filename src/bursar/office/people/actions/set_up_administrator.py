"""Act: the first administrator makes herself, with the one-time link that the server printed."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction

from bursar.office.journal.writing import record_act
from bursar.office.people.actions.add_user import new_user
from bursar.office.people.errors import SetupClosed
from bursar.office.people.models import Role, User
from bursar.office.people.passwords import require_good
from bursar.office.people.queries import anybody


def setup_token() -> str | None:
    """The token of the set-up link, made when first asked for; None once there is a user.

    It lies in a file that only the owner of the data folder can read, so that whoever can open
    the link can also run the command line.
    """
    if anybody():
        return None
    path = _token_file()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    token = secrets.token_urlsafe(24)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(token + "\n")
    return token


def token_is_right(token: str) -> bool:
    """Whether the set-up page may open with this token."""
    path = _token_file()
    if anybody() or not path.exists():
        return False
    return hmac.compare_digest(token.encode(), path.read_text().strip().encode())


def set_up_administrator(
    *, token: str, username: str, email: str, password: str, name: str = ""
) -> User:
    """Make the first administrator; the link works once.

    Refuses: people.setup_closed, people.bad_user, people.weak_password.
    """
    with transaction.atomic():
        if not token_is_right(token):
            raise SetupClosed(
                "This set-up link is used up or wrong. `bursar serve` prints a fresh one while "
                "there is no user; `bursar user add` makes further ones."
            )
        user = new_user(username=username, email=email, role=Role.ADMINISTRATOR, name=name)
        require_good(password, user)
        user.set_password(password)
        user.save()
        record_act(
            act="people.set_up_administrator",
            subject=user.username,
            actor=user,
            detail={"email": user.email},
        )
        transaction.on_commit(lambda: _token_file().unlink(missing_ok=True))
    return user


def _token_file() -> Path:
    return Path(settings.BURSAR_HOME) / "setup-token"
