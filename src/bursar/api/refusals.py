"""The last hop of a refusal over HTTP: its code decides the status, its text travels along."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from bursar.core.refusal import Refused

FORBIDDEN = ("not_allowed", "beyond_scope")
MISSING = ("unknown_", "no_", "none", "not_run")
CLASHING = ("concurrent", "overlapped", "source_overlap", "period_closed")
LOST = ("unknown_dimension", "unknown_basis", "no_cost")
"""Bad questions rather than missing things, though their names begin alike."""


def status_of(code: str) -> int:
    """403 what one may not, 404 what is not there, 409 what clashes, 422 the rest."""
    reason = code.rpartition(".")[2]
    if reason in FORBIDDEN:
        return 403
    if reason in CLASHING:
        return 409
    if reason.startswith(MISSING) and reason not in LOST:
        return 404
    return 422


def answer_refusals(api: NinjaAPI) -> None:
    """Teach an API to answer refusals."""

    def refused(request: HttpRequest, refusal: Refused | type[Refused]) -> HttpResponse:
        assert isinstance(refusal, Refused)
        told = {"code": refusal.code, "message": refusal.message}
        return api.create_response(request, told, status=status_of(refusal.code))

    api.add_exception_handler(Refused, refused)
