"""Work that runs behind a page: one row per job, so that progress survives a reload."""

from __future__ import annotations

from django.db import models


class Job(models.Model):
    """One long act asked for on a page: what, by whom, how far, and how it ended."""

    token = models.CharField(max_length=40, unique=True)
    act = models.CharField(max_length=60)
    asked_by = models.ForeignKey("people.User", on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    arguments = models.JSONField(default=dict)
    state = models.CharField(
        max_length=10, default="waiting", help_text="waiting, running, done or refused."
    )
    progress = models.CharField(max_length=200, blank=True)
    outcome = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
