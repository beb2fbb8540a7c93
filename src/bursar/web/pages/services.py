"""The catalogue of services: what each costs, per unit, and what changed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from bursar.office.people.permissions import require
from bursar.report.services import services
from bursar.web.downloads import json_attachment
from bursar.web.filters import select, state_line
from bursar.web.requests import person

FIELDS = ("period", "currency", "basis")


@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every service of the last period chosen, in the currency chosen."""
    require(person(request), "read.model")
    selection = select(request)
    period = selection.last_period
    found = services(selection.scope, period=period, basis=selection.basis) if period else None
    if request.GET.get("as") == "json" and found:
        return json_attachment(found.to_json(), name=f"services-{period}")
    rows = [row for row in found.rows if row.currency == selection.currency] if found else []
    context = {
        "state": state_line(selection, fields=FIELDS),
        "found": found,
        "rows": rows,
        "largest": max((abs(row.month.cost) for row in rows), default=None),
        "planned": [
            (row, row.variance, "Unfavourable" if row.variance > 0 else "Favourable")
            for row in rows
            if row.variance is not None
        ],
        "uncounted": [row.service for row in rows if row.month.volume is None],
        "json_url": selection.link(reverse("web:services"), [("as", "json")]),
        "statements_url": selection.link(reverse("web:statements")),
    }
    return render(request, "pages/services.html", context)


urlpatterns = [path("services/", catalogue, name="services")]
