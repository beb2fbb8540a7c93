"""What was recorded: sources, imports and the batches they published."""

from __future__ import annotations

from django.db import models

DERIVED = "derived"
"""Format of sources and imports that no file stands behind."""


class Source(models.Model):
    """Where cost comes from, such as one provider's bill; the unit that a restatement replaces."""

    name = models.CharField(max_length=120, unique=True)
    format = models.CharField(max_length=20, blank=True)
    legal_entity = models.ForeignKey("reference.LegalEntity", on_delete=models.PROTECT, null=True)
    corrects = models.ForeignKey(
        "record.Source",
        on_delete=models.PROTECT,
        null=True,
        related_name="corrections",
        help_text="The source whose closed periods this one's lines correct.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """One reading of one file or folder, whatever came of it."""

    token = models.CharField(max_length=40, unique=True)
    file = models.CharField(max_length=400, help_text="Name of the file or folder as given.")
    content_sha256 = models.CharField(max_length=64, db_index=True)
    source = models.ForeignKey("record.Source", on_delete=models.PROTECT)
    format = models.CharField(max_length=20)
    format_version = models.CharField(max_length=20, blank=True)
    rows_read = models.PositiveBigIntegerField()
    rows_accepted = models.PositiveBigIntegerField()
    rows_rejected = models.PositiveBigIntegerField()
    warnings = models.JSONField(default=list, help_text="[{code, message}]")
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=150)
    profile = models.CharField(
        max_length=140, blank=True, help_text="Profile that it was read with, and its version."
    )
    profile_digest = models.CharField(
        max_length=64, blank=True, help_text="Of what the profile said: another one reads anew."
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True)
    undone_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-imported_at", "-id"]


class Batch(models.Model):
    """The lines of one source and one billing period; in force until a restatement replaces it.

    Measures (drivers, usage) form batches too: `kind` says which table of facts the batch holds.
    """

    batch_id = models.CharField(max_length=40, unique=True)
    made_by = models.ForeignKey("record.Import", on_delete=models.PROTECT, related_name="batches")
    source = models.ForeignKey("record.Source", on_delete=models.PROTECT, related_name="batches")
    kind = models.CharField(max_length=20, default="cost_line", help_text="Its table of facts.")
    period = models.CharField(max_length=12, help_text="Billing period, YYYY-MM.")
    rows_read = models.PositiveBigIntegerField()
    rows_accepted = models.PositiveBigIntegerField()
    rows_rejected = models.PositiveBigIntegerField()
    totals = models.JSONField(
        default=list, help_text="Per currency, exact sums of each basis as text, as ControlTotal."
    )
    postings = models.JSONField(
        default=list, help_text="[[legal entity, posting period]] that its lines are posted to."
    )
    promoted = models.JSONField(
        default=list, help_text="Promoted columns that its dimensions were made with."
    )
    held_for = models.JSONField(
        default=list,
        help_text="[[legal entity, closed period]] that kept it out of force; "
        "correction lines stand for it.",
    )
    late = models.BooleanField(
        default=False, help_text="It arrived when a period that it posts to was no longer open."
    )
    published_at = models.DateTimeField()
    kept_at = models.DateTimeField(
        null=True, blank=True, help_text="A newer file could not replace it: its period is closed."
    )
    superseded_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.ForeignKey(
        "record.Batch", on_delete=models.PROTECT, null=True, blank=True, related_name="supersedes"
    )

    class Meta:
        ordering = ["source__name", "period", "published_at"]
        verbose_name_plural = "batches"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "kind", "period"],
                condition=models.Q(superseded_at__isnull=True, kept_at__isnull=True),
                name="record_batch_one_in_force",
            )
        ]

    @property
    def posted(self) -> frozenset[tuple[str, str]]:
        """Legal entity and posting period of its lines."""
        return frozenset((entity, period) for entity, period in self.postings)


class PromotedColumn(models.Model):
    """A tag key (`tag.<key>`) or own column (`x_<name>`) that dimensions carry from now on."""

    name = models.CharField(max_length=200, unique=True)

    class Meta:
        ordering = ["name"]


class Acknowledgement(models.Model):
    """Why the rejected lines of an import are left out: somebody looked and answered for them."""

    made_by = models.OneToOneField(
        "record.Import", on_delete=models.PROTECT, related_name="acknowledgement"
    )
    note = models.CharField(max_length=400)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
