"""Who uses Bursar, in which role, and whose figures each may see."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    """What a person does here; a role grants acts, a consumer grant limits figures."""

    ADMINISTRATOR = "administrator", "Administrator"
    IT_FINANCE = "it_finance", "IT finance"
    STAFF_FINANCE = "staff_finance", "IT finance with salaries"
    BUDGET_OWNER = "budget_owner", "Budget owner"
    AUDITOR = "auditor", "Auditor"


class User(AbstractUser):
    """A person who signs in. New users see nothing until a role and consumers are given."""

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.BUDGET_OWNER)
    email = models.EmailField(unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="people_user_role_known", condition=models.Q(role__in=Role.values)
            )
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class ConsumerGrant(models.Model):
    """A budget owner may see this consumer and everything below it, from a day until a day."""

    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="grants")
    consumer = models.CharField(max_length=200, help_text="Name of the consumer at the top.")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True, help_text="First day that is not covered.")

    class Meta:
        ordering = ["user_id", "consumer"]
