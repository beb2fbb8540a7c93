"""One month of a cloud's usage charges, computed for all resources and days at once.

Costs stand in whole units of 10^-10 euro until they are written.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from bursar.flow.demo import chance, story
from bursar.flow.demo.catalogue import Provider
from bursar.flow.demo.company import REORGANIZED_ON, Month
from bursar.flow.demo.estate import Resource, sub_account, tags

SCALES = {
    "BilledCost": 10, "EffectiveCost": 10, "ListCost": 10, "ContractedCost": 10,
    "ListUnitPrice": 6, "ContractedUnitPrice": 6, "PricingQuantity": 4, "ConsumedQuantity": 4,
}  # fmt: skip
"""Columns that hold whole units, with the digits after the point that a unit stands for."""

_COMMITTED_PRICE = {"aws": 720, "microsoft": 610}
_WEEKEND = 5


def covered(provider: Provider, resource: Resource, month: Month) -> bool:
    """Whether a commitment pays for the resource in this month.

    AWS: a savings plan over all live servers. Microsoft: servers reserved by the year; those of
    the ERP system joined at the second renewal, after it had moved.
    """
    if not resource.service.covered:
        return False
    if provider.key == "aws":
        return resource.environment == "prod"
    return resource.app.solution != "ERP" or month.start >= REORGANIZED_ON


def usage(provider: Provider, owned: list[Resource], month: Month) -> pa.Table:
    """A line per resource and day."""
    committed = np.array([covered(provider, resource, month) for resource in owned])
    quantity = _quantities(provider, owned, month, steady=committed & (provider.key != "aws"))
    price = np.array([r.service.price for r in owned], dtype=np.int64)[:, None]
    contracted_price = price * (1000 - provider.discount) // 1000
    committed_price = contracted_price * _COMMITTED_PRICE.get(provider.key, 1000) // 1000
    contracted = quantity * contracted_price
    paid_ahead = committed[:, None]
    units = {
        "BilledCost": np.where(paid_ahead, 0, contracted),
        "EffectiveCost": np.where(paid_ahead, quantity * committed_price, contracted),
        "ListCost": quantity * price,
        "ContractedCost": contracted,
        "ListUnitPrice": np.broadcast_to(price, quantity.shape),
        "ContractedUnitPrice": np.broadcast_to(contracted_price, quantity.shape),
        "PricingQuantity": quantity,
        "ConsumedQuantity": quantity,
    }
    columns = {name: pa.array(values.reshape(-1)) for name, values in units.items()}
    columns |= _by_day(month, resources=len(owned))
    columns |= _by_resource(provider, owned, month, committed=committed.tolist())
    return pa.table(columns)


def _quantities(
    provider: Provider, owned: list[Resource], month: Month, *, steady: np.ndarray
) -> np.ndarray:
    """What each resource used each day, in ten-thousandths of its unit."""
    daily = np.array([r.service.quantity * r.size // 1000 for r in owned], dtype=np.int64)
    use = np.array([story.use_of(r.app, month) for r in owned], dtype=np.int64)
    noise = np.stack(
        [
            chance.between(f"{provider.key}/{r.name}/{month.code}", month.days, low=940, high=1060)
            for r in owned
        ]
    )
    weekend = np.array([d.weekday() >= _WEEKEND for d in _days(month)])
    quiet = np.array([300 if r.environment != "prod" else _weekend_use(r) for r in owned])
    rhythm = np.where(weekend[None, :], quiet[:, None], 1000)
    moving = daily[:, None] * use[:, None] // 1000 * rhythm // 1000 * noise // 1000
    return np.where(steady[:, None], daily[:, None], moving)


def _weekend_use(resource: Resource) -> int:
    return {"retail": 1180, "factory": 820, "office": 760}[resource.app.season]


def _days(month: Month) -> list[date]:
    return [month.start + timedelta(days=n) for n in range(month.days)]


def moment(day: date) -> str:
    """Midnight of a day as FOCUS writes it."""
    return f"{day:%Y-%m-%d}T00:00:00Z"


def _by_day(month: Month, *, resources: int) -> dict[str, pa.Array]:
    days = [*_days(month), month.end]
    index = pa.array(np.tile(np.arange(month.days), resources))
    names = pa.array([moment(day) for day in days])
    return {
        "ChargePeriodStart": names.take(index),
        "ChargePeriodEnd": names.slice(1).take(index),
    }


def _by_resource(
    provider: Provider, owned: list[Resource], month: Month, *, committed: list[bool]
) -> dict[str, pa.Array]:
    index = pa.array(np.repeat(np.arange(len(owned)), month.days))
    rows = [
        _description(provider, resource, month, committed=paid)
        for resource, paid in zip(owned, committed, strict=True)
    ]
    return {
        name: pa.array([row[name] for row in rows], pa.string()).take(index) for name in rows[0]
    }


def _description(
    provider: Provider, resource: Resource, month: Month, *, committed: bool
) -> dict[str, str | None]:
    service = resource.service
    account, account_name = sub_account(provider, resource)
    plan = f"{provider.key}-commitment-{month.start.year}" if committed else None
    return {
        "SubAccountId": account,
        "SubAccountName": account_name,
        "ServiceName": service.name,
        "ServiceCategory": service.category,
        "ServiceSubcategory": service.subcategory,
        "ResourceId": resource.identity,
        "ResourceName": resource.name if resource.tagged else resource.identity,
        "ResourceType": service.resource_type,
        "RegionId": resource.region,
        "RegionName": resource.region,
        "SkuId": f"{provider.key}-{chance.token(service.name + service.unit, digits=8)}",
        "PricingUnit": service.unit,
        "ConsumedUnit": service.unit,
        "ChargeCategory": "Usage",
        "ChargeClass": None,
        "ChargeFrequency": "Usage-Based",
        "ChargeDescription": f"{service.name}, {service.resource_type.lower()} per {service.unit}",
        "PricingCategory": "Committed" if committed else "Standard",
        "CommitmentDiscountId": plan,
        "CommitmentDiscountName": plan,
        "CommitmentDiscountCategory": "Spend" if committed else None,
        "CommitmentDiscountType": "Commitment" if committed else None,
        "CommitmentDiscountStatus": "Used" if committed else None,
        "Tags": tags(provider, resource, month),
    }
