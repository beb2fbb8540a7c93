"""Clusters whose cost is split to who used them."""

from __future__ import annotations

from decimal import Decimal

from django.db import models


class Cluster(models.Model):
    """A cluster that sent usage: where its cost lies, and how it is split."""

    class State(models.TextChoices):
        WAITING = "waiting", "No bill names its nodes"
        PROPOSED = "proposed", "A bill names its nodes"
        ACTIVE = "active", "Split"
        OFF = "off", "Not split"

    class Extent(models.TextChoices):
        RESOURCES = "resources", "Its nodes and volumes"
        TAG = "tag", "Its nodes and volumes, and what its tag names"
        EVERYTHING = "everything", "Every line of its bill"

    name = models.CharField(max_length=120, unique=True, help_text="Name of its usage's source.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    bill = models.ForeignKey(
        "record.Source", on_delete=models.PROTECT, null=True, blank=True,
        help_text="Source of the bill; all bills where it is empty.",
    )  # fmt: skip
    sub_account = models.CharField(max_length=200, blank=True)
    extent = models.CharField(max_length=10, choices=Extent.choices, default=Extent.RESOURCES)
    tag_key = models.CharField(max_length=200, blank=True)
    tag_value = models.CharField(max_length=200, blank=True)
    driver = models.CharField(max_length=10, default="blend", help_text="blend, cpu or memory.")
    cpu_share = models.DecimalField(
        max_digits=6, decimal_places=4, default=Decimal("0.73"),
        help_text="Part of a node's cost that its cores stand for, where both measures count.",
    )  # fmt: skip
    idle = models.CharField(max_length=5, default="keep", help_text="keep or share.")
    platform = models.JSONField(default=list, help_text="Patterns of platform namespaces.")
    label_keys = models.JSONField(
        default=list, help_text="Tags of the bill that name pods by a label of the same key."
    )
    version = models.PositiveIntegerField(default=1)
    split_from = models.CharField(
        max_length=64, blank=True, help_text="Fingerprint of what the split in force stands on."
    )
    problem = models.TextField(blank=True, help_text="Why the last split was not published.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def derived_source(self) -> str:
        """Source of the lines that the split publishes."""
        return f"cluster {self.name}"[:120]
