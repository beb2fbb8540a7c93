"""Figures over HTTP: choices, overview, costs, lines and traces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from bursar.api.callers import scope_for
from bursar.api.shapes import Costs, LineTrace, StatementTrace
from bursar.report.choices import choices
from bursar.report.conversion import TRANSACTION, CurrencyView
from bursar.report.costs import costs
from bursar.report.errors import UnknownDimension
from bursar.report.lines import cost_line, cost_lines
from bursar.report.overview import overview
from bursar.report.trace import trace_line, trace_statement

router = Router(tags=["figures"])
MOST_LINES = 1000
FARTHEST = 10**12


@router.get("/choices", summary="Periods, currencies, consumers and dimensions to choose from")
def get_choices(request: HttpRequest) -> dict[str, Any]:
    return choices(scope_for(request)).to_json()


@router.get("/overview", summary="Key figures, money flow, months and consumers")
def get_overview(
    request: HttpRequest,
    *,
    period: str | None = None,
    currency: str | None = None,
    legal_entity: str | None = None,
    basis: str = "effective",
    focus: str | None = None,
    shown_in: str = TRANSACTION,
    rate: str = "average",
) -> dict[str, Any]:
    """`shown_in` is transaction, functional, reporting or a code to convert into."""
    told = overview(
        scope_for(request),
        period=period,
        currency=currency,
        legal_entity=legal_entity,
        basis=basis,
        focus=focus,
        shown=CurrencyView(shown_in, rate),
    )
    return told.to_json()


@router.get("/costs", response=Costs, summary="Cost by any dimensions")
def get_costs(
    request: HttpRequest,
    *,
    by: str = "cost_pool",
    period: Query[list[str] | None] = None,
    where: Query[list[str] | None] = None,
    basis: str = "effective",
    currency: str = TRANSACTION,
    rate: str = "average",
    at: str | None = None,
) -> dict[str, Any]:
    """`by` is a list with commas, `where` is DIMENSION=VALUE and may be repeated.

    `currency` is transaction, functional, reporting or a code; `at` holds one period's rates.
    """
    names = [name for name in by.split(",") if name.strip()]
    found = costs(
        scope_for(request),
        by=names,
        periods=period,
        basis=basis,
        filters=filter_pairs(where),
        currency=CurrencyView(currency, rate, at),
    )
    return found.to_json()


@router.get("/lines", summary="Cost lines behind a figure, largest first")
def get_lines(
    request: HttpRequest,
    *,
    period: Query[list[str] | None] = None,
    where: Query[list[str] | None] = None,
    basis: str = "effective",
    offset: Annotated[int, Field(ge=0, le=FARTHEST)] = 0,
    limit: Annotated[int, Field(ge=1, le=MOST_LINES)] = 100,
) -> dict[str, Any]:
    found = cost_lines(
        scope_for(request, "read.data"),
        filters=filter_pairs(where),
        periods=period,
        basis=basis,
        offset=offset,
        limit=limit,
    )
    return found.to_json()


@router.get("/lines/{line_id}", summary="One cost line with everything it came with")
def get_line(request: HttpRequest, *, line_id: str) -> dict[str, Any]:
    return cost_line(scope_for(request, "read.data"), line_id=line_id)


@router.get("/lines/{line_id}/trace", response=LineTrace, summary="Who pays a cost line")
def get_line_trace(
    request: HttpRequest, *, line_id: str, basis: str = "effective"
) -> dict[str, Any]:
    return trace_line(scope_for(request, "read.data"), line_id=line_id, basis=basis).to_json()


@router.get("/trace", response=StatementTrace, summary="What stands behind a consumer's amount")
def get_trace(
    request: HttpRequest,
    *,
    period: str,
    consumer: str,
    solution: str | None = None,
    tower: str | None = None,
    cost_pool: str | None = None,
    currency: str | None = None,
    legal_entity: str | None = None,
    basis: str = "effective",
) -> dict[str, Any]:
    found = trace_statement(
        scope_for(request),
        period=period,
        consumer=consumer,
        solution=solution,
        tower=tower,
        cost_pool=cost_pool,
        currency=currency,
        legal_entity=legal_entity,
        basis=basis,
    )
    return found.to_json()


def filter_pairs(where: Sequence[str] | None) -> list[tuple[str, str]]:
    pairs = []
    for text in where or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise UnknownDimension(f"'{text}' is no filter: write DIMENSION=VALUE.")
        pairs.append((name.strip(), value))
    return pairs
