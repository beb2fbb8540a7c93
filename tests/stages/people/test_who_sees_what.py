"""Who may do what, and whose figures each may see on which day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from bursar.core.refusal import Refused
from bursar.office.people.models import ConsumerGrant, Role, User
from bursar.office.people.permissions import may, require
from bursar.office.people.scope import Scope, scope_of
from bursar.office.reference.models import Layer, Member, Parent

pytestmark = pytest.mark.django_db


def person(role: str, **more: object) -> User:
    return User.objects.create(username=f"{role}-1", email=f"{role}@x.org", role=role, **more)


@pytest.fixture
def organization() -> None:
    """Online belongs to Retail until July 2025, then to Digital."""
    for name in ("Retail", "Stores", "Online", "Digital", "Corporate"):
        Member.objects.create(layer=Layer.CONSUMER, name=name)
    july = date(2025, 7, 1)
    for child, parent, start, end in [
        ("Stores", "Retail", None, None),
        ("Online", "Retail", None, july),
        ("Online", "Digital", july, None),
    ]:
        Parent.objects.create(
            layer=Layer.CONSUMER, child=child, parent=parent, valid_from=start, valid_to=end
        )


@pytest.mark.parametrize(
    ("role", "allowed", "refused"),
    [
        ("administrator", ["people.add_user", "record.import_files", "read.journal"], []),
        (
            "it_finance",
            ["record.import_files", "allocate.run_model", "read.figures", "read.journal"],
            ["people.add_user"],
        ),
        (
            "auditor",
            ["read.figures", "read.data", "read.model", "read.journal"],
            ["record.import_files", "allocate.run_model", "people.add_user"],
        ),
        (
            "budget_owner",
            ["read.figures"],
            ["read.data", "read.model", "read.journal", "record.import_files"],
        ),
    ],
)
def test_acts_by_role(role: str, allowed: list[str], refused: list[str]) -> None:
    user = person(role)
    assert all(may(user, act) for act in allowed)
    assert not any(may(user, act) for act in refused)
    for act in refused:
        with pytest.raises(Refused, match=f"may not do '{act}'") as told:
            require(user, act)
        assert told.value.code == "people.not_allowed"


def test_closed_accounts_and_visitors_may_nothing() -> None:
    assert not may(person("administrator", is_active=False), "read.figures")
    assert not may(AnonymousUser(), "read.figures")
    with pytest.raises(Refused, match="anonymous visitor"):
        require(AnonymousUser(), "read.figures")


def test_the_operator_may_everything() -> None:
    assert may(None, "people.add_user")
    assert scope_of(None) == Scope.all()


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.IT_FINANCE, Role.AUDITOR])
def test_roles_that_see_everything(role: str) -> None:
    scope = scope_of(person(role))
    assert scope.everything
    assert scope.consumers(date(2025, 1, 1)) is None
    assert scope.holds("anything")


@pytest.mark.usefixtures("organization")
def test_a_budget_owner_sees_her_subtree_as_of_the_day() -> None:
    user = person("budget_owner")
    ConsumerGrant.objects.create(user=user, consumer="Retail")
    scope = scope_of(user)
    assert scope.roots == {"Retail"}
    assert scope.consumers(date(2025, 6, 30)) == {"Retail", "Stores", "Online"}
    assert scope.consumers(date(2025, 7, 1)) == {"Retail", "Stores"}
    assert scope.consumers() == {"Retail", "Stores"}
    assert not scope.holds("Corporate")
    assert scope.holds("Online", date(2025, 1, 31))
    assert scope.to_json() == {"everything": False, "roots": ["Retail"]}


def test_without_a_grant_nothing_is_seen() -> None:
    scope = scope_of(person("budget_owner"))
    assert scope.consumers(date(2025, 1, 1)) == frozenset()


@pytest.mark.parametrize(
    ("start", "end", "seen"), [(-1, 1, True), (None, 0, False), (1, None, False), (0, None, True)]
)
def test_grants_have_days(start: int | None, end: int | None, seen: bool) -> None:
    today = datetime.now(UTC).date()
    user = person("budget_owner")
    ConsumerGrant.objects.create(
        user=user,
        consumer="Retail",
        valid_from=None if start is None else today + timedelta(days=start),
        valid_to=None if end is None else today + timedelta(days=end),
    )
    assert (scope_of(user).roots == {"Retail"}) is seen


def test_a_closed_account_sees_nothing() -> None:
    user = person("budget_owner", is_active=False)
    ConsumerGrant.objects.create(user=user, consumer="Retail")
    assert scope_of(user) == Scope()
