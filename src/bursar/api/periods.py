"""Periods over HTTP: states, checklists, closing and reopening. Each act checks its permission."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from bursar.api.callers import caller, scope_for
from bursar.api.shapes import Reason
from bursar.flow.actions.add_closing_line import add_closing_line
from bursar.flow.actions.close_period import close_period
from bursar.flow.actions.finish_check import finish_check
from bursar.flow.actions.reopen_period import reopen_period
from bursar.flow.actions.soft_close_period import soft_close_period
from bursar.flow.actions.waive_check import waive_check
from bursar.flow.periods import period_told, periods_told
from bursar.record.actions.acknowledge_rejected import acknowledge_rejected
from bursar.report.quality import quality

router = Router(tags=["periods"])


class CloseOrder(Schema):
    """Which checks are waived, and why."""

    waive: list[str] = []
    reason: str = ""
    soft: bool = False


class Note(Schema):
    """What a person says of a line."""

    note: str = ""


class NewLine(Schema):
    """A line of one's own for the checklist."""

    name: str
    owner: str = ""
    due_days: int = 5


@router.get("/periods", summary="Every period with its state, and what is stale of it")
def get_periods(request: HttpRequest) -> dict[str, Any]:
    scope_for(request, "read.data")
    return {"periods": periods_told()}


@router.get("/periods/{period}/{legal_entity}", summary="One period with its checklist")
def get_period(request: HttpRequest, period: str, legal_entity: str) -> dict[str, Any]:
    scope_for(request, "read.data")
    return period_told(period, legal_entity)


@router.post("/periods/{period}/{legal_entity}/close", summary="Close or soft-close a period")
def post_close(
    request: HttpRequest, period: str, legal_entity: str, *, order: CloseOrder
) -> dict[str, Any]:
    """`changed` is false while checks are open."""
    user = caller(request)
    if order.soft:
        done = soft_close_period(acting_user=user, period=period, legal_entity=legal_entity)
        return done.to_json()
    return close_period(
        acting_user=user,
        period=period,
        legal_entity=legal_entity,
        waived=order.waive,
        reason=order.reason,
    ).to_json()


@router.post("/periods/{period}/{legal_entity}/reopen", summary="Reopen a period")
def post_reopen(
    request: HttpRequest, period: str, legal_entity: str, *, why: Reason
) -> dict[str, Any]:
    return reopen_period(
        acting_user=caller(request), period=period, legal_entity=legal_entity, reason=why.reason
    ).to_json()


@router.post("/periods/{period}/{legal_entity}/checks/{check}/waive", summary="Waive a check")
def post_waive(
    request: HttpRequest, period: str, legal_entity: str, check: str, *, why: Reason
) -> dict[str, Any]:
    user = caller(request)
    waive_check(
        acting_user=user, period=period, check=check, reason=why.reason, legal_entity=legal_entity
    )
    return period_told(period, legal_entity)


@router.post("/periods/{period}/{legal_entity}/checks/{check}/done", summary="Say it is done")
def post_done(
    request: HttpRequest, period: str, legal_entity: str, check: str, *, said: Note
) -> dict[str, Any]:
    user = caller(request)
    finish_check(
        acting_user=user, period=period, check=check, note=said.note, legal_entity=legal_entity
    )
    return period_told(period, legal_entity)


@router.post("/periods/{period}/{legal_entity}/lines", summary="Add a line to the checklist")
def post_line(
    request: HttpRequest, period: str, legal_entity: str, *, line: NewLine
) -> dict[str, Any]:
    add_closing_line(
        acting_user=caller(request), period=period, legal_entity=legal_entity, **line.dict()
    )
    return period_told(period, legal_entity)


@router.get("/quality", summary="How good the data of each source and period are")
def get_quality(
    request: HttpRequest,
    *,
    source: str | None = None,
    period: Query[list[str] | None] = None,
    basis: str = "effective",
) -> dict[str, Any]:
    scope = scope_for(request, "read.data")
    return quality(scope, source=source, periods=period, basis=basis).to_json()


@router.post("/imports/{import_token}/acknowledge", summary="Answer for rejected lines")
def post_acknowledge(request: HttpRequest, import_token: str, *, said: Note) -> dict[str, Any]:
    user = caller(request)
    found = acknowledge_rejected(acting_user=user, import_token=import_token, note=said.note)
    return {"import_token": import_token, "note": found.note, "by": found.by}
