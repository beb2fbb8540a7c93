"""Checking a password before it is set."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from bursar.office.people.errors import WeakPassword
from bursar.office.people.models import User


def require_good(password: str, user: User) -> None:
    """Raises WeakPassword with everything that is wrong, in one text."""
    try:
        validate_password(password, user)
    except ValidationError as problem:
        raise WeakPassword(" ".join(problem.messages)) from problem
