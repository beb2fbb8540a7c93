"""Accepts an issued statement."""

from __future__ import annotations

from django.db import transaction

from bursar.allocate.document_queries import require_standing, wanted
from bursar.allocate.models import IssuedDocument
from bursar.allocate.numbering import note
from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require

Standing = IssuedDocument.Standing


def accept_statement(*, number: str, acting_user: User | None, text: str = "") -> IssuedDocument:
    """The consumer agrees. Refuses: `people.not_allowed`, `statement.no_document`,
    `statement.not_to_answer` where it is not waiting for an answer."""
    require(acting_user, "allocate.answer_statement")
    with transaction.atomic():
        document = wanted(number, acting_user, lock=True)
        require_standing(document, "accepted", Standing.ISSUED)
        document.standing = Standing.ACCEPTED
        document.save(update_fields=["standing"])
        note(document, acting_user, "accepted", text)
        record_act(act="allocate.accept_statement", subject=number, actor=acting_user, detail={})
    return document
