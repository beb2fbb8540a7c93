"""Reading documents: one in full, and lists of them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from bursar.core.money.amount import exact_sum, exact_text
from bursar.record.documents.entering import totals_of
from bursar.record.errors import UnknownDocument
from bursar.record.models import Attachment, Document, DocumentLine

_HEAD = (
    "number", "kind", "legal_entity", "posting_period", "currency", "description", "vendor",
    "document_ref", "corrects", "state", "reason", "entered_by",
)  # fmt: skip
_LINE = (
    "place", "amount", "basis", "gl_account", "cost_center", "vendor", "initiative", "treatment",
    "intent", "solution", "description", "tags",
)  # fmt: skip


def document_row(number: str) -> Document:
    """The document of that number. Refusals: record.unknown_document."""
    found = Document.objects.select_related("reverses").filter(number=number).first()
    if found is None:
        raise UnknownDocument(f"There is no document '{number}'. `bursar document list` names all.")
    return found


def documents(
    *, kind: str = "", period: str = "", state: str = "", text: str = ""
) -> QuerySet[Document]:
    """Documents that match, the newest first; `text` is a part of what their head says."""
    rows = Document.objects.select_related("reverses", "settlement__batch")
    wanted = {"kind": kind, "posting_period": period, "state": state}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if text:
        named = Q()
        for name in ("number", "description", "vendor", "document_ref"):
            named |= Q(**{f"{name}__icontains": text})
        rows = rows.filter(named)
    return rows


def document_json(document: Document) -> dict[str, Any]:
    """A document in full: head, lines, attachments, and what it reverses or was reversed by."""
    lines = list(document.lines.order_by("place"))
    reversals = [(r.number, r.automatic) for r in document.reversals.order_by("id")]
    return {
        **_head(document),
        "totals": totals_of(lines),
        "lines": [_line(document, line) for line in lines],
        "attachments": [attachment_json(file) for file in document.attachments.all()],
        "reversed_by": [number for number, automatic in reversals if not automatic],
        "taken_back_by": [number for number, automatic in reversals if automatic],
    }


def listed_json(rows: Iterable[Document]) -> list[dict[str, Any]]:
    """Heads with what the lines of each add up to, per basis."""
    found = list(rows)
    sums: dict[int, dict[str, list[Decimal]]] = {row.pk: {} for row in found}
    lines = DocumentLine.objects.filter(document_id__in=list(sums))
    for pk, basis, amount in lines.values_list("document_id", "basis", "amount"):
        sums[pk].setdefault(basis, []).append(Decimal(amount))
    return [
        {
            **_head(row),
            "totals": {b: exact_text(exact_sum(a)) for b, a in sorted(sums[row.pk].items())},
            "line_count": sum(len(amounts) for amounts in sums[row.pk].values()),
        }
        for row in found
    ]


def attachment_json(file: Attachment) -> dict[str, Any]:
    return {
        "sha256": file.sha256,
        "name": file.name,
        "media_type": file.media_type,
        "bytes": file.bytes,
        "attached_at": file.attached_at.isoformat(),
        "attached_by": file.attached_by,
    }


def _head(document: Document) -> dict[str, Any]:
    settled = document.settlement
    return {
        **{name: getattr(document, name) for name in _HEAD},
        "date": document.date.isoformat(),
        "entered_at": document.entered_at.isoformat(),
        "reverses": document.reverses.number if document.reverses else None,
        "automatic": document.automatic,
        "settled_in": settled.batch.batch_id if settled else None,
    }


def _line(document: Document, line: DocumentLine) -> dict[str, Any]:
    return {
        "line_id": f"d{document.pk}-{line.place}",
        **{name: getattr(line, name) for name in _LINE},
        "service_start": line.service_start.isoformat(),
        "service_end": line.service_end.isoformat(),
    }
