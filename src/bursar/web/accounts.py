"""How accounts behave on pages: nobody signs up by themselves."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignup(DefaultAccountAdapter):
    """Accounts are made by an administrator, so the sign-up form is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
