"""The proof file of an issued document: all that its figures follow from, and nobody else's."""

from __future__ import annotations

from typing import Any

from bursar.allocate.models import IssuedDocument
from bursar.allocate.proof_check import FORMAT
from bursar.allocate.verification import statement_content
from bursar.office.journal.models import Entry


def proof_of(document: IssuedDocument) -> dict[str, Any]:
    """What `check_proof` takes: the document, the statement behind it with what was charged
    before in the fiscal year, and the journal's entry of the issue."""
    entry = Entry.objects.get(act="allocate.issue_document", subject=document.number)
    source = document.statement
    payer = [source.consumer, source.legal_entity, source.currency]
    before = next(
        (row for row in source.run_period.inputs["issued_before"] if row[:3] == payer),
        [*payer, "0", "0"],
    )
    is_statement = document.kind == IssuedDocument.Kind.STATEMENT
    return {
        "format": FORMAT,
        "document": document.content,
        "sha256": document.sha256,
        "statement": statement_content(source, source.run_period) if is_statement else None,
        "issued_before": {"exact": before[3], "printed": before[4]},
        "journal": {
            "seq": entry.seq,
            "at": entry.at.isoformat(timespec="microseconds"),
            "actor": entry.actor,
            "act": entry.act,
            "subject": entry.subject,
            "detail": entry.detail,
            "previous_hash": entry.previous_hash,
            "hash": entry.hash,
        },
    }
