"""The same figures under two taxonomies, in two columns, with what moved between them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from bursar.office.people.permissions import require
from bursar.report.side_by_side import SideBySide
from bursar.report.taxonomies import taxonomies
from bursar.report.taxonomy import Comparison, compare_taxonomies
from bursar.web.downloads import json_attachment
from bursar.web.filters import STATE, select, span, state_line
from bursar.web.requests import person

LAYERS = (("cost_pool", "Cost pools"), ("tower", "Towers"), ("solution", "Solutions"))
DEPTHS = (("", "All levels"), ("1", "First level only"))


@require_GET
def comparison(request: HttpRequest) -> HttpResponse:
    """Left, right and layer in the address, beside period, currency, basis and entity."""
    require(person(request), "read.figures")
    selection = select(request)
    known = [line.pack.name for line in taxonomies()]
    left = _one_of(request, "left", known, known[0])
    right = _one_of(request, "right", known, known[-1])
    layer = _one_of(request, "layer", [value for value, _ in LAYERS], "tower")
    depth = _one_of(request, "depth", [value for value, _ in DEPTHS], "")
    own = [("left", left), ("right", right), ("layer", layer), ("depth", depth)]
    found = compare_taxonomies(
        selection.scope,
        source=left,
        target=right,
        layer=layer,
        periods=selection.periods,
        basis=selection.basis,
        filters=selection.all_filters,
        depth=int(depth) if depth else None,
    )
    if request.GET.get("as") == "json":
        return json_attachment(found.to_json(), name=f"taxonomies-{layer}-{selection.period}")
    table = next((c for c in found.currencies if c.currency == selection.currency), None)
    context: dict[str, Any] = {
        "state": state_line(selection, fields=STATE, carried=own),
        "found": found,
        "span": span(found.periods),
        "made_under": _made_under(found),
        "table": table,
        "undecided": _undecided(table, left, right),
        "left": left,
        "right": right,
        "layer": layer,
        "layer_words": dict(LAYERS)[layer],
        "depth": depth,
        "known": known,
        "layers": LAYERS,
        "depths": DEPTHS,
        "form_state": selection.pairs(),
        "here": reverse("web:taxonomy"),
        "swap_url": selection.link(
            reverse("web:taxonomy"), [("left", right), ("right", left), *own[2:]]
        ),
        "json_url": selection.link(reverse("web:taxonomy"), [*own, ("as", "json")]),
        "costs_url": selection.link(reverse("web:costs"), [("by", layer)]),
    }
    return render(request, "pages/taxonomy.html", context)


def _one_of(request: HttpRequest, name: str, known: list[str], default: str) -> str:
    asked = request.GET.get(name, default)
    return asked if asked in known else default


def _made_under(found: Comparison) -> str:
    names = sorted({name for name in found.made_under.values() if name})
    return " and ".join(names)


def _undecided(table: SideBySide | None, left: str, right: str) -> list[tuple[str, Any]]:
    sides = ((left, "before"), (right, "after"))
    told = [(name, table.undecided(side)) for name, side in sides] if table else []
    return [(name, amount) for name, amount in told if amount]


urlpatterns = [path("costs/taxonomies/", comparison, name="taxonomy")]
