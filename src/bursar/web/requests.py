"""What views read from a request besides its address."""

from __future__ import annotations

from django.http import HttpRequest

from bursar.office.people.models import User


def person(request: HttpRequest) -> User:
    """Who is signed in; the gate has turned everybody else away before."""
    user = request.user
    assert isinstance(user, User)
    return user
