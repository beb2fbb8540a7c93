"""Gives consumers their statements of a period: numbered documents that never change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from bursar.allocate.document_queries import given_payers, payer_of
from bursar.allocate.errors import AlreadyIssued, NothingToIssue, StatementStale
from bursar.allocate.inputs import frozen_inputs
from bursar.allocate.models import IssuedDocument, Statement
from bursar.allocate.numbering import Draft, put_in_force
from bursar.allocate.queries import stale_periods, statements
from bursar.office.manifest.writing import raise_version
from bursar.office.people.models import User
from bursar.office.people.permissions import require

ANSWER_DAYS = 14
"""How long a consumer has to dispute, unless the issuer says otherwise."""


def issue_statements(
    *,
    period: str,
    acting_user: User | None,
    basis: str = "effective",
    consumers: Sequence[str] | None = None,
    answer_days: int = ANSWER_DAYS,
) -> list[IssuedDocument]:
    """Issues every statement of the period that is not issued yet, or those of these consumers.

    All of them or none. Each states whether it informs or charges, as the model says of its
    consumer, and until when it can be disputed. Refuses: `people.not_allowed`,
    `statement.nothing_to_issue`, `statement.already_issued` (where a named consumer has one in
    force), `statement.stale`.
    """
    require(acting_user, "allocate.issue_statements")
    if period in stale_periods(basis=basis, among=[period]):
        raise StatementStale(
            f"The figures of {period} are older than its data. Run the period, look at its "
            "statements, then issue them. Nothing was issued."
        )
    with transaction.atomic():
        raise_version()
        rows = list(statements(basis=basis, periods=[period], consumers=consumers))
        given = given_payers(period, basis)
        chosen = [row for row in rows if payer_of(row) not in given]
        if consumers is not None and len(chosen) < len(rows):
            held = next(row for row in rows if payer_of(row) in given)
            raise AlreadyIssued(
                f"{held.consumer} was given a statement for {period} already. Credit it first, "
                "then issue again. Nothing was issued."
            )
        if not chosen:
            raise NothingToIssue(
                f"There is no statement of {period} to issue"
                + (": each is issued already." if rows else ". Run the period first.")
            )
        answer_by = timezone.now().date() + timedelta(days=answer_days)
        return [_issued(row, basis, answer_by, acting_user) for row in chosen]


def _issued(row: Statement, basis: str, answer_by: Any, user: User | None) -> IssuedDocument:
    model = frozen_inputs(row.run_period).model
    charged = {m.name for m in model.members if m.layer == "consumer" and m.mode == "chargeback"}
    lines = [
        {
            "line": number,
            "solution": line["solution"],
            "tower": line["tower"],
            "cost_pool": line["cost_pool"],
            "amount": line["document_amount"],
        }
        for number, line in enumerate(row.lines, start=1)
    ]
    draft = Draft(
        kind=IssuedDocument.Kind.STATEMENT,
        mode="chargeback" if row.consumer in charged else "showback",
        statement=row,
        basis=basis,
        lines=lines,
        answer_by=answer_by,
    )
    return put_in_force(draft, user)
