"""Writing an invoice or a credit note as UBL 2.1 (rule EI9)."""

from __future__ import annotations

from decimal import Decimal
from xml.etree import ElementTree as Tree

from bursar.core.einvoice.elements import branch, leaf, plain, root, written
from bursar.core.einvoice.invoice import Invoice, Kind, Line, Party
from bursar.core.einvoice.vat import Category, Vat
from bursar.core.money.amount import exact_text

SPECIFICATION = "urn:cen.eu:en16931:2017"
_OASIS = "urn:oasis:names:specification:ubl:schema:xsd:"
_UNIT = "C62"  # one piece, of UN/ECE recommendation 20


def ubl_xml(invoice: Invoice) -> bytes:
    """The document; a credit note has another root element than an invoice."""
    credit = invoice.kind is Kind.CREDIT_NOTE
    name = "CreditNote" if credit else "Invoice"
    spaces = {
        "doc": f"{_OASIS}{name}-2",
        "cac": f"{_OASIS}CommonAggregateComponents-2",
        "cbc": f"{_OASIS}CommonBasicComponents-2",
    }
    top = root(f"doc:{name}", spaces)
    leaf(top, "cbc:CustomizationID", SPECIFICATION)
    leaf(top, "cbc:ID", invoice.number)
    leaf(top, "cbc:IssueDate", invoice.issued_on.isoformat())
    if not credit:  # a credit note says its day in the payment terms alone
        leaf(top, "cbc:DueDate", invoice.due_on.isoformat())
    leaf(top, f"cbc:{name}TypeCode", invoice.kind.value)
    leaf(top, "cbc:Note", invoice.note)
    leaf(top, "cbc:DocumentCurrencyCode", invoice.currency)
    period = branch(top, "cac:InvoicePeriod")
    leaf(period, "cbc:StartDate", invoice.first_day.isoformat())
    leaf(period, "cbc:EndDate", invoice.last_day.isoformat())
    if invoice.preceding is not None:
        reference = branch(top, "cac:BillingReference/cac:InvoiceDocumentReference")
        leaf(reference, "cbc:ID", invoice.preceding.number)
        leaf(reference, "cbc:IssueDate", invoice.preceding.issued_on.isoformat())
    with_vat = not _outside(invoice)
    _party(branch(top, "cac:AccountingSupplierParty/cac:Party"), invoice.seller, with_vat)
    _party(branch(top, "cac:AccountingCustomerParty/cac:Party"), invoice.buyer, with_vat)
    delivery = branch(top, "cac:Delivery")
    leaf(delivery, "cbc:ActualDeliveryDate", invoice.last_day.isoformat())
    if any(line.vat.category is Category.INTRA_EU for line in invoice.lines):
        place = "cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode"
        leaf(delivery, place, invoice.buyer.country)
    leaf(top, "cac:PaymentTerms/cbc:Note", invoice.terms)
    _tax(top, invoice)
    _totals(top, invoice)
    for line in invoice.lines:
        _line(branch(top, f"cac:{name}Line"), line, invoice, credit=credit)
    return written(top)


def _outside(invoice: Invoice) -> bool:
    return any(line.vat.category is Category.OUTSIDE for line in invoice.lines)


def _party(into: Tree.Element, party: Party, with_vat: bool) -> None:
    address = branch(into, "cac:PostalAddress")
    leaf(address, "cbc:StreetName", party.street)
    leaf(address, "cbc:CityName", party.city)
    leaf(address, "cbc:PostalZone", party.postal_code)
    leaf(address, "cac:Country/cbc:IdentificationCode", party.country)
    if party.vat_id and with_vat:
        scheme = branch(into, "cac:PartyTaxScheme")
        leaf(scheme, "cbc:CompanyID", party.vat_id)
        leaf(scheme, "cac:TaxScheme/cbc:ID", "VAT")
    entity = branch(into, "cac:PartyLegalEntity")
    leaf(entity, "cbc:RegistrationName", party.legal_name)
    leaf(entity, "cbc:CompanyID", party.registration_id)


def _money(into: Tree.Element, path: str, amount: Decimal, invoice: Invoice) -> None:
    leaf(into, path, plain(amount, invoice.digits), currencyID=invoice.currency)


def _tax(top: Tree.Element, invoice: Invoice) -> None:
    total = branch(top, "cac:TaxTotal")
    _money(total, "cbc:TaxAmount", invoice.tax, invoice)
    for each in invoice.vat_sums:
        part = branch(total, "cac:TaxSubtotal")
        _money(part, "cbc:TaxableAmount", each.base, invoice)
        _money(part, "cbc:TaxAmount", each.tax, invoice)
        category = branch(part, "cac:TaxCategory")
        _category(category, each.vat)
        leaf(category, "cbc:TaxExemptionReasonCode", each.vat.reason_code)
        leaf(category, "cbc:TaxExemptionReason", each.vat.reason_text)
        leaf(category, "cac:TaxScheme/cbc:ID", "VAT")


def _category(into: Tree.Element, vat: Vat) -> None:
    leaf(into, "cbc:ID", vat.category.value)
    if vat.has_rate:
        leaf(into, "cbc:Percent", exact_text(vat.rate))


def _totals(top: Tree.Element, invoice: Invoice) -> None:
    totals = branch(top, "cac:LegalMonetaryTotal")
    _money(totals, "cbc:LineExtensionAmount", invoice.net, invoice)
    _money(totals, "cbc:TaxExclusiveAmount", invoice.net, invoice)
    _money(totals, "cbc:TaxInclusiveAmount", invoice.gross, invoice)
    _money(totals, "cbc:PayableAmount", invoice.gross, invoice)


def _line(into: Tree.Element, line: Line, invoice: Invoice, *, credit: bool) -> None:
    leaf(into, "cbc:ID", line.number)
    quantity = "cbc:CreditedQuantity" if credit else "cbc:InvoicedQuantity"
    leaf(into, quantity, str(line.quantity), unitCode=_UNIT)
    _money(into, "cbc:LineExtensionAmount", line.amount, invoice)
    item = branch(into, "cac:Item")
    leaf(item, "cbc:Name", line.name)
    category = branch(item, "cac:ClassifiedTaxCategory")
    _category(category, line.vat)
    leaf(category, "cac:TaxScheme/cbc:ID", "VAT")
    _money(into, "cac:Price/cbc:PriceAmount", line.price, invoice)
