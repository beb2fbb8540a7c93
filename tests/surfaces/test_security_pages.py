"""A hostile visitor: forged forms, led-astray redirects, odd addresses, names made to break out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.stages.report.conftest import company, company_once  # noqa: F401 - fixtures
from tests.surfaces.api.conftest import signed_in  # noqa: F401 - fixture

from bursar.office.people.models import ConsumerGrant, Role, User
from bursar.project.environment import Environment
from bursar.report.documents.cells import safe
from bursar.web import uploads
from bursar.web.downloads import attachment

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
WORD = "pear-tree-77-harbour"


@pytest.fixture
def zed() -> User:
    return User.objects.create_user("zed", "zed@x.org", WORD, role=Role.AUDITOR)


def calm(client: Client) -> Client:
    """A defect becomes the page that a visitor would see."""
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    "target",
    ["//evil.org", "https://evil.org", "/\\evil.org", "javascript:alert(1)", "https:evil", "costs"],
)
def test_nobody_is_led_to_another_site(zed: User, client: Client, target: str) -> None:
    login = {"login": "zed", "password": WORD, "next": target}
    led = [
        calm(client).post(address, form)["Location"]
        for address, form in (
            (reverse("web:theme"), {"theme": "dark", "next": target}),
            (reverse("account_login"), login),
            (reverse("account_logout"), {"next": target}),
        )
    ]
    assert all(re.fullmatch(r"(/|costs)[\w/]*", place) for place in led), led
    assert led[0] == "/"


def test_a_forged_form_is_refused_in_our_looks_and_within_the_policy(zed: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    for address in (reverse("account_login"), reverse("web:theme"), reverse("account_logout")):
        answer = strict.post(address, {"login": "zed", "password": WORD})
        text = answer.content.decode()
        assert answer.status_code == 403
        assert "did not prove that it came from a page" in text
        assert "<style" not in text
        assert "style=" not in text


def test_every_writing_page_wants_the_token(company: object, zed: User) -> None:  # noqa: F811
    User.objects.filter(pk=zed.pk).update(role=Role.ADMINISTRATOR)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(zed, backend="django.contrib.auth.backends.ModelBackend")
    addresses = [
        reverse("web:data_send"),
        reverse("web:data_preview", args=["0" * 32]),
        reverse("web:model_text"),
        reverse("web:model_ask_run"),
        reverse("web:users"),
        reverse("web:user", args=["zed"]),
        reverse("web:user_deactivate", args=["zed"]),
        "/api/v1/imports",
        "/api/v1/model/check",
        "/api/v1/model/versions",
        "/api/v1/runs",
    ]
    assert {address: strict.post(address).status_code for address in addresses} == dict.fromkeys(
        addresses, 403
    )


ACTS = (
    ("/data/files", {}),
    ("/model/run", {"act": "publish"}),
    ("/users/", {"username": "eve"}),
    ("/users/zed", {"role": "administrator"}),
    ("/users/zed/deactivate", {}),
    ("/api/v1/imports", {"files": SimpleUploadedFile("a.csv", b"a,b\n1,2\n")}),
)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.BUDGET_OWNER])
def test_who_only_reads_does_nothing(signed_in: Enter, zed: User, role: Role) -> None:  # noqa: F811
    reader = calm(signed_in(role, "Retail"))
    for address, form in ACTS:
        assert reader.post(address, form).status_code == 403, address
    text = "name: Mine\n"
    for path in ("/api/v1/runs", "/api/v1/model/versions"):
        body = {"text": text, "dry_run": True}
        assert reader.post(path, body, content_type="application/json").status_code == 403, path
    for act in ("apply", "try"):
        answer = reader.post("/model/text", {"text": text, "act": act, "try_period": "2026-01"})
        told = answer.content.decode()
        assert answer.status_code == 403 or "may not do" in told
    zed.refresh_from_db()
    assert zed.is_active
    assert zed.role == Role.AUDITOR
    assert not User.objects.filter(username="eve").exists()


def test_it_finance_manages_no_users(signed_in: Enter, zed: User) -> None:  # noqa: F811
    finance = signed_in(Role.IT_FINANCE)
    for address, form in ACTS[2:5]:
        assert finance.post(address, form).status_code == 403, address
        assert finance.get(address).status_code in (403, 405), address
    assert User.objects.get(pk=zed.pk).role == Role.AUDITOR


def test_what_one_may_is_asked_at_every_request(signed_in: Enter) -> None:  # noqa: F811
    olga = signed_in(Role.AUDITOR)
    user = User.objects.get(pk=olga.session["_auth_user_id"])
    assert olga.get("/api/v1/balance").status_code == 200
    User.objects.filter(pk=user.pk).update(role=Role.BUDGET_OWNER)
    assert olga.get("/api/v1/balance").status_code == 403
    assert olga.get("/api/v1/costs").json()["rows"] == []  # no grant, no figure
    grant = ConsumerGrant.objects.create(user=user, consumer="Retail")
    assert olga.get("/api/v1/costs").json()["rows"]
    grant.valid_to = "2020-01-01"
    grant.save()
    assert olga.get("/api/v1/costs").json()["rows"] == []
    assert olga.get("/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert olga.get("/api/v1/costs").status_code == 401
    assert olga.get("/costs/")["Location"].startswith("/accounts/login/")


def test_a_new_password_ends_other_sessions(zed: User) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        client.post(reverse("account_login"), {"login": "zed", "password": WORD})
        assert client.get(reverse("web:help")).status_code == 200
    new = {
        "oldpassword": WORD,
        "password1": "apple-tree-88-quay",
        "password2": "apple-tree-88-quay",
    }
    here.post(reverse("account_change_password"), new)
    assert here.get(reverse("web:help")).status_code == 200
    assert there.get(reverse("web:help")).status_code == 302


def test_signing_in_gives_a_new_session(zed: User, client: Client) -> None:
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    client.post(reverse("account_login"), {"login": "zed", "password": WORD})
    assert client.cookies["sessionid"].value != before
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.fixture
def forgotten() -> Iterator[None]:
    """What was counted against the address of all tests is forgotten."""
    cache.clear()
    yield
    cache.clear()


@pytest.mark.usefixtures("forgotten")
def test_names_are_tried_from_one_address_only_so_often(client: Client) -> None:
    said = {"X-Forwarded-For": "203.0.113.7"}  # anybody can say so
    for number in range(40):
        form = {"login": f"user{number}", "password": "x"}
        said["X-Forwarded-For"] = f"203.0.113.{number}"
        answer = client.post(reverse("account_login"), form, headers=said)
    assert answer.status_code == 429
    assert "<style" not in answer.content.decode()


def test_a_message_leads_to_no_other_host(zed: User, client: Client, mailoutbox: list) -> None:
    reset = reverse("account_reset_password")
    assert (
        client.post(reset, {"email": "zed@x.org"}, headers={"Host": "evil.org"}).status_code == 400
    )
    client.post(reset, {"email": "zed@x.org"}, headers={"X-Forwarded-Host": "evil.org"})
    (message,) = mailoutbox
    assert "evil" not in message.body


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/overview?period=1",
        "/api/v1/overview?period=%00&currency=%27",
        "/api/v1/lines?offset=99999999999999999999999",
        "/api/v1/model?number=99999999999999999999999",
        "/api/v1/drivers?period=0000-00",
        "/api/v1/costs?by=%22%3B--&where=tag.%22%3D1",
        "/costs/lines?page=99999999&tag.%22x%22=%27",
        "/costs/?by=%22&across=%27&sort=%3B",
        "/trace?period=0000-00&consumer=%27",
        "/search?q=%25%27%22%3B--",
        "/data/batches/..%2F..%2Fetc",
        "/data/imports/..%2Fx/rejected.csv",
        "/statements/%00/pdf",
        "/lines/b-99999999999999999999999",
    ],
)
def test_odd_addresses_are_answered_calmly(signed_in: Enter, address: str) -> None:  # noqa: F811
    for person in (signed_in(Role.ADMINISTRATOR), signed_in(Role.BUDGET_OWNER, "Retail")):
        answer = calm(person).get(address)
        assert answer.status_code < 500
        assert b"Traceback" not in answer.getvalue()


@pytest.mark.parametrize(
    "name", ['a"; filename="b.exe', "a\r\nSet-Cookie: x=1", "../../etc", "é/ü", ""]
)
def test_a_file_s_name_stays_in_its_header(name: str) -> None:
    told = attachment("x", name=name, kind="csv")["Content-Disposition"]
    plain = told.removeprefix('attachment; filename="').removesuffix('.csv"')
    assert plain
    assert set(plain) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
    assert not plain.startswith(".")


@pytest.mark.parametrize("sign", "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
def test_no_text_becomes_a_formula(sign: str) -> None:
    assert safe(f"{sign}cmd|'/c calc'!A1").startswith("'")


def test_parts_of_one_name_are_all_kept(settings: object, tmp_path: Path) -> None:
    settings.BURSAR_HOME = tmp_path  # type: ignore[attr-defined]
    parts = [SimpleUploadedFile("part.csv", text) for text in (b"one", b"two", b"three")]
    parts.append(SimpleUploadedFile("\N{GRINNING FACE}" * 200 + ".csv", b"four"))
    kept = uploads.kept(uploads.keep(parts))
    assert {path.read_bytes() for path in kept} == {b"one", b"two", b"three", b"four"}
    assert {path.suffix for path in kept} == {".csv"}


def test_a_large_body_is_refused_before_it_is_kept(
    signed_in: Enter,  # noqa: F811
    client: Client,
) -> None:
    large = {"CONTENT_LENGTH": str(10**12)}
    for person in (client, signed_in(Role.BUDGET_OWNER, "Retail"), signed_in(Role.IT_FINANCE)):
        for address in (reverse("account_login"), reverse("web:data_send"), "/api/v1/imports"):
            answer = person.post(address, {"login": "x"}, **large)
            assert answer.status_code == 413, address
            assert "upload.too_large" in answer.content.decode()


def test_behind_a_proxy_that_speaks_https_forms_still_work(settings: object, zed: User) -> None:
    names = [".bursar.example", "localhost", "*"]
    told = Environment(https=True, allowed_hosts=names).trusted_origins
    assert told == ["https://*.bursar.example", "https://localhost"]
    assert Environment(https=False).trusted_origins == []
    settings.CSRF_TRUSTED_ORIGINS = told  # type: ignore[attr-defined]
    strict = Client(enforce_csrf_checks=True)
    form = {"login": "zed", "password": WORD, "csrfmiddlewaretoken": token(strict)}
    for origin, status in (("https://evil.org", 403), ("https://localhost", 302)):
        answer = strict.post(reverse("account_login"), form, headers={"Origin": origin})
        assert answer.status_code == status


def token(client: Client) -> str:
    """What the form on the sign-in page proves itself with."""
    text = client.get(reverse("account_login")).content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
    assert found
    return found[1]
