"""Supplier invoices of a month, as the company's accounting system prints its list of payables.

A heading above the columns, semicolons, decimal commas, days first, a total at the end: what an
import has to cope with. Net amounts are cost, for the company recovers its value-added tax.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from bursar.connect.looking import look
from bursar.connect.looks.proposing import propose
from bursar.connect.profile import Profile
from bursar.flow.demo.bills import billed_units
from bursar.flow.demo.catalogue import Provider, clouds
from bursar.flow.demo.company import CURRENCY, NAME, Month
from bursar.flow.demo.focus_file import invoice_number
from bursar.flow.demo.ledgers import Line, facilities, licences, outside, telecom
from bursar.flow.demo.relata import relata_invoice

SOURCE = "payables"
PROFILE = "payables list"
COLUMNS = (
    "Supplier", "Invoice no.", "Invoice date", "Service from", "Service to", "Account",
    "Cost centre", "Text", "Net amount", "VAT", "Gross amount", "Currency",
)  # fmt: skip
CLOUD_ACCOUNT = "6710"
_OVERCHARGED = {("kelvin-cloud", "2026-10"): 21_240}
_DOMESTIC = (" Oy", "Elisa")
_VAT = Decimal("0.255")
"""Finnish value-added tax; suppliers abroad charge none."""
_CENT = Decimal("0.01")


def invoices(month: Month) -> Iterator[Line]:
    """Every invoice of the month; the landing zone's operation is paid in Swedish kronor.

    The clouds' and Relata's invoices stand among them, whose bills come in detail too.
    """
    for part in (outside, licences, facilities, telecom):
        yield from part(month)
    for provider in clouds():
        yield _cloud_invoice(provider, month)
    yield relata_invoice(month)


def _cloud_invoice(provider: Provider, month: Month) -> Line:
    """What the bill comes to in whole cents; once Kelvin Cloud charged more than that."""
    cents = -(-billed_units(provider, month) // 10**8)
    cents += _OVERCHARGED.get((provider.key, month.code), 0)
    return {
        "amount": str(Decimal(cents).scaleb(-2)), "currency": CURRENCY, "gl_account": CLOUD_ACCOUNT,
        "cost_center": "4210", "vendor": provider.issuer, "description": "Cloud services",
        "document": invoice_number(provider, month),
    }  # fmt: skip


def write_payables(month: Month, path: Path) -> int:
    """Writes the list and says how many invoices stand on it."""
    lines = list(invoices(month))
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle, delimiter=";", lineterminator="\r\n")
        writer.writerow([NAME])
        writer.writerow(["List of supplier invoices"])
        writer.writerow([f"Posting period {month.start:%m/%Y}"])
        writer.writerow([])
        writer.writerow(COLUMNS)
        writer.writerows(_row(month, line) for line in lines)
        total = sum((Decimal(line["amount"]) for line in lines), Decimal(0))
        writer.writerow(["Total", *[""] * 7, _comma(total), "", "", ""])
    return len(lines)


def profile_of(path: Path) -> Profile:
    """How such a list is read: as Bursar proposes."""
    return propose(look([path]), default_currency=CURRENCY)


def _row(month: Month, line: Line) -> list[str]:
    net = Decimal(line["amount"])
    domestic = line.get("vendor", "").endswith(_DOMESTIC)
    vat = (net * _VAT).quantize(_CENT, ROUND_HALF_UP) if domestic else Decimal(0)
    last = month.end - timedelta(days=1)
    return [
        line.get("vendor", ""), line.get("document", ""), _day(last), _day(month.start),
        _day(last), line.get("gl_account", ""), line.get("cost_center", ""),
        line.get("description", ""), _comma(net), _comma(vat), _comma(net + vat),
        line["currency"],
    ]  # fmt: skip


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _comma(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
