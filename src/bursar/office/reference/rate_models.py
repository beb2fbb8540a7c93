"""Exchange rates by type, each row as it became known, and the currency of consolidated figures."""

from __future__ import annotations

from django.db import models


class RateType(models.TextChoices):
    """What a rate is for: balances, the cost of a period, or a plan."""

    CLOSING = "closing", "Closing (daily)"
    AVERAGE = "average", "Average of a period"
    PLAN = "plan", "Plan"


class RateTable(models.Model):
    """One table per type: the currency that joins its pairs, and how old a daily rate may be."""

    rate_type = models.CharField(max_length=10, choices=RateType.choices, unique=True)
    base = models.CharField(max_length=3, default="EUR")
    max_age_days = models.PositiveSmallIntegerField(default=5)


class ExchangeRate(models.Model):
    """So many units of `target` for one of `source`, on one day or from a day until a day.

    The rate is text, because a number of SQLite has fifteen digits. A changed rate supersedes its
    row, which stays with the moment at which it was known.
    """

    rate_type = models.CharField(max_length=10, choices=RateType.choices)
    source = models.CharField(max_length=3, help_text="Currency that is changed, one unit of it.")
    target = models.CharField(max_length=3, help_text="Currency that the rate is in.")
    rate = models.CharField(max_length=64)
    valid_from = models.DateField()
    valid_to = models.DateField(
        null=True, blank=True, help_text="First day that is not covered; none for a daily rate."
    )
    origin = models.CharField(max_length=200, help_text="File or person that it came from.")
    known_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["rate_type", "source", "target", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["rate_type", "source", "target", "valid_from"],
                condition=models.Q(superseded_at__isnull=True),
                name="reference_rate_once",
            ),
            models.CheckConstraint(
                name="reference_rate_two_currencies",
                condition=~models.Q(source=models.F("target")),
            ),
        ]
        indexes = [models.Index(fields=["rate_type", "valid_from"])]


class ReportingCurrency(models.Model):
    """The currency of consolidated figures; the newest row counts."""

    currency = models.CharField(max_length=3)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=150)
