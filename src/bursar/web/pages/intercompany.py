"""What legal entities charge each other in a period."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from bursar.office.people.permissions import require
from bursar.report.errors import NotRun
from bursar.report.intercompany import intercompany
from bursar.report.wording import period_name
from bursar.web.downloads import json_attachment
from bursar.web.filters import select, state_line
from bursar.web.requests import person


@require_GET
def intercompany_page(request: HttpRequest) -> HttpResponse:
    """The consolidated view of the chosen period, and every pair."""
    require(person(request), "read.data")
    selection = select(request)
    period, basis = selection.last_period or "", selection.basis
    context: dict[str, Any] = {"state": state_line(selection, fields=("period", "basis"))}
    try:
        found = intercompany(selection.scope, period=period, basis=basis)
    except NotRun as refusal:
        context["nothing"] = refusal.message if period else "No cost was recorded yet."
        return render(request, "pages/intercompany.html", context)
    if request.GET.get("as") == "json":
        return json_attachment(found.to_json(), name=f"intercompany-{period}")
    asked = urlencode({"as": "json", "period": period, "basis": basis})
    context |= {
        "found": found,
        "period_name": period_name(period),
        "json_url": f"?{asked}",
    }
    return render(request, "pages/intercompany.html", context)


urlpatterns = [path("data/intercompany/", intercompany_page, name="intercompany")]
