"""Issued documents as files: tagged PDF/A-3b, CSV and JSON, the same bytes whenever made."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import typst

from bursar.allocate.proof import proof_of
from bursar.report.documents.cells import safe
from bursar.report.documents.pdf import STANDARDS
from bursar.report.errors import UnknownKind
from bursar.report.issued_documents import DocumentView, document_json
from bursar.report.wording import money

TEMPLATE = Path(__file__).with_name("issued.typ")
FILES = ("pdf", "csv", "json", "proof")
NOTHING = "\N{EN DASH}"
_COLUMNS = ("number", "line", "solution", "tower", "cost_pool", "amount", "currency")


def issued_file(view: DocumentView, kind: str) -> bytes:
    """The document as a file. Raises UnknownKind."""
    if kind == "pdf":
        return issued_pdf(view)
    if kind == "csv":
        return _csv(view).encode()
    if kind == "json":
        return json.dumps(document_json(view), indent=1, ensure_ascii=False).encode()
    if kind == "proof":
        return json.dumps(proof_of(view.row), indent=1, ensure_ascii=False).encode()
    raise UnknownKind(f"A document does not come as '{kind}'. Choose {', '.join(FILES)}.")


def _csv(view: DocumentView) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    said = view.row.content
    for line in said["lines"]:
        names = [safe(line[part]) for part in ("solution", "tower", "cost_pool")]
        writer.writerow([said["number"], line["line"], *names, line["amount"], said["currency"]])
    return out.getvalue()


def issued_pdf(
    view: DocumentView,
    *,
    invoice: dict[str, Any] | None = None,
    attached: tuple[str, str] | None = None,
) -> bytes:
    """The document on paper; an invoice adds parties, VAT and totals, `attached` (name, XML)."""
    said, row = view.row.content, view.row
    lines = [
        [
            str(line["line"]),
            line["solution"] or NOTHING,
            line["tower"] or NOTHING,
            line["cost_pool"] or NOTHING,
            money(Decimal(line["amount"]), row.currency),
        ]
        for line in said["lines"]
    ]
    attachment = {"name": attached[0], "xml": attached[1]} if attached else None
    note = "Disputes name the number and the line, until the day above."
    if row.mode == "showback":
        note = "This statement informs; nothing is to be paid. " + note
    data = {
        **{name: said[name] or "" for name in ("number", "period", "issued_on", "answer_by",
                                               "basis", "mode", "reason", "consumer", "currency")},
        "credits": said["credits"] or NOTHING,
        "kind": said["kind"],
        "kind_told": "Credit note" if view.is_credit else "Statement of technology cost",
        "title": f"{said['number']}: {row.consumer}, {row.period}",
        "entity": view.entity_name,
        "amount": money(view.amount, row.currency),
        "sha256": row.sha256,
        "lines": lines,
        "note": note,
        "invoice": invoice,
        "attached": attachment,
    }  # fmt: skip
    made = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=STANDARDS,
        timestamp=row.issued_at.replace(microsecond=0),
    )
    assert isinstance(made, bytes)
    return made
