"""Writing an invoice or a credit note as UN/CEFACT CII, profile EN 16931 of Factur-X (rule EI9)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as Tree

from bursar.core.einvoice.elements import branch, leaf, plain, root, written
from bursar.core.einvoice.invoice import Invoice, Line, Party
from bursar.core.einvoice.vat import Category, Vat
from bursar.core.money.amount import exact_text

SPECIFICATION = "urn:cen.eu:en16931:2017"
_UNECE = "urn:un:unece:uncefact:data:"
_SPACES = {
    "rsm": f"{_UNECE}standard:CrossIndustryInvoice:100",
    "ram": f"{_UNECE}standard:ReusableAggregateBusinessInformationEntity:100",
    "qdt": f"{_UNECE}standard:QualifiedDataType:100",
    "udt": f"{_UNECE}standard:UnqualifiedDataType:100",
}
_UNIT = "C62"  # one piece, of UN/ECE recommendation 20
_DAY = "102"  # CCYYMMDD, of UNTDID 2379


def cii_xml(invoice: Invoice) -> bytes:
    """The document; credit notes differ from invoices by their type code."""
    top = root("rsm:CrossIndustryInvoice", _SPACES)
    guideline = "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"
    leaf(branch(top, "rsm:ExchangedDocumentContext"), guideline, SPECIFICATION)
    document = branch(top, "rsm:ExchangedDocument")
    leaf(document, "ram:ID", invoice.number)
    leaf(document, "ram:TypeCode", invoice.kind.value)
    _day(document, "ram:IssueDateTime", invoice.issued_on)
    leaf(document, "ram:IncludedNote/ram:Content", invoice.note)
    deal = branch(top, "rsm:SupplyChainTradeTransaction")
    for line in invoice.lines:
        _line(branch(deal, "ram:IncludedSupplyChainTradeLineItem"), line, invoice.digits)
    categories = {line.vat.category for line in invoice.lines}
    agreement = branch(deal, "ram:ApplicableHeaderTradeAgreement")
    with_vat = Category.OUTSIDE not in categories
    _party(branch(agreement, "ram:SellerTradeParty"), invoice.seller, with_vat)
    _party(branch(agreement, "ram:BuyerTradeParty"), invoice.buyer, with_vat)
    delivery = branch(deal, "ram:ApplicableHeaderTradeDelivery")
    if Category.INTRA_EU in categories:
        place = "ram:ShipToTradeParty/ram:PostalTradeAddress/ram:CountryID"
        leaf(delivery, place, invoice.buyer.country)
    supplied = "ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime"
    _day(delivery, supplied, invoice.last_day)
    _settlement(branch(deal, "ram:ApplicableHeaderTradeSettlement"), invoice)
    return written(top)


def _day(into: Tree.Element, path: str, day: date, space: str = "udt") -> None:
    leaf(into, f"{path}/{space}:DateTimeString", day.strftime("%Y%m%d"), format=_DAY)


def _party(into: Tree.Element, party: Party, with_vat: bool) -> None:
    leaf(into, "ram:Name", party.legal_name)
    leaf(into, "ram:SpecifiedLegalOrganization/ram:ID", party.registration_id)
    address = branch(into, "ram:PostalTradeAddress")
    leaf(address, "ram:PostcodeCode", party.postal_code)
    leaf(address, "ram:LineOne", party.street)
    leaf(address, "ram:CityName", party.city)
    leaf(address, "ram:CountryID", party.country)
    if party.vat_id and with_vat:
        leaf(into, "ram:SpecifiedTaxRegistration/ram:ID", party.vat_id, schemeID="VA")


def _line(into: Tree.Element, line: Line, digits: int) -> None:
    leaf(into, "ram:AssociatedDocumentLineDocument/ram:LineID", line.number)
    leaf(into, "ram:SpecifiedTradeProduct/ram:Name", line.name)
    price = "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount"
    leaf(into, price, plain(line.price, digits))
    quantity = "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"
    leaf(into, quantity, str(line.quantity), unitCode=_UNIT)
    settlement = branch(into, "ram:SpecifiedLineTradeSettlement")
    tax = branch(settlement, "ram:ApplicableTradeTax")
    leaf(tax, "ram:TypeCode", "VAT")
    leaf(tax, "ram:CategoryCode", line.vat.category.value)
    _rate(tax, line.vat)
    total = "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
    leaf(settlement, total, plain(line.amount, digits))


def _rate(into: Tree.Element, vat: Vat) -> None:
    if vat.has_rate:
        leaf(into, "ram:RateApplicablePercent", exact_text(vat.rate))


def _settlement(into: Tree.Element, invoice: Invoice) -> None:
    leaf(into, "ram:InvoiceCurrencyCode", invoice.currency)
    for each in invoice.vat_sums:
        tax = branch(into, "ram:ApplicableTradeTax")
        leaf(tax, "ram:CalculatedAmount", plain(each.tax, invoice.digits))
        leaf(tax, "ram:TypeCode", "VAT")
        leaf(tax, "ram:ExemptionReason", each.vat.reason_text)
        leaf(tax, "ram:BasisAmount", plain(each.base, invoice.digits))
        leaf(tax, "ram:CategoryCode", each.vat.category.value)
        leaf(tax, "ram:ExemptionReasonCode", each.vat.reason_code)
        _rate(tax, each.vat)
    period = branch(into, "ram:BillingSpecifiedPeriod")
    _day(period, "ram:StartDateTime", invoice.first_day)
    _day(period, "ram:EndDateTime", invoice.last_day)
    terms = branch(into, "ram:SpecifiedTradePaymentTerms")
    leaf(terms, "ram:Description", invoice.terms)
    _day(terms, "ram:DueDateDateTime", invoice.due_on)
    _totals(branch(into, "ram:SpecifiedTradeSettlementHeaderMonetarySummation"), invoice)
    if invoice.preceding is not None:
        reference = branch(into, "ram:InvoiceReferencedDocument")
        leaf(reference, "ram:IssuerAssignedID", invoice.preceding.number)
        _day(reference, "ram:FormattedIssueDateTime", invoice.preceding.issued_on, "qdt")


def _totals(into: Tree.Element, invoice: Invoice) -> None:
    def money(tag: str, amount: Decimal, **attributes: str) -> None:
        leaf(into, f"ram:{tag}", plain(amount, invoice.digits), **attributes)

    money("LineTotalAmount", invoice.net)
    money("TaxBasisTotalAmount", invoice.net)
    money("TaxTotalAmount", invoice.tax, currencyID=invoice.currency)
    money("GrandTotalAmount", invoice.gross)
    money("DuePayableAmount", invoice.gross)
