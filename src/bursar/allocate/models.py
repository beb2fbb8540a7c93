"""The cost model as it was applied, the runs that used it and the statements they issued."""

from __future__ import annotations

from django.db import models


class ModelVersion(models.Model):
    """One immutable text of the cost model, in force from a period until a later version's."""

    number = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=200)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    in_force_from = models.CharField(max_length=12, help_text="First posting period.")
    applied_at = models.DateTimeField()
    applied_by = models.CharField(max_length=150)
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]


class ModelDraft(models.Model):
    """A text of the cost model on its way: drafted, reviewed by a second person, published.

    It counts for nothing until it is published; then it is a version.
    """

    class Standing(models.TextChoices):
        DRAFT = "draft", "Draft"
        RETURNED = "returned", "Returned"
        REVIEWED = "reviewed", "Reviewed"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"

    number = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=200)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    from_period = models.CharField(max_length=12, blank=True, help_text="'' is ever.")
    comment = models.TextField(blank=True)
    standing = models.CharField(max_length=10, choices=Standing.choices)
    authors = models.JSONField(help_text="Everybody who saved a text of it, the last one last.")
    saved_at = models.DateTimeField()
    against = models.ForeignKey(
        "allocate.ModelVersion",
        on_delete=models.PROTECT,
        null=True,
        related_name="drafts",
        help_text="The version it was compared with: the latest when it was saved.",
    )
    money = models.JSONField(
        help_text="{periods, basis, rows: [{period, legal_entity, currency, outcome, consumer, "
        "before, after, difference}]}"
    )
    reviewed_by = models.CharField(max_length=150, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review = models.TextField(blank=True, help_text="What the reviewer said.")
    version = models.OneToOneField(
        "allocate.ModelVersion", on_delete=models.PROTECT, null=True, related_name="draft"
    )

    class Meta:
        ordering = ["-number"]


class Run(models.Model):
    """One execution of the model over one or more periods."""

    run_id = models.CharField(max_length=40, unique=True)
    scenario = models.CharField(max_length=60, default="actual")
    basis = models.CharField(max_length=12)
    engine_version = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=150)
    steps = models.JSONField(default=list, help_text="[{name, rows_in, rows_out, seconds}]")

    class Meta:
        ordering = ["-started_at", "-id"]


class RunPeriod(models.Model):
    """The result of a run for one period; the newest one published is in force."""

    run = models.ForeignKey("allocate.Run", on_delete=models.PROTECT, related_name="periods")
    period = models.CharField(max_length=12)
    scenario = models.CharField(max_length=60, default="actual")
    basis = models.CharField(max_length=12)
    model_version = models.ForeignKey("allocate.ModelVersion", on_delete=models.PROTECT, null=True)
    scale = models.PositiveSmallIntegerField(help_text="Amounts were split in units of 10^-scale.")
    inputs = models.JSONField(
        help_text="Frozen decisions: batches with hashes, drivers, hierarchies."
    )
    input_hash = models.CharField(max_length=64)
    balance = models.JSONField(
        help_text="[{legal_entity, currency, cost_in, markup, allocated, retained, unallocated, "
        "recovery_gap, rounding}]"
    )
    problems = models.JSONField(
        default=list, help_text="[{code, message, amount}] a person should see."
    )
    published_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["period", "published_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "scenario", "basis"],
                condition=models.Q(superseded_at__isnull=True),
                name="allocate_run_one_in_force",
            )
        ]


class Statement(models.Model):
    """The frozen Bill of IT of one consumer for one period: data and hash, rendered by reports."""

    statement_id = models.CharField(max_length=60, unique=True)
    run_period = models.ForeignKey(
        "allocate.RunPeriod", on_delete=models.PROTECT, related_name="statements"
    )
    consumer = models.CharField(max_length=200)
    period = models.CharField(max_length=12)
    legal_entity = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    total = models.CharField(max_length=80, help_text="Exact, in main units.")
    document_total = models.CharField(max_length=80, help_text="As printed, in the minor unit.")
    lines = models.JSONField(
        help_text="[{solution, tower, cost_pool, amount, document_amount}], amounts as text."
    )
    sha256 = models.CharField(max_length=64, help_text="Of the statement's canonical JSON.")

    class Meta:
        ordering = ["period", "consumer", "legal_entity", "currency"]
        constraints = [
            models.UniqueConstraint(
                fields=["run_period", "consumer", "legal_entity", "currency"],
                name="allocate_statement_once",
            )
        ]


class IssuedDocument(models.Model):
    """A numbered document that was given to a consumer: a statement, or a credit note of one.

    What it says never changes after issue; only its standing does, event by event.
    """

    class Kind(models.TextChoices):
        STATEMENT = "statement", "Statement"
        CREDIT_NOTE = "credit_note", "Credit note"

    class Standing(models.TextChoices):
        ISSUED = "issued", "Issued"
        DISPUTED = "disputed", "Disputed"
        ACCEPTED = "accepted", "Accepted"
        SETTLED = "settled", "Settled"
        CREDITED = "credited", "Credited"

    number = models.CharField(max_length=60, unique=True)
    sequence = models.PositiveIntegerField(help_text="Without gaps per entity and fiscal year.")
    fiscal_year = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    mode = models.CharField(max_length=12, help_text="showback or chargeback")
    consumer = models.CharField(max_length=200)
    period = models.CharField(max_length=12)
    legal_entity = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    basis = models.CharField(max_length=12)
    amount = models.CharField(max_length=80, help_text="As printed, in the minor unit.")
    content = models.JSONField(help_text="Everything that the document says.")
    sha256 = models.CharField(max_length=64, help_text="Of the content's canonical JSON.")
    statement = models.ForeignKey(
        "allocate.Statement", on_delete=models.PROTECT, related_name="documents"
    )
    credits = models.ForeignKey(
        "allocate.IssuedDocument", on_delete=models.PROTECT, null=True, related_name="credit_notes"
    )
    standing = models.CharField(max_length=10, choices=Standing.choices)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=150)
    answer_by = models.DateField(help_text="The last day on which it can be disputed.")

    class Meta:
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["legal_entity", "fiscal_year", "sequence"],
                name="allocate_document_number_once",
            ),
            models.UniqueConstraint(
                fields=["consumer", "period", "legal_entity", "currency", "basis"],
                condition=models.Q(kind="statement") & ~models.Q(standing="credited"),
                name="allocate_document_one_in_force",
            ),
        ]


class DocumentEvent(models.Model):
    """What happened to an issued document: answers, a dispute's thread, outcome and effect."""

    document = models.ForeignKey(
        "allocate.IssuedDocument", on_delete=models.PROTECT, related_name="events"
    )
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    act = models.CharField(max_length=20)
    text = models.TextField(blank=True)
    detail = models.JSONField(default=dict, help_text="{lines, outcome, amount, credit_note}")

    class Meta:
        ordering = ["at", "id"]


class EInvoice(models.Model):
    """The invoice of tax law that goes with an issued document; what it says never changes."""

    document = models.OneToOneField(
        "allocate.IssuedDocument", on_delete=models.PROTECT, related_name="einvoice"
    )
    content = models.JSONField(help_text="Parties, lines, VAT and totals, as EN 16931 has them.")
    sha256 = models.CharField(max_length=64, help_text="Of the content's canonical JSON.")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)


class PostingExport(models.Model):
    """A journal that was given to the general ledger; a later one of its period reverses it."""

    run_period = models.ForeignKey(
        "allocate.RunPeriod", on_delete=models.PROTECT, related_name="postings"
    )
    period = models.CharField(max_length=12)
    basis = models.CharField(max_length=12)
    layout = models.CharField(max_length=20)
    content_sha256 = models.CharField(max_length=64)
    reverses = models.ForeignKey(
        "allocate.PostingExport", on_delete=models.PROTECT, null=True, related_name="reversed_by"
    )
    postings = models.JSONField(help_text="The journal lines of its own, without reversals.")
    accounts = models.JSONField(default=list, help_text="[debit account, credit account]")
    exported_at = models.DateTimeField()
    exported_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["period", "exported_at"]
