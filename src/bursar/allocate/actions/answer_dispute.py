"""Adds a message to a dispute, from either side."""

from __future__ import annotations

from django.db import transaction

from bursar.allocate.document_queries import require_standing, require_text, wanted
from bursar.allocate.models import IssuedDocument
from bursar.allocate.numbering import note
from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require


def answer_dispute(*, number: str, text: str, acting_user: User | None) -> IssuedDocument:
    """Says something in the thread. Refuses: `people.not_allowed`, `statement.no_document`,
    `statement.not_to_answer` where nothing is disputed, `statement.text_missing`."""
    require(acting_user, "allocate.answer_statement")
    said = require_text(text, "Write what there is to say.")
    with transaction.atomic():
        document = wanted(number, acting_user, lock=True)
        require_standing(document, "discussed", IssuedDocument.Standing.DISPUTED)
        note(document, acting_user, "said", said)
        record_act(
            act="allocate.answer_dispute", subject=number, actor=acting_user, detail={"text": said}
        )
    return document
