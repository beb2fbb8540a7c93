"""Legal entities over HTTP: what each is, and the part of VAT that it recovers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from bursar.api.callers import caller, scope_for
from bursar.core.money.amount import exact_text, parse_amount
from bursar.office.reference.parties import (
    agreement_json,
    agreements_of,
    consumers_of,
    party_json,
)
from bursar.record.actions.set_agreement import Agreed, set_agreement
from bursar.record.actions.set_consumer_entity import set_consumer_entity
from bursar.record.actions.set_entity import EntityChange, set_entity
from bursar.record.actions.set_party import set_party
from bursar.record.actions.set_vat_ratio import set_vat_ratio
from bursar.record.known_entities import known_entity
from bursar.report.balance import require_everything
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


class PartyOrder(Schema):
    """How it stands on an invoice; what is left out stays, what is empty is taken away."""

    legal_name: str | None = None
    street: str | None = None
    city: str | None = None
    postal_code: str | None = None
    country: str | None = None
    vat_id: str | None = None
    registration_id: str | None = None


class AgreementOrder(Schema):
    """VAT, payment and markup between the entity, which sells, and a buyer; percent as text."""

    buyer: str
    vat_category: str
    vat_rate: str = "0"
    exemption_reason: str = ""
    payment_days: int = 30
    markup: str = "0"
    valid_from: date


class ConsumerOrder(Schema):
    """A consumer that belongs to the entity, and the first day of it."""

    consumer: str
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


@router.get("/entities/{code}/party", summary="What its invoices need: party, terms, consumers")
def get_party(request: HttpRequest, code: str) -> dict[str, Any]:
    require_everything(scope_for(request, "read.data"), "What invoices need")
    return _party(code)


@router.post("/entities/{code}/party", summary="Set how it stands on an invoice")
def post_party(request: HttpRequest, *, code: str, order: PartyOrder) -> dict[str, Any]:
    fields = {name: value for name, value in order.dict().items() if value is not None}
    set_party(acting_user=caller(request), code=code, fields=fields)
    return _party(code)


@router.post("/entities/{code}/agreements", summary="Set VAT and payment with a buyer")
def post_agreement(request: HttpRequest, *, code: str, order: AgreementOrder) -> dict[str, Any]:
    terms = Agreed(
        order.vat_category,
        parse_amount(order.vat_rate),
        order.exemption_reason,
        order.payment_days,
        parse_amount(order.markup),
    )
    made = set_agreement(
        acting_user=caller(request),
        seller=code,
        buyer=order.buyer,
        terms=terms,
        valid_from=order.valid_from,
    )
    return {"seller": code, **agreement_json(made)}


@router.post("/entities/{code}/consumers", summary="Say that a consumer belongs to it")
def post_consumer(request: HttpRequest, *, code: str, order: ConsumerOrder) -> dict[str, Any]:
    set_consumer_entity(
        acting_user=caller(request),
        consumer=order.consumer,
        code=code,
        valid_from=order.valid_from,
    )
    return {"code": code, "consumers": consumers_of(code)}


def _party(code: str) -> dict[str, Any]:
    return {
        "code": known_entity(code).code,
        **party_json(code),
        "agreements": agreements_of(code),
        "consumers": consumers_of(code),
    }
