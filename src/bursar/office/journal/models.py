"""The append-only journal of acts that change money or model, each row chained to the last."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from bursar.core.refusal import InvariantBroken


class EntryQuerySet(models.QuerySet["Entry"]):
    """Reads and inserts only; the database's own triggers refuse what goes around Django."""

    def update(self, **values: Any) -> NoReturn:
        raise InvariantBroken("The journal is append-only: entries are not changed.")

    def delete(self) -> NoReturn:
        raise InvariantBroken("The journal is append-only: entries are not deleted.")


class Entry(models.Model):
    """One act: who did what to what, and why. `hash` covers the row and the hash before it."""

    seq = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150, help_text="User name, or 'system'.")
    act = models.CharField(
        max_length=60, help_text="For example record.import or allocate.publish."
    )
    subject = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["seq"]
        verbose_name_plural = "entries"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise InvariantBroken("The journal is append-only: entries are not changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise InvariantBroken("The journal is append-only: entries are not deleted.")


class Head(models.Model):
    """The chain's last link: one row, locked by each act so that entries follow one another."""

    singleton = models.BooleanField(default=True, unique=True)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
