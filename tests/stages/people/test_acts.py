"""Acts on users: what they change, what they write down and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from bursar.core.refusal import Refused
from bursar.office.journal.models import Entry
from bursar.office.people.actions.add_user import add_user
from bursar.office.people.actions.change_role import change_role
from bursar.office.people.actions.deactivate_user import deactivate_user
from bursar.office.people.actions.grant_consumers import grant_consumers
from bursar.office.people.actions.set_password import set_password
from bursar.office.people.actions.set_up_administrator import (
    set_up_administrator,
    setup_token,
    token_is_right,
)
from bursar.office.people.models import User
from bursar.office.people.queries import user_json, user_named, users
from bursar.office.reference.models import Layer, Member

PASSWORD = "violet-anchor-52"

pytestmark = pytest.mark.django_db


def make(username: str = "anna", role: str = "it_finance", **more: object) -> User:
    return add_user(
        acting_user=None,
        username=username,
        email=f"{username}@example.org",
        role=role,
        password=PASSWORD,
        **more,
    )


def refusal(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda refused: refused.code == code)


def test_a_new_user_can_sign_in_and_is_in_the_journal() -> None:
    Member.objects.create(layer=Layer.CONSUMER, name="Retail")
    user = make(name="Anna Smith", consumers=["Retail"], role="budget_owner")
    assert user.check_password(PASSWORD)
    assert user_json(user) == {
        "username": "anna",
        "name": "Anna Smith",
        "email": "anna@example.org",
        "role": "budget_owner",
        "active": True,
        "consumers": ["Retail"],
    }
    entry = Entry.objects.get()
    assert (entry.act, entry.subject, entry.actor) == ("people.add_user", "anna", "system")
    assert PASSWORD not in str(entry.detail)


def test_a_user_without_a_password_cannot_sign_in_yet() -> None:
    user = add_user(acting_user=None, username="bob", email="b@example.org", role="auditor")
    assert not user.has_usable_password()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"role": "boss"}, "people.unknown_role"),
        ({"username": "two words"}, "people.bad_user"),
        ({"email": "nobody"}, "people.bad_user"),
        ({"username": "ANNA"}, "people.user_exists"),
        ({"email": "ANNA@example.org"}, "people.user_exists"),
        ({"username": "system"}, "people.user_exists"),
        ({"password": "short"}, "people.weak_password"),
        ({"password": "newperson1"}, "people.weak_password"),
        ({"consumers": ["Nowhere"]}, "people.unknown_consumer"),
    ],
)
def test_a_new_user_is_refused_and_nothing_stays(change: dict[str, object], code: str) -> None:
    make("anna")
    given: dict[str, object] = {
        "username": "newperson",
        "email": "new@example.org",
        "role": "auditor",
        "password": PASSWORD,
    }
    with refusal(code):
        add_user(acting_user=None, **{**given, **change})
    assert User.objects.count() == 1
    assert Entry.objects.count() == 1


def test_only_administrators_manage_users() -> None:
    finance, administrator = make("fin"), make("adm", "administrator")
    with refusal("people.not_allowed"):
        change_role(acting_user=finance, user=finance, role="administrator")
    with refusal("people.not_allowed"):
        set_password(acting_user=finance, user=administrator, password=PASSWORD)
    with refusal("people.not_allowed"):
        grant_consumers(acting_user=finance, user=finance, consumers=[])
    with refusal("people.not_allowed"):
        deactivate_user(acting_user=finance, user=administrator)
    change_role(acting_user=administrator, user=finance, role="auditor")
    assert user_named("fin").role == "auditor"


def test_everybody_sets_their_own_password() -> None:
    user = make(role="budget_owner")
    set_password(acting_user=user, user=user, password="another-anchor-53")
    assert user_named("anna").check_password("another-anchor-53")
    with refusal("people.weak_password"):
        set_password(acting_user=user, user=user, password="password12")


def test_the_last_administrator_stays() -> None:
    first = make("first", "administrator")
    with refusal("people.last_administrator"):
        deactivate_user(acting_user=first, user=first)
    with refusal("people.last_administrator"):
        change_role(acting_user=first, user=first, role="auditor")
    second = make("second", "administrator")
    deactivate_user(acting_user=second, user=first)
    assert not user_named("first").is_active
    written = Entry.objects.count()
    deactivate_user(acting_user=second, user=first)
    change_role(acting_user=second, user=second, role="administrator")
    assert Entry.objects.count() == written, "what changes nothing is not an act"


def test_grants_are_replaced_as_a_whole() -> None:
    for name in ("Retail", "Online"):
        Member.objects.create(layer=Layer.CONSUMER, name=name)
    user = make(role="budget_owner", consumers=["Retail"])
    assert grant_consumers(acting_user=None, user=user, consumers=["Online"]) == ["Online"]
    assert [grant.consumer for grant in user.grants.all()] == ["Online"]
    with refusal("people.unknown_consumer"):
        grant_consumers(acting_user=None, user=user, consumers=["Onlin"])
    assert [grant.consumer for grant in user.grants.all()] == ["Online"]
    assert Entry.objects.last().detail == {"before": ["Retail"], "after": ["Online"]}


def test_an_unknown_user_is_refused_with_the_way_out() -> None:
    make()
    with refusal("people.unknown_user"):
        user_named("nobody")
    assert [user.username for user in users()] == ["anna"]


def test_the_first_administrator_uses_the_link_once(
    home: Path, django_capture_on_commit_callbacks
) -> None:
    token = setup_token()
    assert token is not None
    assert setup_token() == token, "a second start prints the same link"
    assert (home / "setup-token").stat().st_mode & 0o777 == 0o600
    assert token_is_right(token)
    assert not token_is_right(token + "x")
    given = {"username": "anna", "email": "a@example.org", "password": PASSWORD}
    with refusal("people.setup_closed"):
        set_up_administrator(token="wrong", **given)
    with refusal("people.weak_password"):
        set_up_administrator(token=token, **{**given, "password": "short"})
    with django_capture_on_commit_callbacks(execute=True):
        user = set_up_administrator(token=token, **given)
    assert user.role == "administrator"
    assert not (home / "setup-token").exists()
    assert setup_token() is None
    with refusal("people.setup_closed"):
        set_up_administrator(token=token, **{**given, "username": "eve"})
