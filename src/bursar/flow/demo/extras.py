"""Charges of a cloud bill that no resource causes: commitments, support, credits, tax, corrections.

Amounts are whole units of 10^-10 euro.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.flow.demo import story
from bursar.flow.demo.catalogue import Provider
from bursar.flow.demo.charges import moment
from bursar.flow.demo.company import MONTHS, Month

EURO = 10**10
CENT = EURO // 100
_YEAR = 365
_CORRECTED = {("aws", "2026-03"): -6_412, ("microsoft", "2025-06"): 1_875}
"""Euro charged or given back later for the month before, by provider and billing period."""


def extra_charges(provider: Provider, month: Month, usage: pa.Table) -> list[dict[str, Any]]:
    """Every such charge of the month's bill, as rows in FOCUS names."""
    rows = [
        *_commitment(provider, month, usage),
        *_support(provider, month, usage),
        *_credits(provider, month),
        *_corrections(provider, month),
    ]
    billed = _sum(usage, "BilledCost") + sum(row["BilledCost"] for row in rows)
    levy = billed * 12 // 1000 // CENT * CENT
    rows.append(_row(month, "Tax", "Digital services levy, not recoverable", billed=levy))
    return rows


def _row(
    month: Month, category: str, text: str, *, billed: int, effective: int | None = None
) -> dict[str, Any]:
    return {
        "ChargeCategory": category,
        "ChargeDescription": text,
        "ChargeFrequency": "One-Time",
        "ChargePeriodStart": moment(month.start),
        "ChargePeriodEnd": moment(month.end),
        "ServiceName": "Billing",
        "ServiceCategory": "Other",
        "BilledCost": billed,
        "EffectiveCost": billed if effective is None else effective,
        "ListCost": billed,
        "ContractedCost": billed,
    }


def _sum(table: pa.Table, column: str) -> int:
    return pc.sum(table[column]).as_py() or 0


def _commitment(provider: Provider, month: Month, usage: pa.Table) -> list[dict[str, Any]]:
    """What the commitment costs when it is billed, and what of it nobody used this month."""
    paid = usage.filter(pc.equal(usage["CommitmentDiscountStatus"], "Used"))
    used = _sum(paid, "EffectiveCost")
    if not used:
        return []
    if provider.key == "aws":  # monthly, in whole cents, four per cent more than is used
        price = -(-used * 104 // 100 // CENT) * CENT
        unused, due = price - used, True
    else:  # a year at once, on the day it begins
        unused = used // month.days // 40 * month.days
        price = (used + unused) // month.days * _YEAR
        due = month.index % 12 == 0
    plan = {
        "CommitmentDiscountId": f"{provider.key}-commitment-{month.start.year}",
        "CommitmentDiscountName": f"{provider.key}-commitment-{month.start.year}",
        "CommitmentDiscountCategory": "Spend",
        "CommitmentDiscountType": "Commitment",
        "ServiceName": paid["ServiceName"][0].as_py(),
        "ServiceCategory": "Compute",
        "ServiceSubcategory": "Virtual Machines",
    }
    rest = _row(month, "Usage", "Commitment not used", billed=0, effective=unused)
    rest |= plan | {"CommitmentDiscountStatus": "Unused", "PricingCategory": "Committed"}
    rest |= {"ListCost": 0, "ContractedCost": 0}
    if not due:
        return [rest]
    bought = _row(month, "Purchase", "Commitment for servers", billed=price, effective=0)
    return [bought | plan | {"ChargeFrequency": "Recurring"}, rest]


def _support(provider: Provider, month: Month, usage: pa.Table) -> list[dict[str, Any]]:
    if provider.key == "kelvin-cloud":
        return []
    fee = _sum(usage, "ContractedCost") * 3 // 100 // CENT * CENT
    row = _row(month, "Purchase", "Business support", billed=fee)
    named = {"ServiceName": "Support", "ServiceCategory": "Management and Governance"}
    return [row | named | {"ServiceSubcategory": "Support", "ChargeFrequency": "Recurring"}]


def _credits(provider: Provider, month: Month) -> list[dict[str, Any]]:
    if provider.key == "microsoft" and story.migrating(month):
        return [_row(month, "Credit", "Migration programme credit", billed=-6_500 * EURO)]
    if provider.key == "aws" and month.code == "2025-10":
        outage = -(1_240 * EURO + 55 * CENT)
        return [_row(month, "Credit", "Service level credit for the outage", billed=outage)]
    return []


def _corrections(provider: Provider, month: Month) -> list[dict[str, Any]]:
    euro = _CORRECTED.get((provider.key, month.code))
    if euro is None:
        return []
    before: date = MONTHS[month.index - 1].start
    text = f"Correction of {before:%Y-%m}: meter misread"
    row = _row(month, "Usage", text, billed=euro * EURO)
    return [
        row
        | {
            "ChargeClass": "Correction",
            "ChargePeriodStart": moment(before),
            "ChargePeriodEnd": moment(month.start),
            "ServiceName": "Amazon Redshift" if provider.key == "aws" else "SQL Database",
            "ServiceCategory": "Databases",
        }
    ]
