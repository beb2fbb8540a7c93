"""The append-only journal of every act that changes money or model, each row chained to the last."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One act: who did what to which thing and why. `hash` covers the row and the hash before it."""

    seq = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150, help_text="User name, or 'system'.")
    act = models.CharField(max_length=60, help_text="For example record.import or allocate.publish.")
    subject = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["seq"]
        verbose_name_plural = "entries"


class Head(models.Model):
    """The chain's last link: one row, locked by each act so that entries follow one another."""

    singleton = models.BooleanField(default=True, unique=True)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
