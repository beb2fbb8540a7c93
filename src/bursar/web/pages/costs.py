"""What was spent, by any two dimensions: a table that opens into itself, and its exports."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from bursar.office.people.permissions import may, require
from bursar.report.costs import Costs, costs
from bursar.report.errors import MissingRates
from bursar.web.conversion import effect_of_rates, missing_rates, shown_currency
from bursar.web.dimensions import deeper, words
from bursar.web.downloads import attachment, json_attachment
from bursar.web.filters import CONVERTED, Selection, select, span, state_line
from bursar.web.pivot import Pivot, PivotRow, pivot
from bursar.web.requests import page_number, person

ROWS_PER_PAGE = 200
VIEWS = {
    "allocated": "where the money came to rest",
    "classified": "as the rules classified it, before any step moved it",
    "recorded": "as it was recorded",
}


@require_GET
def cost_table(request: HttpRequest) -> HttpResponse:
    """Cost by one dimension down and, if wanted, another across."""
    require(person(request), "read.figures")
    selection = select(request, period="last")
    by, across = _axes(request, selection)
    axes = [("by", by), *([("across", across)] if across else [])]
    state = {"state": state_line(selection, fields=CONVERTED, carried=axes), "by_words": words(by)}
    try:
        figure = _figure(selection, by, across)
    except MissingRates as refusal:
        lacking = state | missing_rates(refusal, person(request))
        return render(request, "pages/costs.html", lacking)
    currency = shown_currency(selection, figure)
    rows = [row for row in figure.rows if row.currency == currency]
    sort = request.GET.get("sort", "total")
    table = pivot(rows, by=by, across=across, sort=sort)
    page = page_number(request)
    here = reverse("web:costs")
    names = [(d, words(d)) for d in selection.choices.dimensions]
    context: dict[str, Any] = {
        **state,
        "figure": figure,
        "span": span(figure.periods),
        "view_words": VIEWS[figure.view],
        "table": table,
        "rows": _rows(table, selection, by, across)[(page - 1) * ROWS_PER_PAGE :][:ROWS_PER_PAGE],
        "column_words": [value or "(empty)" for value in table.columns],
        "by": by,
        "across": across,
        "names": names,
        "currency": currency,
        "effect": effect_of_rates(selection, by, request.GET.get("against", ""), axes),
        "form_state": selection.pairs(),
        "chips": [
            (words(n), v or "(empty)", selection.without((n, v)).link(here, axes))
            for n, v in selection.filters
        ],
        "swap_url": across and selection.link(here, [("by", across), ("across", by)]),
        "lines_url": _lines_url(request, selection),
        "taxonomy_url": _taxonomy_url(selection, by),
        "exports": [
            (kind, selection.link(reverse("web:costs_export", args=[kind]), axes))
            for kind in ("csv", "xlsx", "json")
        ],
        "elsewhere": [t for t in figure.totals if t.currency != currency],
        "pager": _pager(
            page, len(table.rows), lambda p: selection.link(here, [*axes, ("page", p)])
        ),
    }
    return render(request, "pages/costs.html", context)


@require_GET
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The same figures as a file, under the same scope and filters."""
    from bursar.report.documents.csv import costs_csv  # noqa: PLC0415 - only exports need these
    from bursar.report.documents.xlsx import costs_xlsx  # noqa: PLC0415

    require(person(request), "read.figures")
    selection = select(request)
    by, across = _axes(request, selection)
    figure = _figure(selection, by, across)
    name = f"costs-{by}{'-' + across if across else ''}-{selection.period}"
    if kind == "csv":
        return attachment(costs_csv(figure), name=name, kind=kind)
    if kind == "xlsx":
        return attachment(costs_xlsx(figure), name=name, kind=kind)
    if kind == "json":
        return json_attachment(figure.to_json(), name=name)
    raise Http404


def _axes(request: HttpRequest, selection: Selection) -> tuple[str, str]:
    """The two dimensions: from the address, else the pool, opened where a filter fixed it."""
    known = selection.choices.dimensions
    fixed = {name for name, _ in selection.filters}
    by = request.GET.get("by", "")
    if by not in known:
        open_ones = [d for d in ("pool", "cost_pool", "tower", "solution") if d not in fixed]
        by = next((d for d in (*open_ones, *known) if d in known), "pool")
    across = request.GET.get("across", "")
    return by, across if across in known and across != by else ""


def _figure(selection: Selection, by: str, across: str) -> Costs:
    return costs(
        selection.scope,
        by=[by, across] if across else [by],
        periods=selection.periods,
        basis=selection.basis,
        filters=selection.all_filters,
        currency=selection.shown,
    )


def _rows(table: Pivot, selection: Selection, by: str, across: str) -> list[dict[str, Any]]:
    here = reverse("web:costs")
    used = {name for name, _ in selection.filters} | {by, across}
    below = deeper(by, known=selection.choices.dimensions, used=used)
    axes = [("by", below or by), *([("across", across)] if across else [])]

    def opened(row: PivotRow) -> str:
        if by == "period":
            return selection.link(here, axes, period=row.value)
        return selection.with_filters((by, row.value)).link(here, axes)

    return [
        {
            "row": row,
            "label": row.value or "(empty)",
            "url": opened(row),
            "cells": [row.cells.get(column) for column in table.columns],
            "share": row.total / table.foot.total if table.foot.total else None,
        }
        for row in table.rows
    ]


def _lines_url(request: HttpRequest, selection: Selection) -> str:
    """Where the lines behind the table are, for those who may see whole lines."""
    if not may(person(request), "read.data"):
        return ""
    return selection.link(reverse("web:cost_lines"))


def _taxonomy_url(selection: Selection, by: str) -> str:
    """The same figures under two taxonomies, where a layer that taxonomies name is shown."""
    layer = {"pool": "cost_pool", "tower_group": "tower"}.get(by, by)
    if layer not in ("cost_pool", "tower", "solution"):
        return ""
    return selection.link(reverse("web:taxonomy"), [("layer", layer)])


def _pager(page: int, total: int, address: Any) -> dict[str, Any] | None:
    if total <= ROWS_PER_PAGE:
        return None
    last = min(page * ROWS_PER_PAGE, total)
    return {
        "first": (page - 1) * ROWS_PER_PAGE + 1,
        "last": last,
        "total": total,
        "before": address(page - 1) if page > 1 else "",
        "after": address(page + 1) if last < total else "",
    }


urlpatterns = [
    path("costs/", cost_table, name="costs"),
    path("costs/export.<str:kind>", export, name="costs_export"),
]
