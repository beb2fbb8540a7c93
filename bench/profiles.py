"""What the generated lines are about: services, accounts, regions and tags that go together."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

COST_CENTERS = 200
APPS = 500
TEAMS = 60
_MISSING = 0.035

SERVICES = [
    ("Compute", "Virtual Machines"), ("Compute", "Containers"), ("Compute", "Serverless Compute"),
    ("Storage", "Object Storage"), ("Storage", "Block Storage"), ("Storage", "Backup Storage"),
    ("Databases", "Relational Databases"), ("Databases", "NoSQL Databases"),
    ("Networking", "Network Infrastructure"), ("Networking", "Content Delivery"),
    ("Analytics", "Data Processing"), ("AI and Machine Learning", "Machine Learning"),
    ("Management and Governance", "Observability"), ("Security", "Security Management"),
    ("Integration", "Messaging"), ("Developer Tools", "Developer Platforms"),
]  # fmt: skip
VARIANTS = 4
"""Services of each kind."""
PROVIDERS = ("Alpha Cloud", "Beta Cloud")
REGIONS = tuple(f"region-{n}" for n in range(1, 13))
ACCOUNTS = 40


@dataclass(frozen=True)
class Profiles:
    """Columns with one value per profile; a line takes the values of the profile it belongs to."""

    count: int
    columns: dict[str, pa.Array]
    price: np.ndarray
    unit_price: np.ndarray


@lru_cache(maxsize=1)
def profiles(count: int) -> Profiles:
    """So many combinations, the same for the same count."""
    chance = np.random.default_rng(count)
    service = chance.integers(0, len(SERVICES) * VARIANTS, count)
    account = chance.integers(0, ACCOUNTS, count)
    provider = account % len(PROVIDERS)
    region = chance.integers(0, len(REGIONS), count)
    kind = service // VARIANTS
    named = [PROVIDERS[p] for p in provider]
    services = [f"{SERVICES[k][1]} {s % VARIANTS + 1}" for k, s in zip(kind, service, strict=True)]
    texts: dict[str, list[str | None]] = {
        "ProviderName": list(named),
        "PublisherName": list(named),
        "InvoiceIssuerName": list(named),
        "BillingAccountId": [f"payer-{p}" for p in provider],
        "BillingAccountName": [f"Payer {p}" for p in provider],
        "SubAccountId": [f"{a:012d}" for a in account],
        "SubAccountName": [f"account-{a}" for a in account],
        "ServiceCategory": [SERVICES[k][0] for k in kind],
        "ServiceSubcategory": [SERVICES[k][1] for k in kind],
        "ServiceName": list(services),
        "ResourceType": [f"{SERVICES[k][1]} resource" for k in kind],
        "ResourceName": [f"resource-{n}" for n in range(count)],
        "RegionId": [REGIONS[r] for r in region],
        "RegionName": [REGIONS[r].title() for r in region],
        "AvailabilityZone": [f"{REGIONS[r]}{'abc'[r % 3]}" for r in region],
        "ChargeDescription": [f"{name} by the hour" for name in services],
        "ChargeFrequency": ["Usage-Based"] * count,
        "ChargeClass": [None] * count,
        "BillingCurrency": ["EUR"] * count,
        "PricingCurrency": ["EUR"] * count,
        "BillingAccountType": ["Payer"] * count,
        "SubAccountType": ["Account"] * count,
        "PricingUnit": ["Hours"] * count,
        "ConsumedUnit": ["Hours"] * count,
        "SkuId": [f"sku-{s}" for s in service],
        "SkuPriceId": [f"sku-{s}.{r}" for s, r in zip(service, region, strict=True)],
        "SkuMeter": [f"meter-{k}" for k in kind],
        "InvoiceId": [f"invoice-{p}" for p in provider],
        "CommitmentDiscountId": [None] * count,
        "Tags": _tags(count, chance),
    }
    return Profiles(
        count=count,
        columns={name: pa.array(values, pa.string()) for name, values in texts.items()},
        price=chance.integers(650, 1000, count),
        unit_price=chance.integers(10**7, 10**11, count),
    )


def _tags(count: int, chance: np.random.Generator) -> list[str | None]:
    drawn = {
        "cost_center": chance.integers(0, COST_CENTERS, count),
        "app": chance.integers(0, APPS, count),
        "team": chance.integers(0, TEAMS, count),
    }
    missing = chance.random((count, len(drawn))) < _MISSING
    texts: list[str | None] = []
    for number in range(count):
        tags = {
            key: f"{key}-{values[number]}"
            for place, (key, values) in enumerate(drawn.items())
            if not missing[number, place]
        }
        texts.append(json.dumps(tags) if tags else None)
    return texts
