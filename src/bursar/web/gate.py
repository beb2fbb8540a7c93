"""Nothing is shown to who has not signed in, unless a view says otherwise.

Views open themselves with Django's `login_not_required`. Addresses below `/api/` answer for
themselves, with a status instead of a sign-in page.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect


class SignInGate(LoginRequiredMiddleware):
    """Sends visitors to the sign-in page; partial loads are sent there as a whole page."""

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if request.path.startswith("/api/"):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        answer = super().handle_no_permission(request, view_func)
        if getattr(request, "htmx", False):
            answer["HX-Redirect"] = answer["Location"]
            answer.status_code = 200
        return answer

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """What a signed-in person saw is kept by no cache, nor shown by the back button later."""
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        return response
