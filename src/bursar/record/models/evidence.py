"""Evidence groups: which lines of which sources mean one obligation, and who said so."""

from __future__ import annotations

from django.db import models


class GroupState(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    CONFIRMED = "confirmed", "Confirmed"
    REJECTED = "rejected", "Rejected"


class EvidenceLevel(models.TextChoices):
    """From the least to the most detailed, as `core/calc/evidence/units.py` ranks them."""

    BALANCE = "balance", "Trial balance"
    LEDGER = "ledger", "Ledger line"
    INVOICE = "invoice", "Invoice"
    CONTRACT = "contract", "Contract"
    DETAIL = "detail", "Detail"


class MatchRule(models.Model):
    """Learned from a confirmed match: this vendor of one source is that vendor of another."""

    name = models.CharField(max_length=120, unique=True)
    summary_source = models.CharField(max_length=120)
    detail_source = models.CharField(max_length=120)
    summary_vendor = models.CharField(max_length=400, blank=True)
    detail_vendor = models.CharField(max_length=400, blank=True)
    account = models.CharField(max_length=200, blank=True)
    tolerance_absolute = models.DecimalField(max_digits=20, decimal_places=4, default=1)
    tolerance_percent = models.DecimalField(max_digits=7, decimal_places=4, default=2)
    days_before = models.PositiveSmallIntegerField(default=7)
    days_after = models.PositiveSmallIntegerField(default=62)
    active = models.BooleanField(default=True)
    learned_at = models.DateTimeField()
    learned_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class EvidenceGroup(models.Model):
    """Evidences of one obligation; once confirmed they count once."""

    group_id = models.CharField(max_length=40, unique=True)
    fingerprint = models.CharField(
        max_length=64, unique=True, help_text="Of its selectors, so that a decision is remembered."
    )
    period = models.CharField(max_length=12, help_text="Posting period of the summary.")
    legal_entity = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12, choices=GroupState.choices, default=GroupState.PROPOSED)
    by_hand = models.BooleanField(default=False)
    score = models.PositiveSmallIntegerField(default=0)
    reasons = models.JSONField(default=list, help_text="Why it was proposed, in words.")
    conversion = models.JSONField(
        null=True, help_text="{source, target, rate, day} where two currencies meet; frozen."
    )
    rule = models.ForeignKey(
        "record.MatchRule", on_delete=models.PROTECT, null=True, related_name="groups"
    )
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ["-period", "group_id"]

    def __str__(self) -> str:
        return self.group_id


class EvidenceMember(models.Model):
    """One evidence of a group: a selector finds its lines, also after a restatement."""

    group = models.ForeignKey(
        "record.EvidenceGroup", on_delete=models.CASCADE, related_name="members"
    )
    level = models.CharField(max_length=12, choices=EvidenceLevel.choices)
    source = models.CharField(max_length=120)
    selector = models.JSONField(help_text="{column: value}; null selects lines without a value.")
    label = models.CharField(max_length=300)
    amount = models.CharField(max_length=80, help_text="Exact, when it was proposed.")
    vendor = models.CharField(max_length=400, blank=True)
    account = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]


class SourceLevel(models.Model):
    """What evidence a source is, where a person says so; else its lines tell."""

    source = models.CharField(max_length=120, unique=True)
    level = models.CharField(max_length=12, choices=EvidenceLevel.choices)


class EvidenceState(models.Model):
    """What the derived lines of matches were worked out from, so that nothing is done twice."""

    singleton = models.BooleanField(default=True, unique=True)
    seen = models.CharField(max_length=64)
