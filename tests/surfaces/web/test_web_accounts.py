"""Signing in, being kept out, and giving others access."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import get_resolver, reverse

from bursar.office.journal.queries import entries
from bursar.office.people.actions.add_user import add_user
from bursar.office.people.actions.set_up_administrator import setup_token
from bursar.office.people.models import User
from bursar.office.reference.models import Member

WORD = "apple-tree-41-harbour"
pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return add_user(
        acting_user=None, username="ada", email="ada@x.org", role="administrator", password=WORD
    )


@pytest.fixture
def signed_in(ada: User, client: Client) -> Client:
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    return client


def sign_in(client: Client, login: str, password: str) -> Any:
    return client.post(reverse("account_login"), {"login": login, "password": password})


def plain_routes() -> list[str]:
    """Every page whose address needs no argument."""
    found = []
    for pattern in get_resolver().url_patterns:
        for inner in getattr(pattern, "url_patterns", [pattern]):
            for leaf in getattr(inner, "url_patterns", [inner]):
                text = str(pattern.pattern) + str(getattr(inner, "pattern", ""))
                text += "" if leaf is inner else str(leaf.pattern)
                if "<" not in text and "(" not in text:
                    found.append("/" + text)
    return sorted(set(found))


def test_a_stranger_sees_nothing_but_the_sign_in_page(client: Client) -> None:
    checked = 0
    for path in plain_routes():
        if path.startswith(("/accounts/", "/api/", "/assets/", "/theme", "/static/")):
            continue
        answer = client.get(path)
        assert answer.status_code in (302, 405), path
        if answer.status_code == 302:
            assert answer["Location"].startswith("/accounts/login/"), path
            checked += 1
    assert checked >= 5


def test_a_partial_load_is_sent_to_the_sign_in_page_as_a_whole(client: Client) -> None:
    answer = client.get(reverse("web:help"), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/accounts/login/")


@pytest.mark.parametrize("login", ["ada", "ada@x.org"])
def test_name_and_address_both_sign_in(ada: User, client: Client, login: str) -> None:
    assert sign_in(client, login, WORD)["Location"] == "/"


def test_a_wrong_password_says_so_and_signs_nobody_in(ada: User, client: Client) -> None:
    answer = sign_in(client, "ada", "not-it-at-all")
    assert answer.status_code == 200
    assert "not correct" in answer.content.decode()
    assert client.get(reverse("web:help")).status_code == 302


def test_guessing_is_locked_out(ada: User, client: Client) -> None:
    for _ in range(8):
        answer = sign_in(client, "ada", "a-wrong-guess")
    assert answer.status_code == 429
    assert "people.locked_out" in answer.content.decode()
    assert sign_in(client, "ada", WORD).status_code == 429


def test_nobody_signs_up(client: Client) -> None:
    text = client.get(reverse("account_signup")).content.decode()
    assert "Accounts are given" in text
    client.post(
        reverse("account_signup"),
        {"username": "eve", "email": "eve@x.org", "password1": WORD, "password2": WORD},
    )
    assert not User.objects.exists()


def test_a_forgotten_password_is_reset_by_a_link(ada: User, client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": "ada@x.org"})
    (message,) = mail.outbox
    link = next(word for word in str(message.body).split() if "/password/reset/key/" in word)
    path = "/" + link.split("/", 3)[3]
    form = client.get(path, follow=True)
    target = form.redirect_chain[-1][0]
    new = "pear-tree-77-harbour"
    done = client.post(target, {"password1": new, "password2": new}, follow=True)
    assert "The password is set" in done.content.decode()
    client.logout()
    assert sign_in(client, "ada", new)["Location"] == "/"


def test_signing_out_needs_a_post(signed_in: Client) -> None:
    assert "Do you want to sign out" in signed_in.get(reverse("account_logout")).content.decode()
    signed_in.post(reverse("account_logout"))
    assert signed_in.get(reverse("web:help")).status_code == 302


def test_the_first_administrator_sets_herself_up_once(client: Client, home: Path) -> None:
    address = reverse("web:set_up", args=[setup_token()])
    fields = {"username": "ada", "email": "ada@x.org", "password": "short", "name": "Ada Lind"}
    refused = client.post(address, fields)
    assert "at least 10 characters" in refused.content.decode()
    assert not User.objects.exists()
    assert client.post(address, {**fields, "password": WORD}).status_code == 302
    assert User.objects.get().role == "administrator"
    again = client.get(address)
    assert again.status_code == 422
    assert "people.setup_closed" in again.content.decode()


def test_a_wrong_set_up_link_is_refused(client: Client, home: Path) -> None:
    setup_token()
    assert client.get(reverse("web:set_up", args=["guess"])).status_code == 422
    assert not User.objects.exists()


def test_an_administrator_adds_changes_and_closes(signed_in: Client) -> None:
    Member.objects.create(layer="consumer", name="Retail")
    fields = {"username": "olga", "email": "olga@x.org", "role": "budget_owner"}
    signed_in.post(reverse("web:users"), {**fields, "consumers": ["Retail"]})
    olga = User.objects.get(username="olga")
    assert [grant.consumer for grant in olga.grants.all()] == ["Retail"]
    assert not olga.has_usable_password()
    listed = signed_in.get(reverse("web:users")).content.decode()
    assert "olga" in listed
    signed_in.post(reverse("web:user", args=["olga"]), {"role": "auditor"})
    olga.refresh_from_db()
    assert (olga.role, olga.grants.count()) == ("auditor", 0)
    signed_in.post(reverse("web:user_deactivate", args=["olga"]))
    olga.refresh_from_db()
    assert not olga.is_active
    acts = list(entries(subject="olga").values_list("act", flat=True))
    assert acts[0] == "people.deactivate_user"
    assert acts[-1] == "people.add_user"


def test_a_taken_name_is_told_beside_the_form(signed_in: Client) -> None:
    fields = {"username": "ada", "email": "other@x.org", "role": "auditor"}
    text = signed_in.post(reverse("web:users"), fields).content.decode()
    assert "There is a user &#x27;ada&#x27; already" in text


def test_the_last_administrator_stays(signed_in: Client) -> None:
    answer = signed_in.post(reverse("web:user_deactivate", args=["ada"]))
    assert answer.status_code == 422
    assert "people.last_administrator" in answer.content.decode()


@pytest.mark.parametrize("role", ["it_finance", "budget_owner", "auditor"])
def test_only_administrators_see_users(client: Client, role: str) -> None:
    user = add_user(acting_user=None, username="u", email="u@x.org", role=role, password=WORD)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("web:users")).status_code == 403
    assert "/users/" not in client.get(reverse("web:help")).content.decode()


def test_the_journal_is_for_auditors_and_says_the_chain_is_whole(client: Client) -> None:
    user = add_user(acting_user=None, username="u", email="u@x.org", role="auditor", password=WORD)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get(reverse("web:journal")).content.decode()
    assert "Chain whole" in text
    assert "people.add_user" in text
    filtered = client.get(reverse("web:journal"), {"act": "record."}).content.decode()
    assert "No entry matches" in filtered
    assert client.get(reverse("web:journal"), {"as": "json"}).json()["entries"][0]["seq"] == 1
    user.role = "budget_owner"
    user.save()
    assert client.get(reverse("web:journal")).status_code == 403


def test_the_theme_is_kept_and_no_other_site_is_led_to(client: Client) -> None:
    answer = client.post(reverse("web:theme"), {"theme": "dark", "next": "https://evil.example/"})
    assert answer["Location"] == "/"
    assert answer.cookies["theme"].value == "dark"
    page = client.get(reverse("account_login")).content.decode()
    assert 'data-theme="dark"' in page


def test_unknown_addresses_and_odd_themes_stay_calm(signed_in: Client) -> None:
    answer = signed_in.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no page at this address" in answer.content.decode()
    signed_in.cookies["theme"] = '"><script>'
    assert 'data-theme="auto"' in signed_in.get(reverse("web:help")).content.decode()


def test_the_policy_is_strict_and_no_page_asks_for_more(signed_in: Client) -> None:
    answer = signed_in.get(reverse("web:help"))
    policy = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert answer["Cache-Control"] == "private, no-store"


def test_the_chart_library_is_made_once_and_kept_by_browsers(client: Client, home: Path) -> None:
    from bursar.web.assets import CHART_BUNDLE

    address = reverse("web:chart_bundle", args=[CHART_BUNDLE])
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert "immutable" in answer["Cache-Control"]
    answer.close()
    plain = b"".join(client.get(address).streaming_content)  # type: ignore[attr-defined]
    assert b"vegaEmbed" in plain
    assert client.get(reverse("web:chart_bundle", args=["vega-0.js"])).status_code == 404
