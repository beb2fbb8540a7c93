"""Invoices for tests: two companies, and a document of some lines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bursar.core.einvoice.invoice import Invoice, Kind, Line, Party, Preceding
from bursar.core.einvoice.vat import Vat, agreed_vat

SELLER = Party(
    "nl01", "Holding B.V.", "Keizersgracht 1", "Amsterdam", "1015 CJ", "NL", "NL123456789B01",
    "12345678",
)  # fmt: skip
BUYER = Party("de01", "Laden GmbH", "Domplatz 4", "Köln", "50667", "DE", "DE123456789", "HRB 4711")

STANDARD = agreed_vat("S", Decimal(21))
EVERY_VAT = {
    "S": STANDARD,
    "Z": agreed_vat("Z", Decimal(0)),
    "E": agreed_vat("E", Decimal(0), "Article 132 of Directive 2006/112/EC"),
    "AE": agreed_vat("AE", Decimal(0)),
    "O": agreed_vat("O", Decimal(0)),
    "K": agreed_vat("K", Decimal(0)),
    "G": agreed_vat("G", Decimal(0)),
}


def lines_of(*amounts: str, vat: Vat = STANDARD) -> tuple[Line, ...]:
    return tuple(
        Line(str(number), f"Service {number}", Decimal(amount), vat)
        for number, amount in enumerate(amounts, start=1)
    )


def an_invoice(
    lines: tuple[Line, ...],
    *,
    kind: Kind = Kind.INVOICE,
    currency: str = "EUR",
    seller: Party = SELLER,
    buyer: Party = BUYER,
) -> Invoice:
    credit = kind is Kind.CREDIT_NOTE
    return Invoice(
        number="CN-nl01-2026-00002" if credit else "ST-nl01-2026-00001",
        kind=kind,
        issued_on=date(2026, 11, 5),
        due_on=date(2026, 12, 5),
        currency=currency,
        seller=seller,
        buyer=buyer,
        lines=lines,
        first_day=date(2026, 10, 1),
        last_day=date(2026, 10, 31),
        terms="Within 30 days, until 2026-12-05.",
        preceding=Preceding("ST-nl01-2026-00001", date(2026, 11, 5)) if credit else None,
    )
