"""Who calls: the person of the session, what she may do, and whose figures she may see."""

from __future__ import annotations

from django.http import HttpRequest

from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.people.scope import Scope, scope_of


def caller(request: HttpRequest) -> User:
    """The signed-in person; the session check has turned everybody else away before."""
    user = request.user
    assert isinstance(user, User)
    return user


def scope_for(request: HttpRequest, act: str = "read.figures") -> Scope:
    """The caller's scope, if her role includes the act."""
    user = caller(request)
    require(user, act)
    return scope_of(user)
