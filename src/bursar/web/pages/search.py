"""Finding a consumer, solution, pool, vendor or statement by a part of its name, within scope."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.views.decorators.http import require_GET

from bursar.core.refusal import Refused
from bursar.office.people.permissions import require
from bursar.report.bill_of_it import statements
from bursar.report.costs import costs
from bursar.web.dimensions import words
from bursar.web.filters import Selection, select
from bursar.web.requests import person

SEARCHED = ("consumer", "solution", "cost_pool", "tower", "vendor", "service_provider_name")
MOST = 20


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Names that contain the text, by kind; each leads to its figures."""
    require(person(request), "read.figures")
    text = request.GET.get("q", "").strip()
    groups: list[tuple[str, list[Any]]] = []
    if text:
        selection = select(request, period="all")
        groups = [(words(d), _names(d, text, selection)) for d in SEARCHED]
        groups.append(("Statements", _statements(text, selection)))
    found = [(heading, rows) for heading, rows in groups if rows]
    return render(request, "pages/search.html", {"text": text, "groups": found})


def _names(dimension: str, text: str, selection: Selection) -> list[dict[str, Any]]:
    """Values of one dimension, the largest first, as one reads them from the costs themselves."""
    if dimension not in selection.choices.dimensions:
        return []
    figure = costs(selection.scope, by=[dimension], basis=selection.basis)
    wanted = text.casefold()
    names = dict.fromkeys(
        value
        for row in figure.rows
        if (value := row.dimensions.get(dimension)) and wanted in value.casefold()
    )
    here = reverse("web:costs")
    return [
        {"name": name, "url": selection.with_filters((dimension, name)).link(here), "note": ""}
        for name in list(names)[:MOST]
    ]


def _statements(text: str, selection: Selection) -> list[dict[str, Any]]:
    """Statements whose consumer or number contains the text, newest first."""
    wanted = text.casefold()
    try:
        every = statements(selection.scope, periods=selection.choices.run_periods or None)
    except Refused:  # nothing was run yet, so there is none to find
        return []
    matching = [
        s
        for s in every.statements
        if wanted in s.consumer.casefold() or wanted in s.statement_id.casefold()
    ]
    matching.sort(key=lambda s: (s.period, s.consumer), reverse=True)
    return [
        {
            "name": f"{s.consumer}, {s.period}",
            "url": _statement_url(s.statement_id),
            "note": s.currency,
        }
        for s in matching[:MOST]
    ]


def _statement_url(statement_id: str) -> str:
    try:
        return reverse("web:statement", args=[statement_id])
    except NoReverseMatch:
        return ""


urlpatterns = [path("search", search, name="search")]
