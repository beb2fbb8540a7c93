"""Logs of AI use, the bills that they explain, and what people say about both."""

from __future__ import annotations

from django.db import models


class AiFeed(models.Model):
    """A log of AI use: which bill it explains."""

    class State(models.TextChoices):
        WAITING = "waiting", "No bill of AI services"
        PROPOSED = "proposed", "A bill has AI services"
        ACTIVE = "active", "Split"
        OFF = "off", "Not split"

    class Extent(models.TextChoices):
        AI = "ai", "Lines of AI services and models"
        EVERYTHING = "everything", "Every line of its bill"

    name = models.CharField(max_length=120, unique=True, help_text="Name of the log's source.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    bill = models.ForeignKey("record.Source", on_delete=models.PROTECT, null=True, blank=True)
    extent = models.CharField(max_length=10, choices=Extent.choices, default=Extent.AI)
    version = models.PositiveIntegerField(default=1)
    split_from = models.CharField(max_length=64, blank=True)
    problem = models.TextField(blank=True, help_text="Why the last split was not published.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def derived_source(self) -> str:
        """Source of the lines that the split publishes."""
        return f"ai {self.name}"[:120]


class AiPrice(models.Model):
    """List price of a million tokens of one class: it weighs classes, and is never charged."""

    model = models.CharField(max_length=200, help_text="Name of the model, or a pattern with *.")
    token_class = models.CharField(max_length=20)
    per_million = models.DecimalField(max_digits=20, decimal_places=8)

    class Meta:
        ordering = ["model", "token_class"]
        constraints = [
            models.UniqueConstraint(fields=["model", "token_class"], name="record_ai_price_once")
        ]


class AiAssignment(models.Model):
    """Which consumer a principal's or a team's use belongs to."""

    class Kind(models.TextChoices):
        PRINCIPAL = "principal"
        TEAM = "team"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(max_length=200, help_text="Pseudonym of the principal, or the team.")
    consumer = models.CharField(max_length=200)

    class Meta:
        ordering = ["kind", "value"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="record_ai_assignment_once")
        ]
