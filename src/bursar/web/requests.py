"""What views read from a request besides its address."""

from __future__ import annotations

from django.http import HttpRequest

from bursar.office.people.models import User


def person(request: HttpRequest) -> User:
    """Who is signed in; the gate has turned everybody else away before."""
    user = request.user
    assert isinstance(user, User)
    return user


def page_number(request: HttpRequest) -> int:
    """The page of a long table, from 1; anything unreadable is the first."""
    asked = request.GET.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 9 else 1
