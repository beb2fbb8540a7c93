"""Reading issued documents, and what acts on them require."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from bursar.allocate.errors import NoDocument, NoSuchLine, NotToAnswer, TextMissing
from bursar.allocate.issuing import Payer
from bursar.allocate.models import IssuedDocument, Statement
from bursar.allocate.numbering import content_hash
from bursar.office.calendar.queries import last_day_of
from bursar.office.journal.check import Check
from bursar.office.people.models import User
from bursar.office.people.scope import Scope, scope_of


def documents(scope: Scope) -> QuerySet[IssuedDocument]:
    """Issued documents that the scope may see, newest first."""
    rows = IssuedDocument.objects.select_related("statement", "credits")
    if scope.everything:
        return rows
    seen = Q(pk__in=[])
    for period in IssuedDocument.objects.values_list("period", flat=True).distinct():
        names = scope.consumers(last_day_of(period)) or frozenset()
        seen |= Q(period=period, consumer__in=names)
    return rows.filter(seen)


def given_payers(period: str, basis: str) -> set[Payer]:
    """Who was given a statement of the period that is in force (rule ST3)."""
    rows = IssuedDocument.objects.filter(
        period=period, basis=basis, kind=IssuedDocument.Kind.STATEMENT
    ).exclude(standing=IssuedDocument.Standing.CREDITED)
    return {payer_of(row) for row in rows}


def payer_of(row: IssuedDocument | Statement) -> Payer:
    """Whom a statement is for, issued or not."""
    return Payer(row.consumer, row.legal_entity, row.currency)


def wanted(number: str, user: User | None, *, lock: bool = False) -> IssuedDocument:
    """The document; refuses `statement.no_document`, also where the user may not see it."""
    return document_in(scope_of(user), number, lock=lock)


def document_in(scope: Scope, number: str, *, lock: bool = False) -> IssuedDocument:
    """The document of that number within the scope."""
    rows = IssuedDocument.objects.filter(number=number)
    found = (rows.select_for_update() if lock else rows).first()
    if found is None or not scope.holds(found.consumer, last_day_of(found.period)):
        raise NoDocument(
            f"There is no document '{number}', or none that you may see. The list of issued "
            "documents has every number."
        )
    return found


def require_standing(document: IssuedDocument, wish: str, *allowed: str) -> None:
    """Refuses `statement.not_to_answer` unless the document stands as it must."""
    if document.kind == IssuedDocument.Kind.CREDIT_NOTE:
        raise NotToAnswer(
            f"{document.number} is a credit note and cannot be {wish}. Answer the statement that "
            f"it credits, {document.content['credits']}."
        )
    if document.standing not in allowed:
        now = IssuedDocument.Standing(document.standing).label.lower()
        ways = " or ".join(IssuedDocument.Standing(each).label.lower() for each in allowed)
        raise NotToAnswer(
            f"{document.number} is {now}, and only what is {ways} can be {wish}. Nothing was done."
        )


def require_text(text: str, what: str) -> str:
    """The text without blanks around it; refuses `statement.text_missing` where it is empty."""
    if not text.strip():
        raise TextMissing(what)
    return text.strip()


def require_lines(document: IssuedDocument, lines: Sequence[int]) -> None:
    """Refuses `statement.no_such_line` for a number that no line has."""
    there = len(document.content["lines"])
    for line in lines:
        if not 1 <= line <= there:
            raise NoSuchLine(f"{document.number} has the lines 1 to {there}, and no line {line}.")


def check_documents() -> Check:
    """Whether every issued document says what it said, and numbers have no gap."""
    rows = list(IssuedDocument.objects.order_by("legal_entity", "fiscal_year", "sequence"))
    wrong = [
        f"Document {row.number} was altered after it was issued."
        for row in rows
        if content_hash(row.content) != row.sha256
        or (row.number, row.amount) != (row.content["number"], row.content["amount"])
    ]
    expected: dict[tuple[str, int], int] = {}
    for row in rows:
        book = row.legal_entity, row.fiscal_year
        expected[book] = expected.get(book, 0) + 1
        if row.sequence != expected[book]:
            wrong.append(f"Before document {row.number} a number is missing.")
            expected[book] = row.sequence
    said = " ".join(wrong) if wrong else f"{len(rows)} documents match their hash; no number lacks."
    return Check("issued documents", not wrong, said)
