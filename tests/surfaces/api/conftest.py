"""The hand-worked company behind the API, with one person of each role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from tests.stages.report.conftest import company, company_once  # noqa: F401 - fixtures

from bursar.office.people.models import ConsumerGrant, Role, User


@pytest.fixture
def signed_in(company: object) -> Callable[..., Client]:  # noqa: F811
    """`signed_in(Role.BUDGET_OWNER, 'Retail')` is a client of somebody new in that role."""

    def enter(role: Role, *consumers: str, checks: bool = False) -> Client:
        number = User.objects.count()
        user = User.objects.create(username=f"u{number}", email=f"u{number}@example.org", role=role)
        for consumer in consumers:
            ConsumerGrant.objects.create(user=user, consumer=consumer)
        client = Client(enforce_csrf_checks=checks)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter
