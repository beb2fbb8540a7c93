"""Writing a document's rows: its number, its lines, and the document that reverses it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone

from bursar.core.calc.fiscal import FiscalPeriod
from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.office.calendar.periods import ensure_periods
from bursar.office.reference.models import LegalEntity
from bursar.record.documents.checking import basis_of
from bursar.record.documents.draft import TEXTS, Draft, DraftLine
from bursar.record.models import Document, DocumentKind, DocumentLine

LETTERS = {
    DocumentKind.COST: "C",
    DocumentKind.ACCRUAL: "A",
    DocumentKind.RECLASSIFICATION: "R",
    DocumentKind.CORRECTION: "K",
}


@dataclass(frozen=True)
class Entry:
    """What stands beside a draft when it is entered."""

    owner: LegalEntity
    period: FiscalPeriod
    entered_by: str
    request_key: str | None = None
    reverses: Document | None = None
    automatic: bool = False
    reason: str = ""


def write_document(draft: Draft, entry: Entry) -> Document:
    """The document's rows. The caller holds the lock of live rows, so numbers have no gaps."""
    year = draft.date.year
    of_year = Document.objects.filter(kind=draft.kind, year=year)
    sequence = (of_year.aggregate(last=Max("sequence"))["last"] or 0) + 1
    ensure_periods(entry.owner, [entry.period.code])
    document = Document.objects.create(
        kind=draft.kind,
        year=year,
        sequence=sequence,
        number=f"{LETTERS[DocumentKind(draft.kind)]}{year}-{sequence:04d}",
        date=draft.date,
        legal_entity=entry.owner.code,
        posting_period=entry.period.code,
        month=f"{entry.period.start:%Y-%m}",
        currency=draft.currency,
        description=draft.description,
        vendor=draft.vendor,
        document_ref=draft.document_ref,
        corrects=draft.corrects,
        reverses=entry.reverses,
        automatic=entry.automatic,
        reason=entry.reason,
        entered_at=timezone.now(),
        entered_by=entry.entered_by,
        request_key=entry.request_key,
        content_sha256=draft.digest(),
    )
    DocumentLine.objects.bulk_create(
        [_line(document, draft, n, line) for n, line in enumerate(draft.lines, start=1)],
        batch_size=2_000,
    )
    return document


def reversal_of(document: Document, day: date, period: str) -> Draft:
    """The draft that takes a document back: the same lines, negated."""
    lines = DocumentLine.objects.filter(document=document).order_by("place")
    return Draft(
        kind=document.kind,
        date=day,
        period=period,
        currency=document.currency,
        legal_entity=document.legal_entity,
        description=f"Reversal of {document.number}: {document.description}"[:500],
        vendor=document.vendor,
        document_ref=document.document_ref,
        corrects=document.corrects,
        lines=tuple(_negated(line) for line in lines),
    )


def moved(draft: Draft, day: date) -> Draft:
    """The same with every service on this day, for cost that is taken back then."""
    lines = [replace(line, service_start=day, service_end=day) for line in draft.lines]
    return replace(draft, lines=tuple(lines))


def totals_of(lines: Iterable[DocumentLine]) -> dict[str, str]:
    """The exact sum of each basis that the lines state."""
    amounts: dict[str, list[Decimal]] = {}
    for line in lines:
        amounts.setdefault(line.basis, []).append(Decimal(line.amount))
    return {basis: exact_text(exact_sum(found)) for basis, found in sorted(amounts.items())}


def journal_detail(document: Document) -> dict[str, Any]:
    """What the journal keeps of a document: enough to know it again."""
    detail: dict[str, Any] = {
        name: str(getattr(document, name))
        for name in ("kind", "date", "legal_entity", "posting_period", "currency", "description")
    }
    detail["totals"] = totals_of(document.lines.all())
    detail["content_sha256"] = document.content_sha256
    if document.reverses is not None:
        detail |= {"reverses": document.reverses.number, "reason": document.reason}
    return detail


def _line(document: Document, draft: Draft, place: int, line: DraftLine) -> DocumentLine:
    start = line.service_start or line.service_end or draft.date
    texts = {name: getattr(line, name) for name in TEXTS}
    texts["vendor"] = line.vendor or draft.vendor
    return DocumentLine(
        document=document,
        place=place,
        amount=exact_text(line.amount),
        basis=basis_of(line, draft.kind),
        service_start=start,
        service_end=line.service_end or start,
        tags=json.dumps(dict(line.tags), sort_keys=True, ensure_ascii=False) if line.tags else "",
        **texts,
    )


def _negated(line: DocumentLine) -> DraftLine:
    return DraftLine(
        amount=EXACT.minus(Decimal(line.amount)),
        basis=line.basis,
        service_start=line.service_start,
        service_end=line.service_end,
        tags=json.loads(line.tags) if line.tags else {},
        **{name: getattr(line, name) for name in TEXTS},
    )
