"""Act: enter cost by hand; it counts in every figure from the next request on."""

from __future__ import annotations

from django.db import transaction

from bursar.core.money.amount import exact_text
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.manifest.writing import raise_live
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.documents.checking import open_period, period_after, require_sound
from bursar.record.documents.draft import Draft
from bursar.record.documents.entering import (
    Entry,
    journal_detail,
    moved,
    reversal_of,
    write_document,
)
from bursar.record.errors import BadDocument, DocumentKeyReused
from bursar.record.models import Document, DocumentKind

ACT = "record.enter_document"
_LONGEST_KEY = 200


def enter_document(
    *, acting_user: User | None, draft: Draft, request_key: str | None = None
) -> Document:
    """Enter a document; an accrual brings the document that takes it back in the next period.

    The same key again with the same content gives the document it made. Refusals:
    people.not_allowed, record.bad_document, record.document_unbalanced,
    record.document_period_closed, record.document_key_reused.
    """
    require(acting_user, ACT)
    if request_key is not None and not 0 < len(request_key) <= _LONGEST_KEY:
        raise BadDocument(f"The key of a request has 1 to {_LONGEST_KEY} signs.")
    with transaction.atomic():
        raise_live()
        if earlier := _made_before(request_key, draft):
            return earlier
        owner, period = require_sound(draft)
        entry = Entry(owner, period, actor_name(acting_user), request_key)
        document = write_document(draft, entry)
        _journal(document, acting_user)
        if document.kind == DocumentKind.ACCRUAL:
            after = open_period(owner, period_after(owner, period.code))
            back = moved(reversal_of(document, after.start, after.code), after.start)
            reason = "An accrual is taken back on the first day of the next period."
            entry = Entry(owner, after, "system", reverses=document, automatic=True, reason=reason)
            _journal(write_document(back, entry), acting_user)
    return document


def _journal(document: Document, acting_user: User | None) -> None:
    record_act(act=ACT, subject=document.number, actor=acting_user, detail=journal_detail(document))


def _made_before(request_key: str | None, draft: Draft) -> Document | None:
    """The document of the same request; the lock is held, so nobody is making it now."""
    if request_key is None:
        return None
    found = Document.objects.filter(request_key=request_key).first()
    if found is not None and found.content_sha256 != draft.digest():
        told = ", ".join(exact_text(line.amount) for line in draft.lines[:3])
        raise DocumentKeyReused(
            f"The key '{request_key}' already entered document {found.number} with another "
            f"content; this one ({told}) was not entered. Give each document a key of its own."
        )
    return found
