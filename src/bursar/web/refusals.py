"""The last hop of a refusal on pages: its code decides the status, its text is the page."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from bursar.core.refusal import Refused

FORBIDDEN = ("not_allowed", "forbidden", "beyond_scope")
MISSING = ("unknown_", "no_", "not_found", "not_run", "none")


def status_of(code: str) -> int:
    """403 for what this user may not, 404 for what is not there, 413 too large, 422 the rest."""
    reason = code.rpartition(".")[2]
    if reason.startswith(FORBIDDEN):
        return 403
    if reason.startswith(MISSING):
        return 404
    return 413 if reason == "too_large" else 422


HEADINGS = {
    403: "Not for you to see",
    404: "Not here",
    413: "That is too much",
    422: "That cannot be done",
}


def refusal_page(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """A page that says what was refused, why, and under which code."""
    status = status_of(refusal.code)
    context = {
        "heading": HEADINGS[status],
        "message": refusal.message,
        "code": refusal.code,
        "back": request.path if request.method == "POST" else "/",
    }
    return render(request, "refused.html", context, status=status)


class RefusalPages:
    """Middleware: a Refused that a view did not catch becomes its page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if request.path.startswith("/api/") or not isinstance(problem, Refused):
            return None
        return refusal_page(request, problem)


def forbidden(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:
    """Django's own 403, in our looks."""
    return refusal_page(
        request,
        Refused(
            str(exception) or "Your role does not include this page.", code="people.not_allowed"
        ),
    )


def unproven(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the token that shows it came from one of our pages."""
    text = (
        "This form did not prove that it came from a page of Bursar, so nothing was done. Load the "
        "page again and send it once more; cookies must be allowed."
    )
    return refusal_page(request, Refused(text, code="page.forbidden"))


def missing(request: HttpRequest, exception: Http404) -> HttpResponse:
    """Django's own 404: an address that leads nowhere."""
    text = "There is no page at this address. It may have been renamed, or the link was cut off."
    return refusal_page(request, Refused(text, code="page.not_found"))


def broken(request: HttpRequest) -> HttpResponse:
    """A defect of Bursar: the log has the details, nothing was published."""
    context = {
        "heading": "Something is broken here",
        "message": "Bursar met an error of its own and stopped; nothing was changed or published. "
        "The server's log says what happened. `bursar verify` checks the books.",
        "code": "bursar.defect",
        "back": "/",
    }
    return render(request, "refused.html", context, status=500)
