"""Statements over HTTP: as JSON and as documents."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from bursar.api.callers import scope_for
from bursar.api.shapes import Statement, Statements
from bursar.report.bill_of_it import statement, statements
from bursar.report.change import change_of
from bursar.report.documents.kinds import KINDS, document, file_name
from bursar.report.fairness import fairness
from bursar.report.statement import Statements as Found

router = Router(tags=["statements"])


@router.get("/statements", response=Statements, summary="Statements of periods")
def get_statements(
    request: HttpRequest,
    *,
    period: Query[list[str] | None] = None,
    consumer: str | None = None,
    basis: str | None = None,
    currency: str | None = None,
    legal_entity: str | None = None,
) -> dict[str, Any]:
    """The latest period that was run where none is named."""
    found = statements(
        scope_for(request),
        periods=period,
        consumer=consumer,
        basis=basis,
        currency=currency,
        legal_entity=legal_entity,
    )
    return found.to_json()


@router.get("/statements/{statement_id}", response=Statement, summary="One statement")
def get_statement(request: HttpRequest, *, statement_id: str) -> dict[str, Any]:
    return statement(scope_for(request), statement_id=statement_id).to_json()


@router.get("/statements/{statement_id}/change", summary="Why a statement changed, in parts")
def get_change(
    request: HttpRequest,
    *,
    statement_id: str,
    before: str | None = None,
    against: str | None = None,
) -> dict[str, Any]:
    """Against the period before, another one, or (`against`) an earlier run of the same period."""
    return change_of(
        scope_for(request), statement_id=statement_id, before=before, against=against
    ).to_json()


@router.get(
    "/statements/{statement_id}/fairness", summary="Each charge beside other defensible ways"
)
def get_fairness(request: HttpRequest, *, statement_id: str) -> dict[str, Any]:
    return fairness(scope_for(request), statement_id=statement_id).to_json()


@router.get(
    "/statements/{statement_id}/document.{kind}",
    summary=f"One statement as {', '.join(KINDS)}",
)
def get_document(request: HttpRequest, *, statement_id: str, kind: str) -> HttpResponse:
    scope = scope_for(request)
    found = Found.of(statement(scope, statement_id=statement_id))
    return _file(*document(scope, found, kind), file_name(found, kind))


@router.get("/statement-documents.{kind}", summary="All statements of periods in one document")
def get_documents(
    request: HttpRequest,
    *,
    kind: str,
    period: Query[list[str] | None] = None,
    consumer: str | None = None,
    currency: str | None = None,
) -> HttpResponse:
    scope = scope_for(request)
    found = statements(scope, periods=period, consumer=consumer, currency=currency)
    return _file(*document(scope, found, kind), file_name(found, kind))


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
