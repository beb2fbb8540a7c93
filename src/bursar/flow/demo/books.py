"""The general ledger's balances, to compare with: one account has more than the invoices say."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from bursar.flow.demo.company import MONTHS, Month
from bursar.flow.demo.ledgers import LEDGERS
from bursar.flow.demo.payables import invoices

COLUMNS = ("period", "gl_account", "account_name", "balance", "currency")
COMPARED: Sequence[Month] = MONTHS[-2:]
BASIS = "billed"
"""The company books what it is billed; it spreads prepayments elsewhere."""
NAMES = {
    "1210": "Equipment", "6010": "Salaries", "6020": "Social costs", "6110": "Contractors",
    "6210": "Consultants", "6220": "Managed services", "6310": "Licences",
    "6320": "Software support", "6510": "Data centre space", "6520": "Power", "6530": "Cooling",
    "6610": "Lines", "6620": "Mobile subscriptions", "6710": "Cloud services",
    "6990": "Card payments",
}  # fmt: skip
_BOOKED_BY_HAND = {("2026-10", "6620", "EUR"): Decimal("1250.00")}
"""Telephones that were paid without an invoice."""


def write_balances(month: Month, path: Path) -> Path:
    """Writes the month's trial balance of technology accounts."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        for (account, currency), amount in sorted(_balances(month).items()):
            writer.writerow([month.code, account, NAMES[account], str(amount), currency])
    return path


def _balances(month: Month) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    recorded = [line for ledger in LEDGERS.values() for line in ledger(month)]
    for line in [*recorded, *invoices(month)]:
        if line.get("basis") != "effective":
            found[line["gl_account"], line["currency"]] += Decimal(line["amount"])
    for (period, account, currency), amount in _BOOKED_BY_HAND.items():
        if period == month.code:
            found[account, currency] += amount
    return found
