"""What the organization is made of: legal entities, solutions, consumers, and their dated trees.

Exchange rates and the reporting currency stand in `rate_models.py`, what invoices between legal
entities need in `party_models.py`.
"""

from __future__ import annotations

from django.db import models

from bursar.office.reference.party_models import ConsumerEntity, LegalParty, SupplyAgreement
from bursar.office.reference.rate_models import (
    ExchangeRate,
    RateTable,
    RateType,
    ReportingCurrency,
)

__all__ = [
    "ConsumerEntity", "CrosswalkDecision", "ExchangeRate", "Layer", "LegalEntity", "LegalParty",
    "Member", "Parent", "Pseudonym", "RateTable", "RateType", "ReportingCurrency",
    "SupplyAgreement", "VatRatio",
]  # fmt: skip


class LegalEntity(models.Model):
    """Who bears cost by law: its currency, fiscal calendar and recoverable share of VAT."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3, help_text="Functional currency, ISO 4217.")
    fiscal_start_month = models.PositiveSmallIntegerField(default=1)
    calendar_pattern = models.CharField(
        max_length=10, default="month", help_text="month, 4-4-5, 4-5-4 or 5-4-4."
    )
    recoverable_vat_ratio = models.DecimalField(max_digits=7, decimal_places=6, default=1)

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "legal entities"

    def __str__(self) -> str:
        return self.code


class VatRatio(models.Model):
    """The part of VAT that an entity recovers from a day on; a mended one keeps the old row."""

    legal_entity = models.ForeignKey("reference.LegalEntity", on_delete=models.PROTECT)
    ratio = models.DecimalField(max_digits=7, decimal_places=6)
    valid_from = models.DateField()
    known_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)
    set_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["legal_entity", "valid_from", "known_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["legal_entity", "valid_from"],
                condition=models.Q(superseded_at__isnull=True),
                name="reference_vat_ratio_once",
            ),
            models.CheckConstraint(
                name="reference_vat_ratio_is_a_part",
                condition=models.Q(ratio__gte=0) & models.Q(ratio__lte=1),
            ),
        ]


class Layer(models.TextChoices):
    """The four layers of the TBM model."""

    COST_POOL = "cost_pool", "Cost pool"
    TOWER = "tower", "Tower"
    SOLUTION = "solution", "Solution"
    CONSUMER = "consumer", "Consumer"


class Member(models.Model):
    """A name in one of the four layers. Facts carry it; trees and dates stand outside them."""

    layer = models.CharField(max_length=20, choices=Layer.choices)
    name = models.CharField(max_length=200)
    label = models.CharField(max_length=200, blank=True, help_text="Shown instead of the name.")
    kind = models.CharField(max_length=200, blank=True, help_text="Domain, or type of solution.")
    definition = models.TextField(blank=True)
    pack = models.CharField(max_length=60, blank=True, help_text="Taxonomy pack it came from.")

    class Meta:
        ordering = ["layer", "name"]
        constraints = [
            models.UniqueConstraint(fields=["layer", "name"], name="reference_member_once")
        ]

    def __str__(self) -> str:
        return self.label or self.name


class Parent(models.Model):
    """A member belongs under another from a day until a day; a reorganization adds rows here.

    `share` below one says that only part of the member belongs there (a split).
    """

    layer = models.CharField(max_length=20, choices=Layer.choices)
    child = models.CharField(max_length=200)
    parent = models.CharField(max_length=200)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True, help_text="First day that is not covered.")
    share = models.DecimalField(max_digits=13, decimal_places=12, default=1)

    class Meta:
        ordering = ["layer", "child", "valid_from"]
        indexes = [models.Index(fields=["layer", "parent"])]
        constraints = [
            models.CheckConstraint(
                name="reference_parent_not_itself",
                condition=~models.Q(child=models.F("parent")),
            )
        ]


class Pseudonym(models.Model):
    """The person behind a pseudonym of the lake: erasing this row leaves every fact as it is."""

    token = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)


class CrosswalkDecision(models.Model):
    """An organization's own rows of a crosswalk, as one immutable text; the newest counts."""

    source = models.CharField(max_length=60, help_text="Earlier taxonomy.")
    target = models.CharField(max_length=60, help_text="Later taxonomy.")
    number = models.PositiveIntegerField(help_text="From 1 within the pair; 0 is as shipped.")
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150)
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ["source", "target", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "target", "number"], name="reference_crosswalk_decision_once"
            )
        ]
