"""Documents over HTTP: entered once for each key, listed, shown and reversed."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Header, Router, Schema

from bursar.api.callers import caller, scope_for
from bursar.record.actions.enter_document import enter_document
from bursar.record.actions.reverse_document import reverse_document
from bursar.record.documents.draft import read_draft
from bursar.record.documents.queries import document_json, document_row, documents, listed_json
from bursar.report.balance import require_everything

router = Router(tags=["documents"])
MOST_LISTED = 500


class DocumentLineOrder(Schema):
    """One line; the amount is text, so that no digit is lost."""

    amount: str
    basis: str = ""
    gl_account: str = ""
    cost_center: str = ""
    vendor: str = ""
    initiative: str = ""
    treatment: str = ""
    intent: str = ""
    solution: str = ""
    description: str = ""
    service_start: str = ""
    service_end: str = ""
    tags: dict[str, str] = {}


class DocumentOrder(Schema):
    """A document to enter."""

    kind: str
    date: str
    currency: str
    description: str
    lines: list[DocumentLineOrder]
    period: str = ""
    legal_entity: str = ""
    vendor: str = ""
    document_ref: str = ""
    corrects: str = ""


class ReversalOrder(Schema):
    """Why a document is taken back, and on which day where not on its own."""

    reason: str
    date: datetime.date | None = None


@router.post("/documents", summary="Enter a document; the same key again enters nothing new")
def post_document(
    request: HttpRequest,
    *,
    order: DocumentOrder,
    idempotency_key: Header[str | None] = None,
) -> dict[str, Any]:
    made = enter_document(
        acting_user=caller(request), draft=read_draft(order.dict()), request_key=idempotency_key
    )
    return document_json(made)


@router.get("/documents", summary="Documents, newest first")
def get_documents(
    request: HttpRequest,
    *,
    kind: str = "",
    period: str = "",
    state: str = "",
    text: str = "",
    offset: int = 0,
) -> dict[str, Any]:
    require_everything(scope_for(request, "read.data"), "The list of documents")
    rows = documents(kind=kind, period=period, state=state, text=text)
    begin = max(0, offset)
    return {"count": rows.count(), "documents": listed_json(rows[begin : begin + MOST_LISTED])}


@router.get("/documents/{number}", summary="One document with its lines")
def get_document(request: HttpRequest, number: str) -> dict[str, Any]:
    require_everything(scope_for(request, "read.data"), "A document")
    return document_json(document_row(number))


@router.post("/documents/{number}/reversal", summary="Take a document back")
def post_reversal(request: HttpRequest, number: str, *, order: ReversalOrder) -> dict[str, Any]:
    made = reverse_document(
        acting_user=caller(request), number=number, reason=order.reason, day=order.date
    )
    return document_json(made)
