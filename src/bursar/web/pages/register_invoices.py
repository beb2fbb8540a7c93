"""Invoices that pay for records: proposed, confirmed so that they count once, or rejected."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from bursar.core.refusal import Refused
from bursar.office.people.permissions import may
from bursar.record.actions.decide_invoice import decide_invoice
from bursar.record.actions.search_invoices import search_invoices
from bursar.record.models import RecordMatch
from bursar.record.registers.invoices import ACT
from bursar.record.registers.known import register_named
from bursar.record.registers.queries import record_matches
from bursar.web.pages.registers import frame, reader
from bursar.web.requests import page_number

PER_PAGE = 100


@require_GET
def invoices(request: HttpRequest) -> HttpResponse:
    """The queue, the largest money first."""
    user = reader(request)
    asked = request.GET.get("state", RecordMatch.State.PROPOSED)
    state = asked if asked in RecordMatch.State.values else RecordMatch.State.PROPOSED
    found, start = record_matches(user, state), (page_number(request) - 1) * PER_PAGE
    shown = found[start : start + PER_PAGE]
    context = frame(user, None) | {
        "tab": "invoices",
        "rows": [(match, register_named(match.register).source) for match in shown],
        "total": len(found),
        "state": state,
        "states": RecordMatch.State.choices,
        "may_decide": may(user, ACT),
    }
    return render(request, "pages/register_invoices.html", context)


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Search anew, or decide about one invoice."""
    user = reader(request)
    act, match = request.POST.get("act", ""), request.POST.get("match", "")
    try:
        if act == "search":
            count = search_invoices(acting_user=user)
            messages.success(request, f"{count} invoices wait for a decision.")
        else:
            found = decide_invoice(
                acting_user=user, match=int(match) if match.isdecimal() else 0,
                confirm=act in ("confirm", "remember"), remember=act == "remember",
            )  # fmt: skip
            told = "counts once now" if found.state == "confirmed" else "is another cost"
            messages.success(request, f"The invoice of {found.vendor or found.source} {told}.")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("web:register_invoices")


urlpatterns = [
    path("registers/invoices", invoices, name="register_invoices"),
    path("registers/invoices/decide", decide, name="register_invoices_decide"),
]
