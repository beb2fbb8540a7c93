"""What an issued document says, its number and its hash (rules ST1 to ST4)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone

from bursar.allocate.language.canonical import canonical_text
from bursar.allocate.models import DocumentEvent, IssuedDocument, Statement
from bursar.core.money.amount import exact_sum, exact_text
from bursar.office.calendar.periods import calendar_of
from bursar.office.journal.writing import Actor, actor_name, record_act

PREFIXES = {
    IssuedDocument.Kind.STATEMENT: "ST",
    IssuedDocument.Kind.CREDIT_NOTE: "CN",
}


@dataclass(frozen=True)
class Draft:
    """A document before it has a number."""

    kind: str
    mode: str
    statement: Statement
    basis: str
    lines: Sequence[dict[str, Any]]
    """Each with solution, tower, cost_pool and amount, in the minor unit as text."""
    answer_by: date
    credits: IssuedDocument | None = None
    reason: str = ""

    @property
    def amount(self) -> Decimal:
        return exact_sum(Decimal(line["amount"]) for line in self.lines)


def put_in_force(draft: Draft, actor: Actor | None) -> IssuedDocument:
    """Numbers the document and writes it, its first event and the journal; in a transaction in
    which `raise_version` came first, so that nobody else numbers at the same time."""
    source = draft.statement
    year = calendar_of(source.legal_entity).period(source.period).fiscal_year
    mine = IssuedDocument.objects.filter(legal_entity=source.legal_entity, fiscal_year=year)
    sequence = (mine.aggregate(last=Max("sequence"))["last"] or 0) + 1
    number = _number(draft.kind, source.legal_entity, year, sequence)
    content = _content(draft, number)
    standing = IssuedDocument.Standing
    row = IssuedDocument.objects.create(
        number=number,
        sequence=sequence,
        fiscal_year=year,
        kind=draft.kind,
        mode=draft.mode,
        consumer=source.consumer,
        period=source.period,
        legal_entity=source.legal_entity,
        currency=source.currency,
        basis=draft.basis,
        amount=exact_text(draft.amount),
        content=content,
        sha256=content_hash(content),
        statement=source,
        credits=draft.credits,
        standing=standing.ISSUED if draft.credits is None else standing.ACCEPTED,
        issued_at=timezone.now(),
        issued_by=actor_name(actor),
        answer_by=draft.answer_by,
    )
    note(row, actor, "issued", draft.reason)
    detail = {"sha256": row.sha256, "amount": row.amount, "currency": row.currency}
    detail |= {"consumer": row.consumer, "period": row.period, "kind": row.kind}
    record_act(act="allocate.issue_document", subject=number, actor=actor, detail=detail)
    return row


def note(
    document: IssuedDocument, actor: Actor | None, act: str, text: str = "", **detail: Any
) -> DocumentEvent:
    """Adds an event to the document's history."""
    return DocumentEvent.objects.create(
        document=document,
        at=timezone.now(),
        by=actor_name(actor),
        act=act,
        text=text,
        detail=detail,
    )


def content_hash(content: Any) -> str:
    """SHA-256 of the canonical JSON."""
    return hashlib.sha256(canonical_text(content).encode()).hexdigest()


def still_charged(document: IssuedDocument) -> Decimal:
    """What the statement charges after its credit notes."""
    notes = document.credit_notes.all()
    return exact_sum([Decimal(document.amount), *(Decimal(note.amount) for note in notes)])


def lines_left(document: IssuedDocument) -> list[Decimal]:
    """What each line still charges, in the order of the lines."""
    parts = [[Decimal(line["amount"])] for line in document.content["lines"]]
    for credit in document.credit_notes.all():
        for line in credit.content["lines"]:
            parts[line["line"] - 1].append(Decimal(line["amount"]))
    return [exact_sum(part) for part in parts]


def _number(kind: str, entity: str, year: int, sequence: int) -> str:
    """ST-main-2026-00001: kind, legal entity, fiscal year, sequence."""
    name = entity
    if not re.fullmatch(r"[A-Za-z0-9]{1,12}", entity):  # two entities never share a number
        short = re.sub(r"[^A-Za-z0-9]+", "", entity)[:8]
        name = short + hashlib.sha256(entity.encode()).hexdigest()[:4].upper()
    return f"{PREFIXES[IssuedDocument.Kind(kind)]}-{name}-{year}-{sequence:05d}"


def _content(draft: Draft, number: str) -> dict[str, Any]:
    source, run = draft.statement, draft.statement.run_period
    return {
        "number": number,
        "kind": draft.kind,
        "mode": draft.mode,
        "issued_on": timezone.now().date().isoformat(),
        "answer_by": draft.answer_by.isoformat(),
        "consumer": source.consumer,
        "period": source.period,
        "legal_entity": source.legal_entity,
        "currency": source.currency,
        "basis": draft.basis,
        "amount": exact_text(draft.amount),
        "lines": [{**line} for line in draft.lines],
        "credits": draft.credits.number if draft.credits else None,
        "reason": draft.reason,
        "statement_id": source.statement_id,
        "statement_sha256": source.sha256,
        "run_id": run.run.run_id,
        "run_inputs_sha256": run.input_hash,
    }
