"""The front page: where the money goes, in key figures, a flow, months and consumers."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from bursar.office.people.models import User
from bursar.office.people.permissions import may, require
from bursar.office.people.scope import scope_of
from bursar.report.arrivals import Alert, alerts
from bursar.report.charts.money_flow import HEADINGS, money_flow_chart
from bursar.report.charts.months import months_chart
from bursar.report.errors import MissingRates
from bursar.report.money_flow import STAGES, MoneyFlow
from bursar.report.overview import MonthAmount, Overview, overview
from bursar.web.conversion import missing_rates
from bursar.web.filters import CONVERTED, Selection, select, state_line
from bursar.web.requests import person


@require_GET
def front_page(request: HttpRequest) -> HttpResponse:
    """The overview of one period; before anything was imported, the way to begin."""
    user = person(request)
    require(user, "read.figures")
    selection = select(request)
    focus = request.GET.get("focus") or None
    carried = [("focus", focus)] if focus else []
    context: dict[str, Any] = {
        "state": state_line(selection, fields=CONVERTED, carried=carried),
        "may_import": may(user, "record.import_files"),
        "alerts": _alerts(user),
        "has_model": selection.choices.model_version is not None,
    }
    try:
        figure = overview(
            selection.scope,
            period=selection.last_period,
            currency=selection.currency or None,
            legal_entity=selection.legal_entity or None,
            basis=selection.basis,
            focus=focus,
            shown=selection.shown,
        )
    except MissingRates as refusal:
        return render(request, "pages/overview.html", context | missing_rates(refusal, user))
    context["figure"] = figure
    if figure.period is not None:
        context |= _parts(figure, selection)
    return render(request, "pages/overview.html", context)


def _alerts(user: User) -> tuple[Alert, ...]:
    """Sources that are late or were refused, for those who can do something about it."""
    if not may(user, "record.import_files"):
        return ()
    return alerts(scope_of(user), today=timezone.now().date())


def _parts(figure: Overview, selection: Selection) -> dict[str, Any]:
    costs = reverse("web:costs")
    largest = max((abs(row.amount) for row in figure.consumers), default=Decimal(0))
    return {
        "kpis": [
            (kpi, selection.with_filters(*kpi.filters).link(costs, period=figure.period or ""))
            for kpi in figure.kpis
        ],
        "flow": _flow(figure.flow, selection) if figure.flow else None,
        "months_spec": months_chart(figure.months, currency=figure.currency),
        "months": _month_table(figure.months, selection),
        "consumers": [
            (row, _consumer_link(row.consumer, selection, costs)) for row in figure.consumers
        ],
        "largest": largest,
        "costs_url": selection.link(costs),
    }


def _consumer_link(name: str, selection: Selection, costs: str) -> str:
    narrowed = selection.with_filters(("business_unit", name))
    return narrowed.link(costs, [("by", "solution")])


def _flow(flow: MoneyFlow, selection: Selection) -> dict[str, Any]:
    """The Sankey's spec, and the two tables that say the same: boxes and bands."""
    costs, home = reverse("web:costs"), reverse("web:overview")
    nodes = {node.key: node for node in flow.nodes}

    def address(*keys: str) -> str:
        filters = [pair for key in keys for pair in nodes[key].filters]
        return selection.with_filters(*filters).link(costs)

    return {
        "spec": money_flow_chart(flow),
        "columns": [
            (
                HEADINGS[stage],
                [
                    {
                        "node": node,
                        "url": address(node.key),
                        "open": node.drill and selection.link(home, [("focus", node.drill)]),
                    }
                    for node in flow.nodes
                    if node.stage == stage
                ],
            )
            for stage in STAGES
        ],
        "bands": [
            {
                "key": link.key,
                "source": nodes[link.source].label,
                "target": nodes[link.target].label,
                "pool": nodes[link.thread].label,
                "amount": link.amount,
                "url": address(link.thread, link.source, link.target),
            }
            for link in flow.links
        ],
        "focus": flow.focus,
        "whole": selection.link(home),
        "undrawn": flow.undrawn,
        "total": flow.total,
    }


def _month_table(months: tuple[MonthAmount, ...], selection: Selection) -> dict[str, Any]:
    """Rows of months and columns of pools; a cell knows its key in the chart and its address."""
    costs = reverse("web:costs")
    cells = {(m.period, m.pool): m.amount for m in months}
    size: dict[str, Decimal] = defaultdict(Decimal)
    for month in months:
        size[month.pool] += month.amount
    pools = sorted(size, key=lambda pool: (-size[pool], pool))
    periods = sorted({m.period for m in months}, reverse=True)
    rows = [
        {
            "period": period,
            "cells": [
                {
                    "key": f"{period}|{pool}",
                    "amount": cells.get((period, pool)),
                    "url": selection.with_filters(("pool", pool)).link(costs, period=period),
                }
                for pool in pools
            ],
        }
        for period in periods
    ]
    return {"pools": pools, "rows": rows}


urlpatterns = [path("", front_page, name="overview")]
