"""Which files of the lake are in force: the one place that says what the ledger holds."""

from __future__ import annotations

from django.db import models


class LakeFile(models.Model):
    """One immutable file of the lake. In force while published and not superseded."""

    path = models.CharField(max_length=400, unique=True, help_text="Relative to the lake folder.")
    table = models.CharField(max_length=40, help_text="Name of the table of facts it holds.")
    owner = models.CharField(
        max_length=40, db_index=True, help_text="Batch or run that wrote it, by its id."
    )
    period = models.CharField(max_length=12, blank=True)
    rows = models.PositiveBigIntegerField()
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["path"]
        indexes = [models.Index(fields=["table", "superseded_at"])]


class Version(models.Model):
    """One number for the whole lake, raised in each transaction that publishes or supersedes.

    Whatever is kept in memory about files in force is valid while this number stands still. Rows
    that count before they are in a file have a number of their own beside it, so that one read
    tells both of one moment.
    """

    singleton = models.BooleanField(default=True, unique=True)
    number = models.PositiveBigIntegerField(default=0)
    live = models.PositiveBigIntegerField(default=0)
