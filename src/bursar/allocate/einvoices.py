"""What the e-invoice of an issued document says (rules EI1-EI8 of docs/spec/einvoice.md)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bursar.allocate.errors import (
    BuyerUnknown,
    InformsOnly,
    InvoiceFirst,
    InvoiceNotMade,
    NoAgreement,
    OneCompany,
)
from bursar.allocate.models import EInvoice, IssuedDocument
from bursar.allocate.numbering import content_hash
from bursar.core.einvoice.frozen import invoice_json, invoice_of
from bursar.core.einvoice.invoice import Invoice, Kind, Line, Party, Preceding, checked
from bursar.core.einvoice.vat import Vat
from bursar.core.money.amount import EXACT
from bursar.office.calendar.periods import calendar_of
from bursar.office.journal.check import Check
from bursar.office.reference.parties import agreement_on, entity_of_consumer, party_of, vat_of

PARTS = ("solution", "tower", "cost_pool")


def invoice_for(document: IssuedDocument) -> Invoice:
    """The document's e-invoice, worked out from what is agreed now; nothing is written.

    Refuses: `einvoice.informs_only`, `einvoice.buyer_unknown`, `einvoice.one_company`,
    `einvoice.no_agreement`, `einvoice.invoice_first`, and what `checked` refuses.
    """
    if document.mode != "chargeback":
        raise InformsOnly(
            f"{document.number} is a showback: it informs {document.consumer} and charges nothing, "
            "so it has no invoice. In the cost model, 'mode: chargeback' charges a consumer."
        )
    if document.credits is not None:
        return checked(_credit_note(document, document.credits))
    return checked(_invoice(document))


def kept_invoice(document: IssuedDocument) -> Invoice:
    """The e-invoice as it was made; refuses `einvoice.not_made`."""
    row = EInvoice.objects.filter(document=document).first()
    if row is None:
        raise InvoiceNotMade(
            f"{document.number} has no e-invoice yet. Whoever issues statements makes it: "
            f"bursar issued einvoice {document.number}, or its button on the document's page."
        )
    return invoice_of(row.content)


def may_be_invoiced(document: IssuedDocument) -> bool:
    """Whether the document goes from one legal entity to another and charges it."""
    if document.mode != "chargeback":
        return False
    if document.credits is not None:
        return EInvoice.objects.filter(document=document.credits).exists()
    buyer = entity_of_consumer(document.consumer, _span(document)[1])
    return buyer is not None and buyer != document.legal_entity


def check_einvoices() -> Check:
    """Whether every e-invoice says what it said, and adds up to its document."""
    rows = list(EInvoice.objects.select_related("document").order_by("document__number"))
    wrong = []
    for row in rows:
        if content_hash(row.content) != row.sha256:
            wrong.append(f"The e-invoice of {row.document.number} was altered after it was made.")
        elif not _agrees(row):
            wrong.append(f"The e-invoice of {row.document.number} does not add up to it.")
    said = " ".join(wrong) if wrong else f"{len(rows)} e-invoices match their hash and document."
    return Check("e-invoices", not wrong, said)


def _agrees(row: EInvoice) -> bool:
    invoice = invoice_of(row.content)
    amount = Decimal(row.document.amount)
    net = amount if invoice.kind is Kind.INVOICE else EXACT.minus(amount)
    return invoice.net == net and invoice_json(invoice) == row.content


def _span(document: IssuedDocument) -> tuple[date, date]:
    """First and last day of the document's period."""
    period = calendar_of(document.legal_entity).period(document.period)
    return period.start, period.end - timedelta(days=1)


def _invoice(document: IssuedDocument) -> Invoice:
    day = _span(document)[1]
    seller, buyer = document.legal_entity, entity_of_consumer(document.consumer, day)
    if buyer is None:
        raise BuyerUnknown(
            f"Nobody said which legal entity {document.consumer} belongs to on {day}. Say it: "
            f'bursar entity consumer CODE "{document.consumer}" --from {day.replace(day=1)}'
        )
    if buyer == seller:
        raise OneCompany(
            f"{document.consumer} belongs to {seller}, which issued {document.number}: there is no "
            "invoice inside one company. The statement itself is the document."
        )
    agreed = agreement_on(seller, buyer, day)
    if agreed is None:
        raise NoAgreement(
            f"{seller} and {buyer} have no VAT and payment terms on {day}. Set them: bursar entity "
            f"agree {seller} {buyer} --category S --rate 21 --days 30 --from {day.replace(day=1)}"
        )
    return _document(document, (party_of(seller), party_of(buyer)), vat_of(agreed),
                     days=agreed.payment_days)  # fmt: skip


def _credit_note(document: IssuedDocument, statement: IssuedDocument) -> Invoice:
    """Parties and terms are those of the invoice that it takes back (rule EI7)."""
    row = EInvoice.objects.filter(document=statement).first()
    if row is None:
        raise InvoiceFirst(
            f"{document.number} takes back {statement.number}, which has no e-invoice. Make that "
            f"one first: bursar issued einvoice {statement.number}"
        )
    before = invoice_of(row.content)
    return _document(
        document,
        (before.seller, before.buyer),
        before.lines[0].vat,
        days=(before.due_on - before.issued_on).days,
        preceding=Preceding(before.number, before.issued_on),
    )


def _document(
    document: IssuedDocument,
    parties: tuple[Party, Party],
    vat: Vat,
    *,
    days: int,
    preceding: Preceding | None = None,
) -> Invoice:
    said = document.content
    issued_on = date.fromisoformat(said["issued_on"])
    due_on = issued_on + timedelta(days=days)
    first_day, last_day = _span(document)
    return Invoice(
        number=document.number,
        kind=Kind.INVOICE if preceding is None else Kind.CREDIT_NOTE,
        issued_on=issued_on,
        due_on=due_on,
        currency=document.currency,
        seller=parties[0],
        buyer=parties[1],
        lines=tuple(_line(line, vat, credit=preceding is not None) for line in said["lines"]),
        first_day=first_day,
        last_day=last_day,
        terms=f"Within {days} days, until {due_on}." if days else f"At once, on {due_on}.",
        preceding=preceding,
        note=" ".join(filter(None, (f"For {document.consumer}.", said["reason"]))),
    )


def _line(line: dict[str, Any], vat: Vat, *, credit: bool) -> Line:
    amount = Decimal(line["amount"])
    told = " · ".join(line[part] for part in PARTS if line[part])
    return Line(
        number=str(line["line"]),
        name=told or "Technology cost",
        amount=EXACT.minus(amount) if credit else amount,
        vat=vat,
    )
