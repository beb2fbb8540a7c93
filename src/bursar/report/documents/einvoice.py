"""E-invoices as files: UBL, CII, and Factur-X, which is the PDF with the CII inside.

Rules EI8 and EI9 of docs/spec/einvoice.md: the same bytes whenever they are made.
"""

from __future__ import annotations

from typing import Any

from bursar.allocate.einvoices import kept_invoice
from bursar.core.einvoice.cii import cii_xml
from bursar.core.einvoice.invoice import Invoice, Kind, Party
from bursar.core.einvoice.ubl import ubl_xml
from bursar.core.einvoice.vat import TOLD
from bursar.core.money.amount import exact_text
from bursar.report.documents.factur_x import FILE_NAME, marked
from bursar.report.documents.issued import issued_pdf
from bursar.report.errors import UnknownKind
from bursar.report.issued_documents import DocumentView
from bursar.report.wording import money

FORMATS = ("ubl", "cii", "factur-x")


def einvoice_file(view: DocumentView, kind: str) -> bytes:
    """The e-invoice that was made of the document. Raises UnknownKind, `einvoice.not_made`."""
    require_format(kind)
    invoice = kept_invoice(view.row)
    if kind == "ubl":
        return ubl_xml(invoice)
    xml = cii_xml(invoice)
    if kind == "cii":
        return xml
    printed = issued_pdf(view, invoice=_printed(invoice), attached=(FILE_NAME, xml.decode()))
    return marked(printed)


def require_format(kind: str) -> None:
    """Raises UnknownKind."""
    if kind not in FORMATS:
        raise UnknownKind(f"An e-invoice does not come as '{kind}'. Choose {', '.join(FORMATS)}.")


def file_name(number: str, kind: str) -> str:
    """How a downloaded e-invoice is called."""
    return f"{number}.pdf" if kind == "factur-x" else f"{number}-{kind}.xml"


def _printed(invoice: Invoice) -> dict[str, Any]:
    """What the invoice adds to the printed document; every figure formatted."""
    before, credit = invoice.preceding, invoice.kind is Kind.CREDIT_NOTE
    return {
        "kind": "Credit note" if credit else "Invoice",
        "due": f"To be {'given back' if credit else 'paid'} with VAT",
        "seller": _address(invoice.seller),
        "buyer": _address(invoice.buyer),
        "supplied": f"{invoice.first_day} to {invoice.last_day}",
        "terms": invoice.terms,
        "preceding": f"{before.number} of {before.issued_on}" if before else "",
        "net": money(invoice.net, invoice.currency),
        "tax": money(invoice.tax, invoice.currency),
        "gross": money(invoice.gross, invoice.currency),
        "vat": [
            [
                _told(each.vat.category, each.vat.reason_text),
                f"{exact_text(each.vat.rate)} %" if each.vat.has_rate else "",
                money(each.base, invoice.currency),
                money(each.tax, invoice.currency),
            ]
            for each in invoice.vat_sums
        ],
    }


def _told(category: Any, reason: str) -> str:
    return f"{category.value}, {TOLD[category]}" + (f": {reason}" if reason else "")


def _address(party: Party) -> list[str]:
    lines = [
        party.legal_name,
        party.street,
        f"{party.postal_code} {party.city}".strip(),
        party.country,
        f"VAT {party.vat_id}" if party.vat_id else "",
        f"Registered as {party.registration_id}" if party.registration_id else "",
    ]
    return [line for line in lines if line]
