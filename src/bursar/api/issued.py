"""Issued statements over HTTP: issue, read, answer, decide, credit, settle."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from bursar.allocate.actions.accept_statement import accept_statement
from bursar.allocate.actions.answer_dispute import answer_dispute
from bursar.allocate.actions.credit_statement import credit_statement
from bursar.allocate.actions.dispute_statement import dispute_statement
from bursar.allocate.actions.issue_statements import ANSWER_DAYS, issue_statements
from bursar.allocate.actions.make_einvoice import make_einvoice
from bursar.allocate.actions.resolve_dispute import resolve_dispute
from bursar.allocate.actions.settle_statement import settle_statement
from bursar.api.callers import caller, scope_for
from bursar.core.money.amount import parse_amount
from bursar.report.documents.einvoice import einvoice_file, file_name
from bursar.report.documents.issued import issued_file
from bursar.report.issued_documents import document_json, issued_document, issued_documents

router = Router(tags=["issued statements"])
_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "proof": "application/json",
}


class IssueOrder(Schema):
    """Which statements are issued."""

    period: str
    basis: str = "effective"
    consumers: list[str] | None = None
    answer_days: int = ANSWER_DAYS


class Said(Schema):
    """What is said with an answer; `lines` of a dispute are numbered from 1."""

    text: str = ""
    lines: list[int] = []


class Credit(Schema):
    """A decision or a credit note; the amount is text, and empty means all or nothing of it."""

    text: str = ""
    amount: str = ""
    line: int | None = None


@router.get("/issued-statements", summary="Issued statements and credit notes in scope")
def get_issued(
    request: HttpRequest,
    *,
    period: str | None = None,
    standing: str | None = None,
    consumer: str | None = None,
) -> dict[str, Any]:
    found = issued_documents(
        scope_for(request), period=period, standing=standing, consumer=consumer
    )
    return {"documents": [view.to_json() for view in found]}


@router.post("/issued-statements", summary="Issue a period's statements")
def post_issue(request: HttpRequest, order: IssueOrder) -> dict[str, Any]:
    made = issue_statements(acting_user=caller(request), **order.dict())
    return {"numbers": [row.number for row in made]}


@router.get("/issued-statements/{number}", summary="One document with its history")
def get_one(request: HttpRequest, number: str) -> dict[str, Any]:
    return document_json(issued_document(scope_for(request), number))


@router.get(
    "/issued-statements/{number}/document.{kind}", summary="One document as pdf, csv, json or proof"
)
def get_file(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    content = issued_file(issued_document(scope_for(request), number), kind)
    answer = HttpResponse(content, content_type=_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{number}.{kind}"'
    return answer


@router.post("/issued-statements/{number}/einvoice", summary="Make its e-invoice, once")
def post_einvoice(request: HttpRequest, number: str) -> dict[str, Any]:
    made = make_einvoice(number=number, acting_user=caller(request))
    return {"number": number, "sha256": made.sha256, "content": made.content}


@router.get(
    "/issued-statements/{number}/einvoice/{kind}", summary="Its e-invoice as ubl, cii or factur-x"
)
def get_einvoice(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    content = einvoice_file(issued_document(scope_for(request), number), kind)
    media = "application/pdf" if kind == "factur-x" else "application/xml"
    answer = HttpResponse(content, content_type=media)
    answer["Content-Disposition"] = f'attachment; filename="{file_name(number, kind)}"'
    return answer


@router.post("/issued-statements/{number}/decision", summary="Decide a dispute")
def post_decision(request: HttpRequest, number: str, order: Credit) -> dict[str, Any]:
    amount = parse_amount(order.amount) if order.amount else None
    resolve_dispute(
        number=number, acting_user=caller(request), text=order.text, amount=amount, line=order.line
    )
    return document_json(issued_document(scope_for(request), number))


@router.post("/issued-statements/{number}/credit", summary="Issue a credit note")
def post_credit(request: HttpRequest, number: str, order: Credit) -> dict[str, Any]:
    amount = parse_amount(order.amount) if order.amount else None
    made = credit_statement(
        number=number, acting_user=caller(request), text=order.text, amount=amount, line=order.line
    )
    return document_json(issued_document(scope_for(request), made.number))


@router.post("/issued-statements/{number}/{act}", summary="Accept, dispute, answer or settle")
def post_answer(
    request: HttpRequest,
    number: str,
    act: Literal["accept", "dispute", "answer", "settle"],
    said: Said,
) -> dict[str, Any]:
    user = caller(request)
    if act == "accept":
        accept_statement(number=number, acting_user=user, text=said.text)
    elif act == "dispute":
        dispute_statement(number=number, acting_user=user, text=said.text, lines=said.lines)
    elif act == "answer":
        answer_dispute(number=number, acting_user=user, text=said.text)
    else:
        settle_statement(number=number, acting_user=user, text=said.text)
    return document_json(issued_document(scope_for(request), number))
