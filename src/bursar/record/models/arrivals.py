"""Watched places: where files of a source come from, how often, and what arrived."""

from __future__ import annotations

from django.db import models


class Rhythm(models.TextChoices):
    DAILY = "daily", "Daily"
    WEEKLY = "weekly", "Weekly"
    MONTHLY = "monthly", "Monthly"


class Watch(models.Model):
    """A folder or a path of an object store that is looked at for files of one source.

    Credentials are never stored: the libraries that open the place take them from the environment.
    """

    source = models.CharField(max_length=100, unique=True)
    url = models.CharField(max_length=500, help_text="Folder, or an address such as s3://….")
    pattern = models.CharField(max_length=200, default="*", help_text="Of names, as in a shell.")
    format = models.CharField(max_length=20, default="auto")
    profile = models.CharField(max_length=120, blank=True)
    each_adds = models.BooleanField(
        default=False, help_text="Each file adds to the others; else it restates its periods."
    )
    rhythm = models.CharField(max_length=10, choices=Rhythm.choices, default=Rhythm.MONTHLY)
    due_day = models.PositiveSmallIntegerField(
        default=10, help_text="Of the following month (monthly) or week, Monday being 1 (weekly)."
    )
    grace_days = models.PositiveSmallIntegerField(default=0)
    owner = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True)
    added_at = models.DateTimeField()
    polled_at = models.DateTimeField(null=True)
    problem = models.CharField(
        max_length=400, blank=True, help_text="Why the place could not be looked at last time."
    )

    class Meta:
        ordering = ["source"]

    def __str__(self) -> str:
        return self.source


class ArrivalState(models.TextChoices):
    SETTLING = "settling", "Still arriving"
    INCOMPLETE = "incomplete", "Incomplete"
    IMPORTED = "imported", "Imported"
    REFUSED = "refused", "Refused"


class Arrival(models.Model):
    """One file, or the parts that one manifest lists, as it was last seen in its place."""

    watch = models.ForeignKey("record.Watch", on_delete=models.CASCADE, related_name="arrivals")
    name = models.CharField(max_length=500, help_text="Path below the watched place.")
    size = models.PositiveBigIntegerField()
    mark = models.CharField(max_length=64, help_text="Changes with the file: time and size.")
    state = models.CharField(max_length=10, choices=ArrivalState.choices)
    code = models.CharField(max_length=60, blank=True)
    message = models.CharField(max_length=1000, blank=True)
    made_by = models.ForeignKey("record.Import", on_delete=models.PROTECT, null=True)
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text="When this mark was first seen.")
    handled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-changed_at", "name"]
        constraints = [
            models.UniqueConstraint(fields=["watch", "name"], name="record_arrival_once")
        ]
