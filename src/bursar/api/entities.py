"""Legal entities over HTTP: what each is, and the part of VAT that it recovers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from bursar.api.callers import caller, scope_for
from bursar.core.money.amount import exact_text, parse_amount
from bursar.record.actions.set_entity import EntityChange, set_entity
from bursar.record.actions.set_vat_ratio import set_vat_ratio
from bursar.report.entities import legal_entities

router = Router(tags=["entities"])


class EntityOrder(Schema):
    """Name, functional currency and fiscal calendar."""

    name: str | None = None
    currency: str | None = None
    fiscal_start_month: int | None = None
    calendar_pattern: str | None = None


class VatOrder(Schema):
    """The part of VAT that is recovered, from 0 to 1, and the first day of it."""

    ratio: str
    valid_from: date


@router.get("/entities", summary="Legal entities with currency, calendar, VAT and periods")
def get_entities(request: HttpRequest) -> dict[str, Any]:
    scope = scope_for(request, "read.data")
    return legal_entities(scope, on=datetime.now(UTC).date()).to_json()


@router.post("/entities/{code}", summary="Make or change a legal entity")
def post_entity(request: HttpRequest, *, code: str, order: EntityOrder) -> dict[str, Any]:
    """What is left out stays as it is; a calendar can change until cost is posted by it."""
    done = set_entity(acting_user=caller(request), code=code, change=EntityChange(**order.dict()))
    return {"code": done.code, **{name: getattr(done, name) for name in order.dict()}}


@router.post("/entities/{code}/vat-ratios", summary="Set the part of VAT that is recovered")
def post_vat_ratio(request: HttpRequest, *, code: str, order: VatOrder) -> dict[str, Any]:
    done = set_vat_ratio(
        acting_user=caller(request),
        code=code,
        ratio=parse_amount(order.ratio),
        valid_from=order.valid_from,
    )
    return {"code": code, "recoverable_vat_ratio": exact_text(done.ratio)}
