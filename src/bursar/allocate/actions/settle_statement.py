"""Settles a charged statement: it is paid, or booked between the books concerned."""

from __future__ import annotations

from django.db import transaction

from bursar.allocate.document_queries import require_standing, wanted
from bursar.allocate.errors import ShowbackNotSettled
from bursar.allocate.models import IssuedDocument
from bursar.allocate.numbering import note
from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require

Standing = IssuedDocument.Standing


def settle_statement(*, number: str, acting_user: User | None, text: str = "") -> IssuedDocument:
    """Marks what was accepted as paid. Refuses: `people.not_allowed`, `statement.no_document`,
    `statement.showback`, `statement.not_to_answer` where it is not accepted."""
    require(acting_user, "allocate.settle_statement")
    with transaction.atomic():
        document = wanted(number, acting_user, lock=True)
        if document.mode != "chargeback":
            raise ShowbackNotSettled(
                f"{number} is a showback: it informs and charges nothing, so there is nothing to "
                "settle. `mode: chargeback` at the consumer in the cost model changes that."
            )
        require_standing(document, "settled", Standing.ACCEPTED)
        document.standing = Standing.SETTLED
        document.save(update_fields=["standing"])
        note(document, acting_user, "settled", text)
        record_act(act="allocate.settle_statement", subject=number, actor=acting_user, detail={})
    return document
