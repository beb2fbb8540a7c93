"""The columns of FOCUS Cost and Usage, versions 1.0 to 1.4: names and facts, meanings in our words.

FOCUS is published under CC BY 4.0 by the FinOps Foundation; only names and facts are taken over.
`level` says how firmly the standard asks for a column: mandatory, conditional or recommended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from bursar.core.tables.table import LEDGER, MOMENT, Column

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4")

Kind = Literal["text", "decimal", "moment", "json"]
Level = Literal["mandatory", "conditional", "recommended"]

_TYPES: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "json": pa.string(),
    "decimal": LEDGER,
    "moment": MOMENT,
}


@dataclass(frozen=True)
class Standing:
    """What one version of the standard asks of a column."""

    level: Level
    nullable: bool


@dataclass(frozen=True)
class FocusColumn:
    """One column of the standard, with what the latest version asks and where older ones differ."""

    focus: str
    name: str
    kind: Kind
    standing: Standing
    meaning: str
    since: str = "1.0"
    until: str = "1.4"
    differs: Mapping[str, Standing] = field(default_factory=dict)

    def in_version(self, version: str) -> bool:
        return self.since <= version <= self.until

    def standing_in(self, version: str) -> Standing:
        return self.differs.get(version, self.standing)

    @property
    def column(self) -> Column:
        return Column(self.name, _TYPES[self.kind], self.meaning)


_FACTS: tuple[tuple[str, str, str], ...] = (
    ("AllocatedMethodDetails", "R json ? 1.3", "How a shared charge was split, part by part."),
    ("AllocatedMethodId", "C text ? 1.3", "Which documented method split a shared charge."),
    ("AllocatedResourceId", "C text ? 1.3", "Identifier of what a split charge was given to."),
    ("AllocatedResourceName", "C text ? 1.3", "Display name of what a split charge was given to."),
    ("AllocatedTags", "C json ? 1.3", "Tags of what a split charge was given to."),
    ("AvailabilityZone", "R text ? 1.0", "Isolated location inside a region."),
    ("BilledCost", "M decimal ! 1.0", "What the invoice charges for this line: the cash view."),
    ("BillingAccountId", "M text ! 1.0", "Account that the invoice is addressed to."),
    ("BillingAccountName", "M text ? 1.0", "Display name of the billing account."),
    ("BillingAccountType", "C text ! 1.2", "The provider's word for this kind of billing account."),
    ("BillingCurrency", "M text ! 1.0", "ISO 4217 code of every cost on the line."),
    ("BillingPeriodEnd", "M moment ! 1.0", "First instant after the invoice's period."),
    ("BillingPeriodStart", "M moment ! 1.0", "First instant of the invoice's period."),
    ("CapacityReservationId", "C text ? 1.1", "Reservation of capacity that the line belongs to."),
    ("CapacityReservationStatus", "C text ? 1.1", "Whether reserved capacity was Used or Unused."),
    ("ChargeCategory", "M text ! 1.0", "Usage, Purchase, Tax, Credit or Adjustment."),
    ("ChargeClass", "M text ? 1.0", "'Correction' where an already invoiced period is mended."),
    ("ChargeDescription", "M text ? 1.0", "The provider's own sentence about the charge."),
    ("ChargeFrequency", "R text ! 1.0", "One-Time, Recurring or Usage-Based."),
    ("ChargePeriodEnd", "M moment ! 1.0", "First instant after the service was used."),
    ("ChargePeriodStart", "M moment ! 1.0", "First instant of the service; sets the service day."),
    ("CommitmentDiscountCategory", "C text ? 1.0", "Whether money (Spend) or use was committed."),
    ("CommitmentDiscountId", "C text ? 1.0", "Commitment that lowered the price of this line."),
    ("CommitmentDiscountName", "C text ? 1.0", "Display name of the commitment."),
    ("CommitmentDiscountQuantity", "C decimal ? 1.1", "How much of the commitment the line took."),
    ("CommitmentDiscountStatus", "C text ? 1.0", "Whether the commitment was Used or Unused."),
    ("CommitmentDiscountType", "C text ? 1.0", "The provider's word for this kind of commitment."),
    ("CommitmentDiscountUnit", "C text ? 1.1", "Unit in which the commitment is counted."),
    ("CommitmentProgramEligibilityDetails", "C json ? 1.4", "Which commitments could cover it."),
    ("ConsumedQuantity", "C decimal ? 1.0", "How much was used."),
    ("ConsumedUnit", "C text ? 1.0", "Unit in which use was measured."),
    ("ContractApplied", "C json ? 1.3", "Contracts and commitments that this line draws on."),
    ("ContractedCost", "M decimal ! 1.0", "Cost at negotiated prices, before commitments."),
    ("ContractedUnitPrice", "C decimal ? 1.0", "Negotiated price of one pricing unit."),
    ("EffectiveCost", "M decimal ! 1.0", "Cost with prepayments spread over their use: accrual."),
    ("HostProviderName", "M text ? 1.3", "Whose infrastructure the service runs on."),
    ("InvoiceDetailId", "C text ? 1.4", "The invoice's own line that contains this charge."),
    ("InvoiceId", "C text ? 1.2", "Invoice that carries the charge."),
    ("InvoiceIssuerName", "M text ! 1.0", "Who sends the invoice and is paid."),
    ("ListCost", "M decimal ! 1.0", "Cost at public prices."),
    ("ListUnitPrice", "C decimal ? 1.0", "Public price of one pricing unit."),
    ("PricingCategory", "C text ? 1.0", "Standard, Dynamic, Committed or Other."),
    ("PricingCurrency", "C text ! 1.2", "Money or token in which the price is set."),
    ("PricingCurrencyContractedUnitPrice", "C decimal ? 1.2", "Negotiated price in that currency."),
    ("PricingCurrencyEffectiveCost", "C decimal ! 1.2", "Effective cost in that currency."),
    ("PricingCurrencyListUnitPrice", "C decimal ? 1.2", "Public price in that currency."),
    ("PricingQuantity", "M decimal ? 1.0", "How many pricing units were charged."),
    ("PricingUnit", "M text ? 1.0", "Unit that has a price."),
    ("RegionId", "C text ? 1.0", "The provider's code of the region."),
    ("RegionName", "C text ? 1.0", "Display name of the region."),
    ("ResourceId", "C text ? 1.0", "The provider's identifier of the resource."),
    ("ResourceName", "C text ? 1.0", "Display name of the resource."),
    ("ResourceType", "C text ? 1.0", "What kind of resource it is."),
    ("ServiceCategory", "M text ! 1.0", "The standard's broad class of the service."),
    ("ServiceName", "M text ! 1.0", "The provider's name of the service."),
    ("ServiceProviderName", "M text ! 1.3", "Who offers the service."),
    ("ServiceSubcategory", "R text ! 1.1", "The standard's finer class of the service."),
    ("SkuId", "C text ? 1.0", "What was sold, whatever its price."),
    ("SkuMeter", "C text ? 1.1", "What is measured for this product."),
    ("SkuPriceDetails", "C json ? 1.1", "Traits that set the price."),
    ("SkuPriceId", "C text ? 1.0", "The price that was used."),
    ("SubAccountId", "C text ? 1.0", "Account below the billing account."),
    ("SubAccountName", "C text ? 1.0", "Display name of the sub-account."),
    ("SubAccountType", "C text ? 1.2", "The provider's word for this kind of sub-account."),
    ("Tags", "C json ? 1.0", "Labels of the resource as a JSON object."),
)  # fmt: skip

_RETIRED: tuple[tuple[str, str, str], ...] = (
    ("ProviderName", "M text ! 1.0", "Older name of the service provider, dropped in 1.4."),
    ("PublisherName", "M text ! 1.0", "Who made the product, dropped in 1.4."),
)

_LEVELS: dict[str, Level] = {"M": "mandatory", "C": "conditional", "R": "recommended"}
_DIFFERS = {
    "InvoiceId": {"1.2": Standing("recommended", nullable=True)},
    "BillingAccountType": {"1.2": Standing("conditional", nullable=True)},
}


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name).lstrip("_")


def _build(fact: tuple[str, str, str], until: str) -> FocusColumn:
    focus, codes, meaning = fact
    level, kind, null, since = codes.split()
    return FocusColumn(
        focus=focus,
        name=_snake(focus),
        kind=kind,  # type: ignore[arg-type]
        standing=Standing(_LEVELS[level], nullable=null == "?"),
        meaning=meaning,
        since=since,
        until=until,
        differs=_DIFFERS.get(focus, {}),
    )


FOCUS: tuple[FocusColumn, ...] = (
    *(_build(fact, "1.4") for fact in _FACTS),
    *(_build(fact, "1.3") for fact in _RETIRED),
)
"""Every column of every version, those of 1.4 first."""

BY_FOCUS_NAME: Mapping[str, FocusColumn] = {column.focus: column for column in FOCUS}

REQUIRED = (
    "BilledCost", "BillingCurrency", "BillingPeriodStart",
    "ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory",
)  # fmt: skip
"""Without these a file is refused; whatever else is missing is a warning."""

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "charge_category": ("Usage", "Purchase", "Tax", "Credit", "Adjustment"),
    "charge_class": ("Correction",),
    "charge_frequency": ("One-Time", "Recurring", "Usage-Based"),
    "capacity_reservation_status": ("Used", "Unused"),
    "commitment_discount_category": ("Spend", "Usage"),
    "commitment_discount_status": ("Used", "Unused"),
    "pricing_category": ("Standard", "Dynamic", "Committed", "Other"),
    "service_category": (
        "AI and Machine Learning", "Analytics", "Business Applications", "Compute", "Databases",
        "Developer Tools", "Multicloud", "Identity", "Integration", "Internet of Things",
        "Management and Governance", "Media", "Migration", "Mobile", "Networking", "Security",
        "Storage", "Web", "Other",
    ),
}  # fmt: skip


def columns_of(version: str) -> tuple[FocusColumn, ...]:
    """The columns that one version of the standard knows."""
    return tuple(column for column in FOCUS if column.in_version(version))
