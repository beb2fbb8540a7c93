"""Nothing is shown to who has not signed in, unless a view says otherwise.

Views open themselves with Django's `login_not_required`. Addresses below `/api/` answer for
themselves, with a status instead of a sign-in page.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import BadRequest
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)

from bursar.web.refusals import refusal_page
from bursar.web.uploads import UploadTooLarge, require_room


class SignInGate(LoginRequiredMiddleware):
    """Sends visitors to the sign-in page; partial loads are sent there as a whole page."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Large requests of who may not send them end here, before anything of them is kept."""
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("No name holds the sign NUL, and not every database takes it.")
        told = str(request.META.get("CONTENT_LENGTH") or "0")
        try:
            require_room(int(told) if told.isdecimal() else 0, request.user)
        except UploadTooLarge as refusal:
            if request.path.startswith("/api/"):
                text = {"code": refusal.code, "message": refusal.message}
                return JsonResponse(text, status=413)
            return refusal_page(request, refusal)
        return None

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
