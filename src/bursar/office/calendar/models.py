"""Fiscal periods as they were opened, and their state per legal entity."""

from __future__ import annotations

from django.db import models


class PeriodState(models.TextChoices):
    OPEN = "open", "Open"
    SOFT_CLOSED = "soft_closed", "Soft-closed"
    CLOSED = "closed", "Closed"


class Period(models.Model):
    """One fiscal period of one legal entity, made when the first fact is posted to it."""

    legal_entity = models.ForeignKey("reference.LegalEntity", on_delete=models.PROTECT)
    code = models.CharField(max_length=12, help_text="YYYY-MM, or FYyyyy-Pnn on week calendars.")
    start = models.DateField()
    end = models.DateField(help_text="First day that is not covered.")
    fiscal_year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField(help_text="From 1 within the fiscal year.")
    state = models.CharField(max_length=12, choices=PeriodState.choices, default=PeriodState.OPEN)

    class Meta:
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "code"], name="calendar_period_once"),
            models.CheckConstraint(
                name="calendar_period_forward", condition=models.Q(end__gt=models.F("start"))
            ),
        ]
