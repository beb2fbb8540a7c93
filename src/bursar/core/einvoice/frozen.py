"""An invoice as JSON and back, so that it is the same whenever it is written."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from bursar.core.einvoice.invoice import Invoice, Kind, Line, Party, Preceding
from bursar.core.einvoice.vat import Category, Vat
from bursar.core.money.amount import exact_text

_DAYS = ("issued_on", "due_on", "first_day", "last_day")
_TEXTS = ("number", "currency", "terms", "note")


def invoice_json(invoice: Invoice) -> dict[str, Any]:
    """Amounts, rates and days as text; the sums stand beside the lines for whoever reads it."""
    preceding = invoice.preceding
    return {
        **{name: getattr(invoice, name) for name in _TEXTS},
        **{name: getattr(invoice, name).isoformat() for name in _DAYS},
        "kind": invoice.kind.value,
        "seller": asdict(invoice.seller),
        "buyer": asdict(invoice.buyer),
        "lines": [
            {
                "number": line.number,
                "name": line.name,
                "amount": exact_text(line.amount),
                **_vat_json(line.vat),
            }
            for line in invoice.lines
        ],
        "preceding": preceding
        and {"number": preceding.number, "issued_on": preceding.issued_on.isoformat()},
        "net": exact_text(invoice.net),
        "vat": [
            {**_vat_json(s.vat), "base": exact_text(s.base), "tax": exact_text(s.tax)}
            for s in invoice.vat_sums
        ],
        "tax": exact_text(invoice.tax),
        "gross": exact_text(invoice.gross),
    }


def invoice_of(told: dict[str, Any]) -> Invoice:
    """The invoice that `invoice_json` wrote; its sums are worked out again."""
    before = told["preceding"]
    days: dict[str, Any] = {name: date.fromisoformat(told[name]) for name in _DAYS}
    return Invoice(
        **{name: told[name] for name in _TEXTS},
        **days,
        kind=Kind(told["kind"]),
        seller=Party(**told["seller"]),
        buyer=Party(**told["buyer"]),
        lines=tuple(
            Line(each["number"], each["name"], Decimal(each["amount"]), _vat_of(each))
            for each in told["lines"]
        ),
        preceding=before and Preceding(before["number"], date.fromisoformat(before["issued_on"])),
    )


def _vat_json(vat: Vat) -> dict[str, str]:
    return {
        "vat_category": vat.category.value,
        "vat_rate": exact_text(vat.rate),
        "exemption_reason": vat.reason,
    }


def _vat_of(told: dict[str, str]) -> Vat:
    return Vat(Category(told["vat_category"]), Decimal(told["vat_rate"]), told["exemption_reason"])
