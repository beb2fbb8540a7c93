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


class PeriodChange(models.Model):
    """One closing or reopening of a period: who, when, why, and the checklist as it stood."""

    period = models.ForeignKey("calendar.Period", on_delete=models.PROTECT, related_name="changes")
    before = models.CharField(max_length=12, choices=PeriodState.choices)
    after = models.CharField(max_length=12, choices=PeriodState.choices)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=400, blank=True)
    checks = models.JSONField(default=list, help_text="The checklist as it stood.")

    class Meta:
        ordering = ["at", "id"]


class ClosingLine(models.Model):
    """A line that people added to the checklist of one period; somebody says when it is done."""

    period = models.ForeignKey("calendar.Period", on_delete=models.PROTECT, related_name="lines")
    name = models.CharField(max_length=200)
    owner = models.CharField(max_length=150, blank=True, help_text="User name.")
    due_days = models.SmallIntegerField(help_text="Days after the period's last day.")
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["id"]

    @property
    def key(self) -> str:
        """How marks and commands name it."""
        return f"line-{self.pk}"


class ClosingMark(models.Model):
    """What a person said of a check of one period: done, or waived with a reason."""

    class Kind(models.TextChoices):
        DONE = "done", "Done"
        WAIVED = "waived", "Waived"

    period = models.ForeignKey("calendar.Period", on_delete=models.PROTECT, related_name="marks")
    check_key = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["period", "check_key"], name="calendar_mark_once_per_check"
            )
        ]


class ClosingRule(models.Model):
    """Who owns a check, when it is due and where its threshold lies, for every period."""

    check_key = models.CharField(max_length=60, unique=True)
    owner = models.CharField(max_length=150, blank=True, help_text="User name.")
    due_days = models.SmallIntegerField(
        null=True, help_text="Days after the period's last day; null is the check's own default."
    )
    limit = models.DecimalField(
        max_digits=20, decimal_places=10, null=True, help_text="A share, of checks that have one."
    )

    class Meta:
        ordering = ["check_key"]
