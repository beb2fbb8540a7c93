"""AI use over HTTP: what it costs by model, consumer, principal, team and token class."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from bursar.api.callers import caller, scope_for
from bursar.record.actions.assign_ai_use import assign_ai_use
from bursar.record.actions.set_ai_feed import set_ai_feed
from bursar.record.actions.set_ai_prices import set_ai_prices
from bursar.report.ai_use import ai_feeds, ai_use

router = Router(tags=["ai"])


class FeedSettings(Schema):
    active: bool = True
    bill: str | None = None
    extent: str | None = None


class Assignment(Schema):
    """`kind` is principal or team; an empty consumer takes the assignment back."""

    kind: str
    value: str
    consumer: str


class Prices(Schema):
    """List prices per million tokens, by token class."""

    model: str
    prices: dict[str, Decimal]


@router.get("/ai/logs", summary="Logs of AI use, and which bill each explains")
def get_logs(request: HttpRequest) -> dict[str, Any]:
    return {"logs": ai_feeds(scope_for(request, "read.data"))}


@router.get("/ai/costs", summary="What AI use costs, per million tokens and 1,000 requests")
def get_ai_costs(
    request: HttpRequest,
    *,
    by: str = "model",
    period: Query[list[str] | None] = None,
    basis: str = "effective",
) -> dict[str, Any]:
    return ai_use(scope_for(request, "read.data"), by=by, periods=period, basis=basis).to_json()


@router.post("/ai/logs/{name}", summary="Say which bill a log explains, and split it")
def post_log(request: HttpRequest, *, name: str, settings: FeedSettings) -> dict[str, Any]:
    feed = set_ai_feed(acting_user=caller(request), name=name, **settings.dict())
    return {"name": feed.name, "state": feed.state, "version": feed.version,
            "problem": feed.problem}  # fmt: skip


@router.post("/ai/assignments", summary="Give a principal's or team's use to a consumer")
def post_assignment(request: HttpRequest, *, assignment: Assignment) -> dict[str, Any]:
    row = assign_ai_use(acting_user=caller(request), **assignment.dict())
    return assignment.dict() | {"value": row.value if row else assignment.value}


@router.post("/ai/prices", summary="State list prices that weigh token classes")
def post_prices(request: HttpRequest, *, prices: Prices) -> dict[str, Any]:
    made = set_ai_prices(acting_user=caller(request), model=prices.model, prices=prices.prices)
    return {"model": prices.model, "prices": {p.token_class: str(p.per_million) for p in made}}
