"""Profiles that people saved: how files of one kind are read, with every version of them."""

from __future__ import annotations

from django.db import models


class StoredProfile(models.Model):
    """The version in force of a profile; files whose header has its signature are read with it."""

    name = models.CharField(max_length=120, unique=True)
    source = models.CharField(
        max_length=120, blank=True, help_text="What its files are recorded as, if nobody says."
    )
    signature = models.CharField(max_length=64, db_index=True, blank=True)
    number = models.PositiveIntegerField(help_text="Of the version, from 1.")
    data = models.JSONField(help_text="The profile, as `Profile.to_json` writes it.")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProfileVersion(models.Model):
    """One version of a profile as it was saved; never changed."""

    profile = models.ForeignKey(
        "record.StoredProfile", on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField()
    data = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "number"], name="record_profile_version")
        ]
