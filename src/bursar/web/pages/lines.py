"""The cost lines behind a figure, one line in full with who pays it, and a statement's sources."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from bursar.office.people.permissions import may, require
from bursar.report.errors import NotRun
from bursar.report.lines import cost_line, cost_lines, export_lines
from bursar.report.trace import TraceSource, trace_line, trace_statement
from bursar.web.dimensions import words
from bursar.web.downloads import json_attachment, streamed
from bursar.web.filters import Selection, select, state_line
from bursar.web.requests import page_number, person

LINES_PER_PAGE = 100
SOURCES_SHOWN = 200

# The order in which a line's columns are told; what is not named follows under "Everything else".
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Money", ("billed_cost", "effective_cost", "contracted_cost", "list_cost", "booked_cost",
               "billing_currency", "pricing_currency", "consumed_quantity", "consumed_unit",
               "pricing_quantity", "pricing_unit", "list_unit_price", "contracted_unit_price")),
    ("What", ("charge_category", "charge_class", "charge_description", "charge_frequency",
              "service_category", "service_subcategory", "service_name", "sku_id",
              "resource_id", "resource_name", "resource_type", "region_id", "region_name",
              "description", "document", "tags")),
    ("Who", ("service_provider_name", "invoice_issuer_name", "host_provider_name", "vendor",
             "billing_account_id", "billing_account_name", "sub_account_id", "sub_account_name",
             "legal_entity", "gl_account", "cost_center", "initiative", "treatment", "intent")),
    ("When", ("charge_period_start", "charge_period_end", "billing_period_start",
              "billing_period_end", "posting_period")),
    ("Where from", ("source", "source_file", "source_row", "batch_id", "invoice_id", "document_ref",
                    "record_ref", "evidence_group")),
)  # fmt: skip

TITLES = ("charge_description", "description", "service_name", "gl_account")


@require_GET
def line_list(request: HttpRequest) -> HttpResponse:
    """Lines in force that match, largest first, with the sum over all of them."""
    require(person(request), "read.data")
    selection = select(request)
    page = page_number(request)
    offset = (page - 1) * LINES_PER_PAGE
    found = cost_lines(
        selection.scope,
        filters=_filters(selection),
        periods=selection.periods,
        basis=selection.basis,
        offset=offset,
        limit=LINES_PER_PAGE,
    )
    here = reverse("web:cost_lines")
    last = offset + len(found.rows)
    context = {
        "state": state_line(selection),
        "found": found,
        "rows": [_row(row, selection) for row in found.rows],
        "chips": [
            (words(n), v or "(empty)", selection.without((n, v)).link(here))
            for n, v in selection.filters
        ],
        "costs_url": selection.link(reverse("web:costs")),
        "export_url": selection.link(reverse("web:cost_lines_export")),
        "pager": {
            "first": offset + 1,
            "last": last,
            "total": found.count,
            "before": selection.link(here, [("page", str(page - 1))]) if page > 1 else "",
            "after": selection.link(here, [("page", str(page + 1))]) if last < found.count else "",
        },
    }
    return render(request, "pages/lines.html", context)


@require_GET
def line_export(request: HttpRequest) -> HttpResponseBase:
    """The same lines as CSV, all columns, sent while they are read."""
    require(person(request), "read.data")
    selection = select(request)
    pieces = export_lines(
        selection.scope,
        filters=_filters(selection),
        periods=selection.periods,
        basis=selection.basis,
    )
    return streamed(pieces, name=f"cost-lines-{selection.period}", kind="csv")


def _filters(selection: Selection) -> tuple[tuple[str, str], ...]:
    return selection.all_filters


def _row(row: dict[str, Any], selection: Selection) -> dict[str, Any]:
    amount = row.get(f"{selection.basis}_cost")
    return {
        "id": row["line_id"],
        "url": reverse("web:line", args=[row["line_id"]]),
        "day": str(row.get("charge_period_start", ""))[:10],
        "provider": row.get("service_provider_name") or row.get("vendor") or "",
        "what": row.get("service_name") or row.get("gl_account") or "",
        "text": row.get("charge_description") or row.get("description") or "",
        "account": row.get("sub_account_name") or row.get("sub_account_id") or "",
        "currency": row.get("billing_currency", ""),
        "amount": Decimal(amount) if amount is not None else None,
    }


@require_GET
def line(request: HttpRequest, line_id: str) -> HttpResponse:
    """One line with every column it came with, and, where its period was run, who pays it."""
    require(person(request), "read.data")
    selection = select(request)
    found = cost_line(selection.scope, line_id=line_id)
    trace, not_run = None, ""
    try:
        trace = trace_line(selection.scope, line_id=line_id, basis=selection.basis)
    except NotRun as refusal:
        not_run = refusal.message
    if request.GET.get("as") == "json":
        return json_attachment(trace.to_json() if trace else found, name=f"line-{line_id}")
    context = {
        "state": state_line(selection, fields=("basis",)),
        "line_id": line_id,
        "title": next((found[c] for c in TITLES if found.get(c)), "Cost line"),
        "groups": _groups(found),
        "match": found.get("evidence_group"),
        "origin": found.get("record_ref"),
        "trace": trace,
        "not_run": not_run,
        "may_run": may(person(request), "allocate.run_model"),
        "currency": found.get("billing_currency", ""),
        "trail": [
            ("Costs", reverse("web:costs")),
            ("Lines", reverse("web:cost_lines")),
            (f"Line {line_id}", ""),
        ],
        "statement_url": reverse("web:trace"),
    }
    return render(request, "pages/line.html", context)


def _groups(found: dict[str, Any]) -> list[tuple[str, list[tuple[str, Any]]]]:
    told: set[str] = {"line_id"}
    groups = []
    for heading, columns in GROUPS:
        shown = [(words(c), found[c]) for c in columns if found.get(c) not in (None, "")]
        told.update(columns)
        if shown:
            groups.append((heading, shown))
    rest = [
        (words(c), v) for c, v in sorted(found.items()) if c not in told and v not in (None, "")
    ]
    return [*groups, ("Everything else", rest)] if rest else groups


@require_GET
def trace(request: HttpRequest) -> HttpResponse:
    """What stands behind a consumer's amount: the path through the model, and the sources."""
    user = person(request)
    require(user, "read.figures")
    selection = select(request)
    asked = {n: request.GET.get(n) or None for n in ("solution", "tower", "cost_pool")}
    figure = trace_statement(
        selection.scope,
        period=selection.last_period or request.GET.get("period", ""),
        consumer=request.GET.get("consumer", ""),
        currency=selection.currency or None,
        legal_entity=selection.legal_entity or None,
        basis=selection.basis,
        **asked,
    )
    if request.GET.get("as") == "json":
        return json_attachment(figure.to_json(), name=f"trace-{figure.consumer}-{figure.period}")
    lines = reverse("web:cost_lines") if may(user, "read.data") else ""
    kept = [(n, v) for n in ("consumer", *asked) if (v := request.GET.get(n))]
    context = {
        "state": state_line(selection, fields=("basis",), carried=kept),
        "figure": figure,
        "parts": [(words(name), value) for name, value in asked.items() if value],
        "sources": [
            (source, _told(source), lines and _source_link(source, selection, lines))
            for source in figure.sources[:SOURCES_SHOWN]
        ],
        "more": max(0, len(figure.sources) - SOURCES_SHOWN),
        "json_url": selection.link(reverse("web:trace"), [*kept, ("as", "json")]),
    }
    return render(request, "pages/trace.html", context)


def _told(source: TraceSource) -> str:
    """A dimension in one line: its values, without those that repeat."""
    values = [v for n, v in source.dimension.items() if v and n not in ("source", "legal_entity")]
    return " · ".join(dict.fromkeys(values))


def _source_link(source: TraceSource, selection: Selection, lines: str) -> str:
    known = set(selection.choices.dimensions)
    pairs = [(n, v) for n, v in source.dimension.items() if n in known and n != "legal_entity"]
    return selection.with_filters(*pairs).link(lines)


urlpatterns = [
    path("costs/lines", line_list, name="cost_lines"),
    path("costs/lines.csv", line_export, name="cost_lines_export"),
    path("lines/<str:line_id>", line, name="line"),
    path("trace", trace, name="trace"),
]
