"""An invoice or a credit note as EN 16931 understands it (rules EI1-EI8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from bursar.core.einvoice.vat import BadExemption, Category, Vat, VatSum, vat_sums
from bursar.core.money.amount import EXACT, exact_sum, exact_text, places_of
from bursar.core.money.currency import minor_digits
from bursar.core.refusal import Refused

MOST_DIGITS = 2
"""Digits after the point that an amount of the standard has at most."""


class TooFine(Refused):
    """An amount has more digits after the point than the standard can carry."""

    code = "einvoice.too_fine"


class PartyIncomplete(Refused):
    """A party lacks what the standard asks of it; the text names every field."""

    code = "einvoice.party_incomplete"


class SameParty(Refused):
    """Seller and buyer are the same, so there is nothing to invoice."""

    code = "einvoice.same_party"


class Kind(StrEnum):
    """Which way the money goes; the values are the codes of UNTDID 1001."""

    INVOICE = "380"
    CREDIT_NOTE = "381"


@dataclass(frozen=True)
class Party:
    """A company that sells or buys. `code` is what Bursar calls it and never leaves."""

    code: str
    legal_name: str = ""
    street: str = ""
    city: str = ""
    postal_code: str = ""
    country: str = ""
    """Two capital letters of ISO 3166-1."""
    vat_id: str = ""
    """With the prefix of its country."""
    registration_id: str = ""
    """The number under which the company is registered, where it has no VAT number."""


@dataclass(frozen=True)
class Line:
    """What is supplied. Its amount is without VAT, in main units; below zero it takes back."""

    number: str
    name: str
    amount: Decimal
    vat: Vat

    @property
    def quantity(self) -> int:
        """One, or minus one: a price is never below zero (rule EI6)."""
        return -1 if self.amount < 0 else 1

    @property
    def price(self) -> Decimal:
        return abs(self.amount)


@dataclass(frozen=True)
class Preceding:
    """The invoice that a credit note takes back, or part of it."""

    number: str
    issued_on: date


@dataclass(frozen=True)
class Invoice:
    """The whole document. A credit note's amounts stand above zero where they give back."""

    number: str
    kind: Kind
    issued_on: date
    due_on: date
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    first_day: date
    last_day: date
    terms: str
    """When it is to be paid, in words."""
    preceding: Preceding | None = None
    note: str = ""

    @property
    def digits(self) -> int:
        """Digits after the point of each amount."""
        return minor_digits(self.currency)

    @property
    def vat_sums(self) -> tuple[VatSum, ...]:
        return vat_sums(((line.vat, line.amount) for line in self.lines), self.digits)

    @property
    def net(self) -> Decimal:
        """All lines together, without VAT."""
        return exact_sum(line.amount for line in self.lines)

    @property
    def tax(self) -> Decimal:
        return exact_sum(each.tax for each in self.vat_sums)

    @property
    def gross(self) -> Decimal:
        """With VAT; nothing is paid before, so it is what is due."""
        return EXACT.add(self.net, self.tax)


def checked(invoice: Invoice) -> Invoice:
    """The same invoice, if the standard can carry it.

    Refuses: einvoice.same_party, einvoice.party_incomplete, einvoice.too_fine,
    einvoice.bad_exemption.
    """
    if invoice.seller.code == invoice.buyer.code:
        raise SameParty(
            f"{invoice.number} would be an invoice of {invoice.seller.code} to itself. An invoice "
            "needs two companies."
        )
    categories = {line.vat.category for line in invoice.lines}
    if Category.OUTSIDE in categories and len(categories) > 1:
        raise BadExemption(
            f"{invoice.number} mixes lines outside the scope of VAT with others; the standard has "
            "them on invoices of their own."
        )
    lacking = missing_fields(invoice)
    if lacking:
        raise PartyIncomplete(
            f"{invoice.number} cannot be an invoice yet. Missing: "
            + "; ".join(f"{field} of {code}" for code, field in lacking)
            + ". Set each of them with: bursar entity party CODE."
        )
    digits = min(invoice.digits, MOST_DIGITS)
    for line in invoice.lines:
        if places_of(line.amount) > digits:
            raise TooFine(
                f"Line {line.number} of {invoice.number} is {exact_text(line.amount)} "
                f"{invoice.currency}; an electronic invoice carries {digits} digits after the "
                "point. Send the statement's PDF instead."
            )
    if invoice.digits > MOST_DIGITS:
        raise TooFine(
            f"{invoice.currency} has {invoice.digits} digits after the point, and an electronic "
            f"invoice carries {MOST_DIGITS}. Send the statement's PDF instead."
        )
    return invoice


def missing_fields(invoice: Invoice) -> list[tuple[str, str]]:
    """(code of the party, field) of all that the standard asks for and is not there (rule EI5)."""
    categories = {line.vat.category for line in invoice.lines}
    outside = Category.OUTSIDE in categories
    both = bool(categories & {Category.REVERSE, Category.INTRA_EU})
    found = []
    for party, is_seller in ((invoice.seller, True), (invoice.buyer, False)):
        asked = ["legal_name", "street", "city", "country"]
        if outside:
            asked += ["registration_id"] if is_seller else []
        elif is_seller or both:
            asked += ["vat_id"]
        found += [(party.code, field) for field in _empty(party, asked)]
    return found


def _empty(party: Party, fields: Iterable[str]) -> list[str]:
    return [field for field in fields if not getattr(party, field).strip()]
