"""The dimensions of cost in words, and which one lies below which."""

from __future__ import annotations

from collections.abc import Collection

WORDS = {
    "pool": "Cost pool",
    "cost_pool": "Cost sub-pool",
    "tower_group": "Tower",
    "tower": "Sub-tower",
    "solution": "Solution",
    "business_unit": "Business unit",
    "consumer": "Consumer",
    "outcome": "Outcome",
    "reason": "Reason",
    "period": "Period",
    "legal_entity": "Legal entity",
    "gl_account": "Ledger account",
    "cost_center": "Cost center",
    "service_provider_name": "Provider",
    "invoice_issuer_name": "Invoice issuer",
    "host_provider_name": "Host",
    "region_id": "Region",
}
DEEPER = {
    "pool": ("cost_pool", "tower_group"),
    "cost_pool": ("vendor", "service_provider_name", "tower", "solution"),
    "tower_group": ("tower", "solution"),
    "tower": ("solution", "consumer", "cost_pool"),
    "business_unit": ("consumer", "solution"),
    "consumer": ("solution", "cost_pool"),
    "solution": ("cost_pool", "tower", "consumer"),
    "vendor": ("service_category", "gl_account"),
    "service_provider_name": ("service_category", "service_name"),
    "service_category": ("service_name", "resource_type"),
    "service_name": ("sub_account_name", "resource_type"),
    "billing_account_name": ("sub_account_name", "service_name"),
    "sub_account_name": ("service_name", "resource_type"),
    "period": ("pool", "service_provider_name"),
    "outcome": ("reason", "pool"),
    "reason": ("pool", "solution"),
}


def words(dimension: str) -> str:
    """'Cost pool' of 'pool', 'Tag team' of 'tag.team', 'Sub account name' of the rest."""
    if dimension.startswith("tag."):
        return f"Tag {dimension.removeprefix('tag.')}"
    return WORDS.get(dimension) or dimension.replace("_", " ").capitalize()


def deeper(dimension: str, *, known: Collection[str], used: Collection[str]) -> str | None:
    """The next dimension to open a value with, among those the user may ask for."""
    for candidate in DEEPER.get(dimension, ()):
        if candidate in known and candidate not in used:
            return candidate
    return None
