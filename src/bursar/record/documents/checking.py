"""What a document must fulfil before it is entered (rules D1-D9 of docs/spec/documents.md)."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from bursar.core.calc.fiscal import FiscalPeriod, UnknownPeriod
from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.core.money.currency import is_currency
from bursar.office.calendar.models import PeriodState
from bursar.office.calendar.periods import fiscal_calendar
from bursar.office.calendar.queries import state_of
from bursar.office.reference.entities import default_entity, entity
from bursar.office.reference.models import LegalEntity
from bursar.record.documents.draft import BASES, TEXTS, Draft, DraftLine
from bursar.record.errors import (
    BadDocument,
    DocumentPeriodClosed,
    DocumentUnbalanced,
    UnknownBatch,
    UnknownLine,
)
from bursar.record.models import Document, DocumentKind, LineBasis

MOST_LINES = 50_000
_LARGEST = Decimal(10) ** 14
_MOST_SIGNS = {"description": 500}
_CHOSEN = {"treatment": ("capex", "opex"), "intent": ("run", "grow", "transform")}


def require_sound(draft: Draft) -> tuple[LegalEntity, FiscalPeriod]:
    """Whose document it is and the open period that it is posted to.

    Refusals: record.bad_document, record.document_unbalanced, record.document_period_closed.
    """
    if draft.kind not in DocumentKind.values:
        raise BadDocument(
            f"'{draft.kind}' is no kind of document. Choose {', '.join(DocumentKind.values)}."
        )
    if not is_currency(draft.currency):
        raise BadDocument(f"'{draft.currency}' is no currency of ISO 4217; write one such as EUR.")
    if not draft.description.strip():
        raise BadDocument("The document needs a description: say what the cost is for.")
    _fitting("The document", draft, ("description", "vendor", "document_ref", "corrects"))
    if not 0 < len(draft.lines) <= MOST_LINES:
        raise BadDocument(f"A document has 1 to {MOST_LINES:,} lines, not {len(draft.lines):,}.")
    for number, line in enumerate(draft.lines, start=1):
        _sound_line(line, number, draft)
    _within_ledger(draft)
    _of_its_kind(draft)
    owner = _owner(draft.legal_entity)
    return owner, open_period(owner, _period(draft, owner))


def basis_of(line: DraftLine, kind: str) -> str:
    """The line's basis; an accrual fills effective cost only (rule D4)."""
    if kind == DocumentKind.ACCRUAL:
        return LineBasis.EFFECTIVE
    return line.basis or LineBasis.BILLED


def open_period(owner: LegalEntity, period: FiscalPeriod) -> FiscalPeriod:
    """The period itself, unless the entity closed it (rule D8)."""
    if state_of(period.code, owner.code) == PeriodState.CLOSED:
        raise DocumentPeriodClosed(
            f"Period {period.code} of {owner.code} is closed, so nothing was entered. Choose a "
            "date in an open period, or have the period reopened with a reason."
        )
    return period


def period_after(owner: LegalEntity, code: str) -> FiscalPeriod:
    calendar = fiscal_calendar(owner)
    return calendar.period_of(calendar.period(code).end)


def _owner(code: str) -> LegalEntity:
    if not code:
        return default_entity()
    found = entity(code)
    if found is None:
        raise BadDocument(
            f"There is no legal entity '{code}'. `bursar entity list` names those there are."
        )
    return found


def _period(draft: Draft, owner: LegalEntity) -> FiscalPeriod:
    calendar = fiscal_calendar(owner)
    if not 1990 <= draft.date.year <= 2200:
        raise BadDocument(f"The document's date is {draft.date}; check the year.")
    if not draft.period:
        return calendar.period_of(draft.date)
    try:
        return calendar.period(draft.period)
    except UnknownPeriod as refusal:
        raise BadDocument(f"The document's period: {refusal.message}.") from refusal


def _sound_line(line: DraftLine, number: int, draft: Draft) -> None:
    place = f"Line {number}"
    if not line.amount:
        raise BadDocument(f"{place} has the amount 0. Leave it out or write its amount.")
    if line.basis and line.basis not in BASES:
        raise BadDocument(f"{place}: '{line.basis}' is no basis. Choose {', '.join(BASES)}.")
    if draft.kind == DocumentKind.ACCRUAL and line.basis not in ("", LineBasis.EFFECTIVE):
        raise BadDocument(
            f"{place}: an accrual fills effective cost only, not '{line.basis}'. Leave the "
            "basis out, or enter a cost."
        )
    for name, members in _CHOSEN.items():
        if (value := getattr(line, name)) and value not in members:
            raise BadDocument(f"{place}: '{value}' is no {name}. Choose {', '.join(members)}.")
    _fitting(place, line, TEXTS)
    start = line.service_start or line.service_end or draft.date
    if line.service_end is not None and line.service_end < start:
        raise BadDocument(
            f"{place}: the service ends on {line.service_end}, before it starts on {start}."
        )
    if max(line.service_end or start, start) > start + timedelta(days=36_525):
        raise BadDocument(f"{place}: the service lasts more than a hundred years; check its end.")


def _fitting(place: str, held: Draft | DraftLine, names: tuple[str, ...]) -> None:
    for name in names:
        text, most = getattr(held, name), _MOST_SIGNS.get(name, 200)
        if len(text) > most:
            raise BadDocument(f"{place}: {name} has {len(text)} signs, {most} at most.")
        if "\0" in text:
            raise BadDocument(f"{place}: {name} holds the sign NUL. Take it out.")


def _within_ledger(draft: Draft) -> None:
    if exact_sum(abs(line.amount) for line in draft.lines) >= _LARGEST:
        raise BadDocument(
            "The document's amounts add up to more than 14 digits before the point, which is more "
            "than the ledger holds."
        )


def _of_its_kind(draft: Draft) -> None:
    if draft.kind == DocumentKind.RECLASSIFICATION:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for line in draft.lines:
            basis = basis_of(line, draft.kind)
            sums[basis] = EXACT.add(sums[basis], line.amount)
        for basis, amount in sums.items():
            if amount:
                raise DocumentUnbalanced(
                    f"The lines of a reclassification add up to 0, but these {basis} lines to "
                    f"{exact_text(amount)} {draft.currency}. It moves cost and makes none: take "
                    "from one place what another one gets."
                )
    if draft.kind == DocumentKind.CORRECTION:
        if not draft.corrects:
            raise BadDocument(
                "A correction names in `corrects` the line or the batch that it mends, such as "
                "b1a2b3c4d5e6-17 or b1a2b3c4d5e6."
            )
        _require_known(draft.corrects)
    elif draft.corrects:
        raise BadDocument("Only a correction names what it `corrects`. Choose the kind correction.")


def _require_known(named: str) -> None:
    """A line, a batch or another document that exists."""
    from bursar.record import queries  # noqa: PLC0415 - queries read documents

    if Document.objects.filter(number=named).exists():
        return
    try:
        queries.line(named) if "-" in named else queries.batch(named)
    except (UnknownLine, UnknownBatch) as refusal:
        raise BadDocument(
            f"The correction is about '{named}', but there is no such line, batch or document."
        ) from refusal
