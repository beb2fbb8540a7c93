"""Commitments of which somebody decided who has the saving and who bears what is unused."""

from __future__ import annotations

from django.db import models


class Commitment(models.Model):
    """The policy of one commitment; one without a row stays as billed (rule CP1)."""

    class Policy(models.TextChoices):
        USERS = "users", "As billed"
        PURCHASER = "purchaser", "Who bought keeps the saving"
        CENTRAL = "central", "A central place keeps the saving"
        SHARED = "shared", "Everybody whom it could cover shares"

    commitment_id = models.CharField(
        max_length=400, unique=True, help_text="CommitmentDiscountId of the bill."
    )
    policy = models.CharField(max_length=10, choices=Policy.choices, default=Policy.USERS)
    sub_account = models.CharField(
        max_length=200, blank=True, help_text="Account of the home; empty: where it was bought."
    )
    cost_center = models.CharField(max_length=100, blank=True, help_text="Cost center of the home.")
    version = models.PositiveIntegerField(default=1)
    derived_from = models.CharField(
        max_length=64, blank=True, help_text="Fingerprint of what the lines in force stand on."
    )
    problem = models.TextField(blank=True, help_text="Why its lines were not published.")

    class Meta:
        ordering = ["commitment_id"]

    def __str__(self) -> str:
        return self.commitment_id
