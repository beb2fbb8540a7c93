"""Cost that people enter by hand: documents, their lines, attachments, and how they were settled.

A document is never edited: it is reversed by another one, and entered anew. Its amounts are kept
as exact text, because SQLite would turn decimals into floats.
"""

from __future__ import annotations

from django.db import models


class DocumentKind(models.TextChoices):
    COST = "cost", "Cost"
    ACCRUAL = "accrual", "Accrual"
    RECLASSIFICATION = "reclassification", "Reclassification"
    CORRECTION = "correction", "Correction"


class DocumentState(models.TextChoices):
    ENTERED = "entered", "Entered"
    REVERSED = "reversed", "Reversed"


class LineBasis(models.TextChoices):
    """Which views of cost a line belongs to."""

    BILLED = "billed", "Billed and effective"
    EFFECTIVE = "effective", "Effective only"
    BOOKED = "booked", "Booked"


class Settlement(models.Model):
    """One batch of the source `documents`; it holds every document of its month settled so far."""

    batch = models.OneToOneField("record.Batch", on_delete=models.PROTECT, related_name="+")
    month = models.CharField(max_length=7, db_index=True, help_text="Billing period, YYYY-MM.")


class Document(models.Model):
    """One voucher; numbered without gaps within its kind and year."""

    kind = models.CharField(max_length=20, choices=DocumentKind.choices)
    year = models.PositiveSmallIntegerField(help_text="Of its date; numbers start anew.")
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=40, unique=True)
    date = models.DateField()
    legal_entity = models.CharField(max_length=40)
    posting_period = models.CharField(max_length=12, db_index=True)
    month = models.CharField(max_length=7, help_text="Billing period that it is settled in.")
    currency = models.CharField(max_length=3)
    description = models.CharField(max_length=500)
    vendor = models.CharField(max_length=200, blank=True, default="")
    document_ref = models.CharField(max_length=200, blank=True, default="")
    corrects = models.CharField(
        max_length=200,
        blank=True,
        default="",
        help_text="Line or batch that a correction is about.",
    )
    state = models.CharField(
        max_length=10, choices=DocumentState.choices, default=DocumentState.ENTERED
    )
    reverses = models.ForeignKey(
        "record.Document",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversals",
    )
    automatic = models.BooleanField(
        default=False, help_text="Takes an accrual back on the first day of the next period."
    )
    reason = models.CharField(
        max_length=200, blank=True, default="", help_text="Why it reverses another one."
    )
    settlement = models.ForeignKey(
        "record.Settlement",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        help_text="The first batch that holds it; null while it is live.",
    )
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=150)
    request_key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    content_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "year", "sequence"], name="record_document_numbered_once"
            ),
            models.UniqueConstraint(
                fields=["reverses", "automatic"], name="record_document_reversed_once"
            ),
        ]


class DocumentLine(models.Model):
    """One amount of a document with what the ledger wants to know about it."""

    document = models.ForeignKey("record.Document", on_delete=models.PROTECT, related_name="lines")
    place = models.PositiveIntegerField(help_text="From 1 within the document.")
    amount = models.CharField(max_length=42, help_text="Exact text, 14 and 24 digits at most.")
    basis = models.CharField(max_length=10, choices=LineBasis.choices)
    service_start = models.DateField()
    service_end = models.DateField(help_text="Last day of the service, included.")
    gl_account = models.CharField(max_length=200, blank=True, default="")
    cost_center = models.CharField(max_length=200, blank=True, default="")
    vendor = models.CharField(max_length=200, blank=True, default="")
    initiative = models.CharField(max_length=200, blank=True, default="")
    treatment = models.CharField(max_length=200, blank=True, default="")
    intent = models.CharField(max_length=200, blank=True, default="")
    solution = models.CharField(max_length=200, blank=True, default="")
    description = models.CharField(max_length=500, blank=True, default="")
    tags = models.TextField(blank=True, default="", help_text="A JSON object, or nothing.")

    class Meta:
        ordering = ["document_id", "place"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "place"], name="record_document_line_place_once"
            )
        ]


class Attachment(models.Model):
    """A file that proves a document or belongs to a record; its bytes lie in the data folder
    under their hash."""

    document = models.ForeignKey(
        "record.Document",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
    )
    record = models.ForeignKey(
        "record.RegisterRecord",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
    )
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    attached_at = models.DateTimeField()
    attached_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "sha256"], name="record_attachment_once_per_document"
            ),
            models.UniqueConstraint(
                fields=["record", "sha256"], name="record_attachment_once_per_record"
            ),
            models.CheckConstraint(
                condition=models.Q(document__isnull=True) ^ models.Q(record__isnull=True),
                name="record_attachment_of_one_thing",
            ),
        ]
