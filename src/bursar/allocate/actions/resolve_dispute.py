"""Decides a dispute: the statement stands, or some of it is credited, or all of it."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from bursar.allocate.actions.credit_statement import credited
from bursar.allocate.document_queries import require_standing, require_text, wanted
from bursar.allocate.errors import SecondPersonNeeded
from bursar.allocate.models import IssuedDocument
from bursar.allocate.numbering import note
from bursar.core.money.amount import exact_text
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.manifest.writing import raise_version
from bursar.office.people.models import User
from bursar.office.people.permissions import require

Standing = IssuedDocument.Standing


def resolve_dispute(
    *,
    number: str,
    text: str,
    acting_user: User | None,
    amount: Decimal | None = None,
    line: int | None = None,
) -> IssuedDocument:
    """Ends a dispute with a reason. Without an amount the statement stands as it is; with one, a
    credit note of that amount is issued, on one line or over all. Somebody else than who disputed
    it decides. Refuses: `people.not_allowed`, `statement.no_document`, `statement.not_to_answer`,
    `statement.text_missing`, `statement.second_person`, and what `credit_statement` refuses.
    """
    require(acting_user, "allocate.resolve_dispute")
    said = require_text(text, "A decision needs its reason.")
    with transaction.atomic():
        raise_version()
        document = wanted(number, acting_user, lock=True)
        require_standing(document, "decided", Standing.DISPUTED)
        last = document.events.filter(act="disputed").last()
        if acting_user is not None and last is not None and last.by == actor_name(acting_user):
            raise SecondPersonNeeded(
                f"{last.by} disputed {number}, so somebody else has to decide it."
            )
        document.standing = Standing.ACCEPTED
        document.save(update_fields=["standing"])
        detail = {"outcome": "stands", "amount": "0"}
        if amount is not None:
            made = credited(document, said, acting_user, amount=amount, line=line)
            detail = {"outcome": "credited", "amount": exact_text(amount)}
            detail["credit_note"] = made.number
        note(document, acting_user, "resolved", said, **detail)
        record_act(
            act="allocate.resolve_dispute",
            subject=number,
            actor=acting_user,
            detail={"text": said, **detail},
        )
    return document
