"""Control: which accounts are compared with the general ledger, and who signed the comparison."""

from __future__ import annotations

from django.db import models


class AccountOutOfScope(models.Model):
    """An account, or all that begin alike, that Bursar does not hold on purpose."""

    pattern = models.CharField(max_length=120, unique=True, help_text="6810, or 7* for many.")
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["pattern"]


class Signature(models.Model):
    """A person's word that a period's reconciliation was looked at and stands."""

    period = models.CharField(max_length=12)
    legal_entity = models.CharField(max_length=40)
    basis = models.CharField(max_length=12)
    unexplained = models.JSONField(help_text="[{currency, amount}] that was signed with.")
    stands_on = models.CharField(max_length=64, help_text="Digest of the batches it was made of.")
    comment = models.TextField(blank=True)
    signed_at = models.DateTimeField()
    signed_by = models.CharField(max_length=150)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-signed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "legal_entity"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="record_signature_once",
            )
        ]
