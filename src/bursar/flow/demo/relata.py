"""The bill of Relata, the customer-relationship suite: seats by product and department (FOCUS).

Its price rises at renewal, and it bills in dollars. It has no tags; a column of its own names the
department.
"""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa

from bursar.flow.demo import chance, story
from bursar.flow.demo.charges import moment
from bursar.flow.demo.company import HEADCOUNT, Month
from bursar.flow.demo.focus_file import columns_of

KEY = "relata"
CURRENCY = "USD"
ISSUER = "Relata Software BV"
PRODUCTS = {
    "Relata Sales": 145, "Relata Service": 125, "Relata Campaigns": 210, "Relata Insight": 95,
}  # fmt: skip
"""List price of a seat and month in dollars."""
_SEATS = {
    "Stores Finland": (18, 26, 0, 4), "Stores Benelux": (16, 22, 0, 4),
    "Stores Iberia": (13, 18, 0, 3), "Store Planning": (6, 0, 0, 5),
    "Customer Care": (12, 118, 4, 9), "Online Sales": (52, 18, 12, 16),
    "Marketing": (20, 0, 44, 22), "Supply Chain": (0, 24, 0, 3), "Finance": (0, 0, 0, 6),
}  # fmt: skip
"""Seats by department, in the order of the products."""


def relata_table(month: Month) -> pa.Table:
    """The month's bill."""
    assert set(_SEATS) <= set(HEADCOUNT)
    rows = [
        _seats(month, department=department, product=product, seats=seats)
        for department, counts in _SEATS.items()
        for product, seats in zip(PRODUCTS, counts, strict=True)
        if seats
    ]
    names = [*columns_of("1.2"), "x_department"]
    return pa.table({name: pa.array([r.get(name) for r in rows], pa.string()) for name in names})


def relata_invoice(month: Month) -> dict[str, str]:
    """The invoice over the same seats, as the list of payables has it."""
    costs = relata_table(month)["BilledCost"].to_pylist()
    return {
        "amount": f"{sum(map(Decimal, costs)):.2f}", "currency": CURRENCY, "gl_account": "6310",
        "cost_center": "4110", "vendor": ISSUER, "description": "Seats of the customer suite",
        "document": f"RL-{month.start:%Y%m}",
    }  # fmt: skip


def _seats(month: Month, *, department: str, product: str, seats: int) -> dict[str, str]:
    joined = seats + seats * month.index * 6 // 1000
    joined += chance.one(f"{department}/{product}/{month.code}", low=0, high=max(1, seats // 30))
    price = Decimal(PRODUCTS[product]) * story.relata_price(month) / 1000
    cost = str(price * joined)
    return {
        "BilledCost": cost,
        "EffectiveCost": cost,
        "ListCost": cost,
        "ContractedCost": cost,
        "ListUnitPrice": str(price),
        "ContractedUnitPrice": str(price),
        "PricingQuantity": str(joined),
        "PricingUnit": "Seats",
        "ConsumedQuantity": str(joined),
        "ConsumedUnit": "Seats",
        "PricingCategory": "Standard",
        "PricingCurrency": CURRENCY,
        "PricingCurrencyEffectiveCost": cost,
        "BillingAccountId": "RL-55120",
        "BillingAccountName": "Tammera Home",
        "BillingAccountType": "Subscription",
        "BillingCurrency": CURRENCY,
        "BillingPeriodStart": moment(month.start),
        "BillingPeriodEnd": moment(month.end),
        "ChargePeriodStart": moment(month.start),
        "ChargePeriodEnd": moment(month.end),
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Recurring",
        "ChargeDescription": f"{product}, seats of {department}",
        "InvoiceId": f"RL-{month.start:%Y%m}",
        "InvoiceIssuerName": ISSUER,
        "ProviderName": "Relata",
        "PublisherName": "Relata",
        "ServiceName": product,
        "ServiceCategory": "Business Applications",
        "ServiceSubcategory": "Other (Business Applications)",
        "SkuId": product.lower().replace(" ", "-"),
        "x_department": department,
    }
