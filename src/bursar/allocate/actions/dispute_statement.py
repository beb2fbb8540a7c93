"""Disputes an issued statement, or lines of it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from bursar.allocate.document_queries import require_lines, require_standing, require_text, wanted
from bursar.allocate.errors import DeadlinePassed, StatementSettled
from bursar.allocate.models import IssuedDocument
from bursar.allocate.numbering import note
from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require

Standing = IssuedDocument.Standing


def dispute_statement(
    *, number: str, text: str, acting_user: User | None, lines: Sequence[int] = ()
) -> IssuedDocument:
    """The consumer disagrees, with a reason, about the whole or about these lines (from 1).

    Possible until the day that the document names, also after it was accepted. Refuses:
    `people.not_allowed`, `statement.no_document`, `statement.settled`,
    `statement.not_to_answer`, `statement.deadline_passed`, `statement.text_missing`,
    `statement.no_such_line`.
    """
    require(acting_user, "allocate.answer_statement")
    said = require_text(text, "A dispute needs its reason: what is wrong, and since when?")
    with transaction.atomic():
        document = wanted(number, acting_user, lock=True)
        if document.standing == Standing.SETTLED:
            raise StatementSettled(
                f"{number} is settled and cannot be disputed any more. Ask IT finance for a "
                "credit note; its history shows who settled it."
            )
        require_standing(document, "disputed", Standing.ISSUED, Standing.ACCEPTED)
        if timezone.now().date() > document.answer_by:
            raise DeadlinePassed(
                f"{number} could be disputed until {document.answer_by}. Ask IT finance for a "
                "credit note instead."
            )
        require_lines(document, lines)
        document.standing = Standing.DISPUTED
        document.save(update_fields=["standing"])
        note(document, acting_user, "disputed", said, lines=sorted(set(lines)))
        record_act(
            act="allocate.dispute_statement",
            subject=number,
            actor=acting_user,
            detail={"text": said, "lines": sorted(set(lines))},
        )
    return document
