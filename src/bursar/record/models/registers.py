"""Records of registers: assets, contracts, positions and what prices them, each with its history.

A record is a decision, not a fact: it is changed by writing its next version, and every version
stays. From the newest ones Bursar derives each month's cost, which is a fact and goes to the lake.
"""

from __future__ import annotations

from django.db import models


class RegisterImport(models.Model):
    """One table that was read into a register, with the rows that it could not take."""

    token = models.CharField(max_length=16, unique=True)
    register = models.CharField(max_length=20)
    file = models.CharField(max_length=255)
    content_sha256 = models.CharField(max_length=64)
    rows_read = models.PositiveIntegerField()
    entered = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    rejected = models.JSONField(
        default=list, help_text="Rows refused: row, code, message, cells by header."
    )
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=150)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]


class RegisterRecord(models.Model):
    """The record as it stands: its newest version, and whether it counts."""

    register = models.CharField(max_length=20)
    number = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    content = models.JSONField(help_text="Fields by name; money, days and numbers as exact text.")
    secret = models.JSONField(
        default=dict, help_text="The fields that only a role with read.salaries may see."
    )
    withdrawn = models.BooleanField(
        default=False, help_text="Entered by mistake: it costs nothing, its history stays."
    )
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["register", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["register", "number"], name="record_register_number_once"
            ),
        ]


class RecordVersion(models.Model):
    """One version of a record: what it said, who wrote it, and why."""

    record = models.ForeignKey(
        "record.RegisterRecord", on_delete=models.PROTECT, related_name="versions"
    )
    version = models.PositiveIntegerField()
    content = models.JSONField()
    secret = models.JSONField(default=dict)
    withdrawn = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    reason = models.CharField(max_length=500, blank=True, default="")
    made_from = models.ForeignKey(
        "record.RegisterImport", on_delete=models.PROTECT, null=True, blank=True,
        related_name="versions",
    )  # fmt: skip

    class Meta:
        ordering = ["record_id", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "version"], name="record_register_version_once"
            ),
        ]


class Spread(models.Model):
    """How far a register's cost was derived, and from what."""

    register = models.CharField(max_length=20, unique=True)
    asked_through = models.CharField(
        max_length=7, blank=True, default="", help_text="Last month that somebody asked for."
    )
    spread_from = models.CharField(
        max_length=64, blank=True, default="", help_text="Fingerprint of what the lines stand on."
    )
    problem = models.TextField(
        blank=True, default="", help_text="Why the newest state is not derived yet."
    )
    searched_from = models.CharField(
        max_length=64, blank=True, default="", help_text="Fingerprint of the last search for "
        "invoices.",
    )  # fmt: skip


class RecordMatch(models.Model):
    """An invoice in the ledger and the records that it was paid for: the same money."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        CONFIRMED = "confirmed", "Confirmed"
        REJECTED = "rejected", "Rejected"

    register = models.CharField(max_length=20)
    numbers = models.JSONField(help_text="Records that it pays for.")
    claim = models.CharField(max_length=300, help_text="What of the records is paid, as a key.")
    selector = models.JSONField(help_text="Columns and values that find the invoice's lines.")
    key = models.CharField(max_length=900, help_text="The selector as text.")
    amount = models.CharField(max_length=42, help_text="What the records say, exact text.")
    invoiced = models.CharField(max_length=42, help_text="What the invoice says, exact text.")
    currency = models.CharField(max_length=3)
    period = models.CharField(max_length=12)
    source = models.CharField(max_length=200)
    vendor = models.CharField(max_length=200, blank=True, default="")
    account = models.CharField(max_length=200, blank=True, default="")
    score = models.PositiveSmallIntegerField()
    why = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    remembered = models.BooleanField(
        default=False, help_text="Later invoices of this vendor for the same records are matched."
    )
    decided_by = models.CharField(max_length=150, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["register", "claim", "key"], name="record_match_of_a_claim_once"
            ),
        ]
