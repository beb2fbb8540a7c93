"""How accounts behave on pages: nobody signs up by themselves, and guessing is stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from axes.helpers import get_cool_off
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator, so the sign-up form is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def locked_out(
    request: HttpRequest,
    original_response: HttpResponse | None = None,
    credentials: dict[str, Any] | None = None,
) -> HttpResponse:
    """The page after too many wrong passwords."""
    wait = get_cool_off(request) or timedelta()
    context = {"minutes": max(1, round(wait.total_seconds() / 60))}
    return render(request, "account/locked_out.html", context, status=429)


def login_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Under which name wrong passwords are counted: what was typed, be it a name or an address."""
    typed = request.POST.get("login") if request is not None else None
    known = credentials or {}
    return str(typed or known.get("username") or known.get("email") or "").strip().casefold()
