"""The month of a cloud bill as Azure's own cost details would have it: actual and amortised.

The actual file holds what the invoice charges; what a reservation covers stands there at nothing.
The amortised file holds the same use with its share of the reservation, and what nobody used.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.flow.demo.catalogue import Provider
from bursar.flow.demo.company import CURRENCY
from bursar.flow.demo.focus_file import text_column

VIEWS = ("actual", "amortized")
_CONSUMED = {
    "Virtual Machines": "Microsoft.Compute",
    "Azure Virtual Desktop": "Microsoft.DesktopVirtualization",
    "SQL Database": "Microsoft.Sql", "Managed Disks": "Microsoft.Compute",
    "Blob Storage": "Microsoft.Storage", "ExpressRoute": "Microsoft.Network",
    "Azure Monitor": "Microsoft.Insights", "Microsoft Entra ID": "Microsoft.AAD",
    "Power BI": "Microsoft.PowerBIDedicated", "Support": "Microsoft.Support",
}  # fmt: skip
"""Resource providers by the service's name."""
Columns = dict[str, Any]


def native_azure(provider: Provider, bill: pa.Table, view: str) -> pa.Table:
    """One of the two files from the month's bill in FOCUS columns."""
    unused = pc.equal(bill["CommitmentDiscountStatus"], "Unused")
    bought = pc.and_(
        pc.equal(bill["ChargeCategory"], "Purchase"), pc.is_valid(bill["CommitmentDiscountId"])
    )
    left_out = unused if view == "actual" else bought
    lines = bill.filter(pc.invert(pc.fill_null(left_out, False)))
    cost = lines["BilledCost"] if view == "actual" else lines["EffectiveCost"]
    count = lines.num_rows
    return pa.table(
        {name: text_column(v, count) for name, v in _columns(provider, lines, cost).items()}
    )


def _columns(provider: Provider, lines: pa.Table, cost: pa.ChunkedArray) -> Columns:
    names = lines["ServiceName"].to_pylist()
    plan = lines["CommitmentDiscountId"]
    is_use = pc.equal(lines["ChargeCategory"], "Usage")
    mended = pc.is_valid(lines["ChargeClass"])
    none = pa.scalar(None, pa.string())
    return {
        "invoiceId": lines["InvoiceId"],
        "previousInvoiceId": pc.if_else(mended, lines["InvoiceId"], none),
        "billingAccountId": provider.account,
        "billingAccountName": provider.account_name,
        "billingProfileId": f"{provider.account}-EUR",
        "billingPeriodStartDate": _american(lines["BillingPeriodStart"]),
        "billingPeriodEndDate": _day_before(lines["BillingPeriodEnd"]),
        "servicePeriodStartDate": _american(lines["ChargePeriodStart"]),
        "date": _american(lines["ChargePeriodStart"]),
        "subscriptionId": lines["SubAccountId"],
        "subscriptionName": lines["SubAccountName"],
        "resourceId": [_resource(name) for name in lines["ResourceId"].to_pylist()],
        "resourceName": lines["ResourceName"],
        "resourceType": lines["ResourceType"],
        "resourceLocation": lines["RegionId"],
        "product": lines["ChargeDescription"],
        "productId": lines["SkuId"],
        "meterCategory": lines["ServiceName"],
        "consumedService": [_CONSUMED.get(name) for name in names],
        "unitOfMeasure": lines["PricingUnit"],
        "quantity": lines["PricingQuantity"],
        "unitPrice": lines["ContractedUnitPrice"],
        "payGPrice": lines["ListUnitPrice"],
        "paygCostInBillingCurrency": pc.if_else(is_use, lines["ListCost"].cast(pa.string()), none),
        "costInBillingCurrency": cost,
        "billingCurrency": CURRENCY,
        "pricingCurrency": CURRENCY,
        "chargeType": _charge_types(lines),
        "frequency": _frequencies(lines),
        "publisherType": "Azure",
        "publisherName": "Microsoft",
        "pricingModel": pc.if_else(
            pc.equal(lines["CommitmentDiscountStatus"], "Used"), "Reservation",
            pc.if_else(is_use, pa.scalar("OnDemand"), none),
        ),
        "reservationId": plan,
        "reservationName": plan,
        "tags": [_tags(text) for text in lines["Tags"].to_pylist()],
    }  # fmt: skip


def _charge_types(lines: pa.Table) -> list[str]:
    """Azure's own words."""
    words = zip(
        lines["ChargeCategory"].to_pylist(),
        lines["CommitmentDiscountStatus"].to_pylist(),
        lines["ChargeClass"].to_pylist(),
        strict=True,
    )
    return [
        "UnusedReservation" if status == "Unused" else "Adjustment" if mended else category
        for category, status, mended in words
    ]


def _frequencies(lines: pa.Table) -> list[str | None]:
    known = {"Usage-Based": "UsageBased", "Recurring": "Recurring", "One-Time": "OneTime"}
    return [known.get(word) for word in lines["ChargeFrequency"].to_pylist()]


def _american(moments: pa.ChunkedArray) -> list[str]:
    """Azure writes dates month first."""
    return [f"{m[5:7]}/{m[8:10]}/{m[:4]}" for m in moments.to_pylist()]


def _day_before(moments: pa.ChunkedArray) -> list[str]:
    days = [date.fromisoformat(m[:10]) - timedelta(days=1) for m in moments.to_pylist()]
    return [f"{day:%m/%d/%Y}" for day in days]


def _resource(name: str | None) -> str | None:
    return None if name is None else f"/subscriptions/tammera/resourceGroups/main/{name}"


def _tags(text: str | None) -> str | None:
    """Pairs without the brackets around them, as this export has them."""
    return None if text is None else json.dumps(json.loads(text))[1:-1]
