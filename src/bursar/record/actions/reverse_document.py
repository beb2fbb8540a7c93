"""Act: take a document back by one that negates it; nothing that was entered is ever edited."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from bursar.office.calendar.periods import fiscal_calendar
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.manifest.writing import raise_live
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.reference.entities import ensure_entity
from bursar.record.documents.checking import open_period
from bursar.record.documents.entering import Entry, journal_detail, reversal_of, write_document
from bursar.record.documents.queries import document_row
from bursar.record.errors import BadDocument, DocumentReversed
from bursar.record.models import Document, DocumentState

ACT = "record.reverse_document"


def reverse_document(
    *, acting_user: User | None, number: str, reason: str, day: date | None = None
) -> Document:
    """Enter the reversal of a document, in its own period or on `day`; returns the reversal.

    An accrual is taken back together with the document that takes it back. Refusals:
    people.not_allowed, record.unknown_document, record.document_reversed,
    record.document_period_closed, record.bad_document.
    """
    require(acting_user, ACT)
    if not 0 < len(reason.strip()) <= 200:
        raise BadDocument("Say in 1 to 200 signs why the document is reversed.")
    with transaction.atomic():
        raise_live()
        document = document_row(number)
        _require_standing(document)
        made = _reversed(document, acting_user, reason.strip(), day)
        for back in document.reversals.filter(automatic=True):
            _reversed(back, acting_user, reason.strip(), None)
    return made


def _require_standing(document: Document) -> None:
    if document.reverses is not None:
        raise DocumentReversed(
            f"{document.number} takes back {document.reverses.number}. "
            + (
                f"Reverse {document.reverses.number}, and this one goes with it."
                if document.automatic
                else "A reversal stands; enter the cost anew."
            )
        )
    if document.state == DocumentState.REVERSED:
        by = document.reversals.filter(automatic=False).get()
        raise DocumentReversed(f"{document.number} was reversed by {by.number} already.")


def _reversed(
    document: Document, acting_user: User | None, reason: str, day: date | None
) -> Document:
    owner = ensure_entity(document.legal_entity)
    calendar = fiscal_calendar(owner)
    period = calendar.period_of(day) if day else calendar.period(document.posting_period)
    open_period(owner, period)
    draft = reversal_of(document, day or document.date, period.code)
    entry = Entry(owner, period, actor_name(acting_user), reverses=document, reason=reason)
    made = write_document(draft, entry)
    document.state = DocumentState.REVERSED
    document.save(update_fields=["state"])
    record_act(act=ACT, subject=document.number, actor=acting_user, detail=journal_detail(made))
    return made
