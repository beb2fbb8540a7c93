"""Finding a consumer, solution, pool, vendor or statement by a part of its name, within scope."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.views.decorators.http import require_GET

from bursar.office.people.permissions import require
from bursar.report.bill_of_it import statement
from bursar.report.costs import costs
from bursar.report.errors import NoStatement
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
    """The statement with that number, and the newest ones of consumers so called."""
    found = []
    with suppress(NoStatement):
        exact = statement(selection.scope, statement_id=text)
        url = _address("web:statement", exact.statement_id)
        found.append({"name": exact.statement_id, "url": url, "note": exact.consumer})
    newest = selection.choices.run_periods[:1]
    names = [n for n in selection.choices.consumers if text.casefold() in n.casefold()]
    for period in newest:
        for name in names[:MOST]:
            url = _address("web:consumer_statements", name)
            query = urlencode({"period": period})
            found.append({"name": name, "url": url and f"{url}?{query}", "note": period})
    return [row for row in found if row["url"]]


def _address(route: str, *arguments: str) -> str:
    try:
        return reverse(route, args=arguments)
    except NoReverseMatch:
        return ""


urlpatterns = [path("search", search, name="search")]
