"""Takes back an issued statement, or part of it, by a credit note; the statement itself stands."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from bursar.allocate.document_queries import require_lines, require_standing, require_text, wanted
from bursar.allocate.errors import CreditTooLarge
from bursar.allocate.models import IssuedDocument
from bursar.allocate.numbering import Draft, lines_left, note, put_in_force, still_charged
from bursar.core.money.amount import EXACT, exact_text
from bursar.core.money.currency import minor_digits
from bursar.core.money.rounding import largest_remainder, round_half_up
from bursar.office.manifest.writing import raise_version
from bursar.office.people.models import User
from bursar.office.people.permissions import require

Standing = IssuedDocument.Standing
_PARTS = ("solution", "tower", "cost_pool")


def credit_statement(
    *,
    number: str,
    text: str,
    acting_user: User | None,
    amount: Decimal | None = None,
    line: int | None = None,
) -> IssuedDocument:
    """Issues a credit note: over all that is still charged, or over an amount, on a line or all.

    A statement that is credited in full can be issued again. Refuses: `people.not_allowed`,
    `statement.no_document`, `statement.not_to_answer` (a credit note, or all credited before),
    `statement.text_missing`, `statement.no_such_line`, `statement.credit_too_large`.
    """
    require(acting_user, "allocate.issue_statements")
    said = require_text(text, "A credit note needs its reason.")
    with transaction.atomic():
        raise_version()
        document = wanted(number, acting_user, lock=True)
        open_ones = (Standing.ISSUED, Standing.ACCEPTED, Standing.DISPUTED, Standing.SETTLED)
        require_standing(document, "credited", *open_ones)
        return credited(document, said, acting_user, amount=amount, line=line)


def credited(
    document: IssuedDocument,
    reason: str,
    user: User | None,
    *,
    amount: Decimal | None,
    line: int | None,
) -> IssuedDocument:
    """The credit note, within the caller's transaction; credited in full, the statement is over."""
    lines = _lines(document, amount, line)
    draft = Draft(
        kind=IssuedDocument.Kind.CREDIT_NOTE,
        mode=document.mode,
        statement=document.statement,
        basis=document.basis,
        lines=lines,
        answer_by=document.answer_by,
        credits=document,
        reason=reason,
    )
    made = put_in_force(draft, user)
    everything = amount is None and line is None
    if everything or not any(lines_left(document)):
        document.standing = Standing.CREDITED
        document.save(update_fields=["standing"])
    note(document, user, "credited", reason, credit_note=made.number, amount=made.amount)
    return made


def _lines(
    document: IssuedDocument, amount: Decimal | None, line: int | None
) -> list[dict[str, Any]]:
    """The credit note's lines, each with the number of the line that it takes back."""
    if line is not None:
        require_lines(document, [line])
    left = lines_left(document)
    if amount is None and line is None:
        parts = dict(enumerate(left, start=1))
    else:
        there = left[line - 1] if line is not None else still_charged(document)
        taken = there if amount is None else amount
        _require_within(document, taken, there, line)
        parts = {line: taken} if line is not None else _over_all(document, left, taken)
    return [
        {
            "line": number,
            **{k: document.content["lines"][number - 1][k] for k in _PARTS},
            "amount": exact_text(EXACT.minus(part)),
        }
        for number, part in parts.items()
        if part
    ]


def _require_within(
    document: IssuedDocument, taken: Decimal, there: Decimal, line: int | None
) -> None:
    same_side = (taken > 0) == (there > 0) and taken != 0
    digits = minor_digits(document.currency)
    if same_side and abs(taken) <= abs(there) and round_half_up(taken, digits) == taken:
        return
    where = f" on line {line}" if line is not None else ""
    raise CreditTooLarge(
        f"{document.number} still charges {exact_text(there)} {document.currency}{where}. Credit "
        f"an amount up to that, in its smallest unit; {exact_text(taken)} is not. Nothing was "
        "issued."
    )


def _over_all(document: IssuedDocument, left: list[Decimal], taken: Decimal) -> dict[int, Decimal]:
    """In proportion to what the lines still charge, largest remainder."""
    whole = sum(map(Fraction, left))
    exact = [Fraction(part) * Fraction(taken) / whole for part in left]
    digits = minor_digits(document.currency)
    rounded = largest_remainder(exact, keys=range(len(left)), digits=digits, total=taken)
    return dict(enumerate(rounded, start=1))
