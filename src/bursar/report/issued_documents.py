"""Issued statements and credit notes as people read them: what they say, where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.allocate.document_queries import document_in, documents, given_payers, payer_of
from bursar.allocate.models import DocumentEvent, IssuedDocument
from bursar.allocate.numbering import lines_left, still_charged
from bursar.allocate.queries import statements
from bursar.core.money.amount import EXACT, exact_text
from bursar.office.people.scope import Scope
from bursar.office.reference.entities import entities
from bursar.report.wording import period_name

STANDINGS = tuple(IssuedDocument.Standing)
SAID = {
    "issued": "issued it",
    "accepted": "accepted it",
    "disputed": "disputed it",
    "said": "wrote",
    "resolved": "decided the dispute",
    "credited": "credited it",
    "settled": "settled it",
    "invoiced": "made its e-invoice",
}
"""What each event says after the name of who did it."""


@dataclass(frozen=True)
class DocumentView:
    """One document with its standing now."""

    row: IssuedDocument
    entity_name: str
    charged: Decimal
    """What it still charges after credit notes; a credit note's own amount."""
    newer: Decimal | None
    """What the statement in force would charge, where a later run says otherwise; else None."""

    @property
    def amount(self) -> Decimal:
        return Decimal(self.row.amount)

    @property
    def is_credit(self) -> bool:
        return self.row.kind == IssuedDocument.Kind.CREDIT_NOTE

    @property
    def period_name(self) -> str:
        return period_name(self.row.period)

    def to_json(self) -> dict[str, Any]:
        """Amounts as text, in main units."""
        row = self.row
        newer = self.newer
        return {
            "number": row.number,
            "kind": row.kind,
            "mode": row.mode,
            "standing": row.standing,
            "consumer": row.consumer,
            "period": row.period,
            "legal_entity": row.legal_entity,
            "currency": row.currency,
            "basis": row.basis,
            "amount": row.amount,
            "still_charged": exact_text(self.charged),
            "statement_in_force": None if newer is None else exact_text(newer),
            "issued_at": row.issued_at.isoformat(),
            "issued_by": row.issued_by,
            "answer_by": row.answer_by.isoformat(),
            "credits": row.content["credits"],
            "statement_id": row.content["statement_id"],
            "sha256": row.sha256,
        }


def issued_documents(
    scope: Scope,
    *,
    period: str | None = None,
    standing: str | None = None,
    consumer: str | None = None,
) -> list[DocumentView]:
    """Documents in scope, newest first; all of these filters must hold."""
    rows = documents(scope)
    for name, value in (("period", period), ("standing", standing), ("consumer", consumer)):
        if value:
            rows = rows.filter(**{name: value})
    return _viewed(list(rows.prefetch_related("credit_notes")))


def issued_document(scope: Scope, number: str) -> DocumentView:
    """One document; refuses `statement.no_document`, also where the scope may not see it."""
    return _viewed([document_in(scope, number)])[0]


def lines_of(view: DocumentView) -> list[dict[str, Any]]:
    """The document's lines, each with what it still charges; a credit note's say nothing there."""
    lines = view.row.content["lines"]
    left = [""] * len(lines) if view.is_credit else map(exact_text, lines_left(view.row))
    return [{**line, "left": each} for line, each in zip(lines, left, strict=True)]


def thread_of(view: DocumentView) -> list[dict[str, Any]]:
    """What happened to it, oldest first."""
    return [_told(event) for event in view.row.events.all()]


def document_json(view: DocumentView) -> dict[str, Any]:
    """The whole document: what it says, its lines, its history and its credit notes."""
    return {
        **view.to_json(),
        "lines": lines_of(view),
        "events": thread_of(view),
        "credit_notes": list(view.row.credit_notes.values_list("number", flat=True)),
        "content": view.row.content,
    }


def may_be_issued(scope: Scope, period: str, basis: str = "effective") -> int:
    """How many statements of a period nobody was given yet."""
    if not scope.everything:
        return 0
    given = given_payers(period, basis)
    return sum(payer_of(row) not in given for row in statements(basis=basis, periods=[period]))


def _viewed(rows: Sequence[IssuedDocument]) -> list[DocumentView]:
    names = {entity.code: entity.name for entity in entities()}
    now = {
        (s.consumer, s.period, s.legal_entity, s.currency, s.run_period.basis): s
        for s in statements(periods=sorted({row.period for row in rows}))
    }
    found = []
    for row in rows:
        key = (row.consumer, row.period, row.legal_entity, row.currency, row.basis)
        current, newer = now.get(key), None
        is_statement = row.kind == IssuedDocument.Kind.STATEMENT
        if is_statement and row.standing != IssuedDocument.Standing.CREDITED:
            total = Decimal(current.document_total) if current else Decimal(0)
            newer = total if total != Decimal(row.amount) else None
        charged = still_charged(row) if is_statement else Decimal(row.amount)
        entity = names.get(row.legal_entity, row.legal_entity)
        found.append(DocumentView(row, entity, charged, newer))
    return found


def difference_of(view: DocumentView) -> Decimal | None:
    """What a statement issued now would charge more; None where nothing would change."""
    return None if view.newer is None else EXACT.subtract(view.newer, view.amount)


def _told(event: DocumentEvent) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(),
        "by": event.by,
        "act": event.act,
        "said": SAID[event.act],
        "text": event.text,
        **event.detail,
    }
