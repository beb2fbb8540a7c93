"""What the demo's clouds sell, and which application buys how much of it: reads catalogue.yaml.

Quantities are in ten-thousandths of a unit per day and prices in millionths of a euro, so a
cost is a whole number of 10^-10 euro: the precision of real bills, without a float anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Service:
    """One service as it stands on a bill. `quantity` is what one resource uses in a day."""

    name: str
    category: str
    subcategory: str
    resource_type: str
    unit: str
    price: int
    quantity: int
    covered: bool
    """Whether a commitment covers it, so that its price is paid with the commitment."""


@dataclass(frozen=True)
class Provider:
    """One provider's bill: who issues it, in which version of FOCUS, for which account."""

    key: str
    name: str
    issuer: str
    version: str
    account: str
    account_name: str
    regions: tuple[str, ...]
    discount: int
    """Negotiated discount in thousandths of the list price."""
    untagged: int
    """Resources without any tag, in thousandths."""
    services: dict[str, Service]
    bought: dict[str, dict[str, tuple[int, int]]]
    """By application and service: how many resources, and how large (1 is the smallest)."""


@cache
def clouds() -> tuple[Provider, ...]:
    """The clouds of the demo, in the order of the file."""
    text = Path(__file__).with_name("catalogue.yaml").read_text(encoding="utf-8")
    return tuple(_provider(entry) for entry in yaml.safe_load(text))


def _provider(entry: dict[str, Any]) -> Provider:
    services = {key: Service(*fields) for key, fields in entry["services"].items()}
    return Provider(**{**entry, "regions": tuple(entry["regions"]), "services": services})
