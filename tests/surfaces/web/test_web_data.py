"""The Data page: send a file, look at it, import it, and find what was rejected or unmapped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.stages.record.bills import bill

from bursar.flow.models import Job
from bursar.office.people.models import Role, User
from bursar.record import queries
from bursar.record.models import Batch
from bursar.web import uploads

pytestmark = pytest.mark.django_db
ROWS = [{}, {"BilledCost": "2.5"}, {"BilledCost": "=1+1"}]


def client_of(role: Role) -> Client:
    user = User.objects.create(username=role, email=f"{role}@x.org", role=role)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def finance(home: Path) -> Client:
    return client_of(Role.IT_FINANCE)


def send(client: Client, *files: Path) -> str:
    """Send files as the form does; returns the address of their preview."""
    sent = [SimpleUploadedFile(path.name, path.read_bytes()) for path in files]
    answer = client.post(reverse("web:data_send"), {"files": sent})
    assert answer.status_code == 302, answer.content
    return answer["Location"]


def imported(client: Client, path: Path, **form: str) -> str:
    """Import a file through the pages; returns what the last page says."""
    answer = client.post(send(client, path), form, follow=True)
    return answer.content.decode()


def test_a_file_goes_from_the_field_to_its_batch(finance: Client, tmp_path: Path) -> None:
    path = bill(tmp_path / "march.csv", ROWS)
    preview = send(finance, path)
    text = finance.get(preview).content.decode()
    for told in ("march.csv", "focus", "billed_cost", "=1+1", "nothing is recorded yet"):
        assert told in text
    assert Batch.objects.count() == 0

    answer = finance.post(preview, {"source": ""}, follow=True).content.decode()
    [batch] = queries.batches()
    assert "Imported: 2 of 3 rows" in answer
    assert batch["batch_id"] in answer
    assert batch["imported_by"] == "it_finance"
    assert batch["source"] in finance.get(reverse("web:data")).content.decode()
    assert not list((tmp_path / "home" / "uploads").iterdir())

    shown = finance.get(reverse("web:data_batch", args=[batch["batch_id"]])).content.decode()
    assert "3.5" in shown
    assert "2 accepted, 1 rejected" in shown


def test_the_same_file_again_says_that_nothing_changed(finance: Client, tmp_path: Path) -> None:
    path = bill(tmp_path / "march.csv", [{}])
    imported(finance, path)
    assert "Nothing changed" in imported(finance, path)
    assert Batch.objects.count() == 1


def test_a_named_source_and_what_it_replaces(finance: Client, tmp_path: Path) -> None:
    imported(finance, bill(tmp_path / "a.csv", [{}]), source="cloud")
    imported(finance, bill(tmp_path / "b.csv", [{}, {}]), source="cloud")
    old, new = queries.batches()
    page = finance.get(reverse("web:data")).content.decode()
    assert new["batch_id"] in page
    assert old["batch_id"] not in page
    page = finance.get(reverse("web:data"), {"replaced": "1"}).content.decode()
    assert old["batch_id"] in page
    listed = finance.get(reverse("web:data"), {"replaced": "1", "as": "json"}).json()
    assert [b["batch_id"] for b in listed["batches"]] == [old["batch_id"], new["batch_id"]]
    shown = finance.get(reverse("web:data_batch", args=[new["batch_id"]])).content.decode()
    assert old["batch_id"] in shown


def test_rejected_rows_are_saved_as_text(finance: Client, tmp_path: Path) -> None:
    imported(finance, bill(tmp_path / "a.csv", ROWS))
    token = queries.batches()[0]["import_token"]
    answer = finance.get(reverse("web:data_rejected", args=[token]))
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0] == "file,row,column,code,message,raw"
    assert len(lines) == 2
    assert lines[1].endswith(",'=1+1")
    assert "attachment" in answer["Content-Disposition"]


def test_several_parts_are_one_import(finance: Client, tmp_path: Path) -> None:
    parts = [bill(tmp_path / f"{n}.csv", [{"BilledCost": n}]) for n in "12"]
    finance.post(send(finance, *parts), {})
    [batch] = queries.batches()
    assert batch["totals"][0]["billed_cost"] == "3"


def test_a_file_that_is_no_bill_is_refused_with_words(finance: Client, tmp_path: Path) -> None:
    path = tmp_path / "photo.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    preview = send(finance, path)
    answer = finance.get(preview)
    assert answer.status_code == 422
    assert "import." in answer.content.decode()
    assert finance.get(preview).status_code == 404


def test_a_refused_import_tells_why_and_records_nothing(finance: Client, tmp_path: Path) -> None:
    imported(finance, bill(tmp_path / "a.csv", [{}]))
    other = bill(tmp_path / "b.csv", [{"ServiceProviderName": "Reseller"}])
    text = imported(finance, other)
    assert "import.source_overlap" in text
    assert "Nothing was recorded" in text
    assert Batch.objects.count() == 1


def test_a_running_import_asks_again_by_itself(finance: Client) -> None:
    user = User.objects.get(username="it_finance")
    waiting = Job.objects.create(
        token="t1",
        act="record.import_files",
        asked_by=user,
        asked_at="2025-03-05T00:00:00Z",
        state="running",
        progress="12,000 rows",
        arguments={"paths": ["/nowhere/a.csv"]},
    )
    here = reverse("web:data_job", args=["t1"])
    assert "12,000 rows" in finance.get(here).content.decode()
    part = finance.get(here, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith("<section")
    assert 'hx-trigger="every 1s"' in part
    waiting.state, waiting.outcome = "done", {"rows_read": 1, "rows_accepted": 1, "batches": []}
    waiting.save()
    assert finance.get(here, headers={"HX-Request": "true"})["HX-Redirect"] == here


def test_throwing_a_file_away(finance: Client, tmp_path: Path) -> None:
    preview = send(finance, bill(tmp_path / "a.csv", [{}]))
    assert finance.post(preview, {"discard": "1"})["Location"] == reverse("web:data")
    assert finance.get(preview).status_code == 404


def test_uploads_keep_their_name_but_never_a_path(home: Path) -> None:
    names = ["../../etc/passwd", "C:\\bills\\a b.csv", "...", "ü;|.csv"]
    token = uploads.keep([SimpleUploadedFile("x", b"1")])
    assert [p.name for p in uploads.kept(token)] == ["x"]
    assert [uploads._safe_name(name, 0) for name in names] == [
        "passwd",
        "C__bills_a b.csv",
        "file-0",
        "ü__.csv",
    ]
    for token in ("", "..", "0" * 31, "../" + "0" * 29):
        with pytest.raises(uploads.UploadGone):
            uploads.kept(token)


def test_old_uploads_are_forgotten(home: Path) -> None:
    token = uploads.keep([SimpleUploadedFile("x", b"1")])
    os.utime(home / "uploads" / token, (0, 0))
    uploads.keep([SimpleUploadedFile("y", b"1")])
    with pytest.raises(uploads.UploadGone):
        uploads.kept(token)


def test_a_form_without_a_file_is_refused(finance: Client) -> None:
    answer = finance.post(reverse("web:data_send"), {})
    assert answer.status_code == 422
    assert "upload.empty" in answer.content.decode()


def test_the_unmapped_queue_is_sorted_by_money(finance: Client, tmp_path: Path) -> None:
    rows = [{"ServiceName": "Small"}, {"ServiceName": "Large", "EffectiveCost": "900"}]
    imported(finance, bill(tmp_path / "a.csv", rows))
    for route in ("web:data", "web:data_unmapped"):
        text = finance.get(reverse(route)).content.decode()
        assert 0 < text.index("Large") < text.index("Small")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.BUDGET_OWNER])
def test_who_may_not_import_is_kept_out(home: Path, role: Role, tmp_path: Path) -> None:
    client = client_of(role)
    assert client.post(reverse("web:data_send"), {}).status_code == 403
    assert client.get(reverse("web:data_preview", args=["0" * 32])).status_code == 403
    assert client.get(reverse("web:data_job", args=["x"])).status_code == 403
    reads = role == Role.AUDITOR
    assert client.get(reverse("web:data")).status_code == (200 if reads else 403)
    assert client.get(reverse("web:data_unmapped")).status_code == (200 if reads else 403)
    if reads:
        assert "Drop files here" not in client.get(reverse("web:data")).content.decode()


def test_a_batch_against_the_list_of_invoices(finance: Client, tmp_path: Path) -> None:
    imported(finance, bill(tmp_path / "a.csv", [{"InvoiceId": "INV-7", "BilledCost": "1.25"}]))
    page = reverse("web:data_batch", args=[queries.batches()[0]["batch_id"]])
    assert "list of invoices" not in finance.get(page).content.decode()
    listed = tmp_path / "invoices.csv"
    listed.write_text(
        "InvoiceId,InvoiceDetailId,BilledCost,BillingCurrency,BillingPeriodStart,ChargeCategory,"
        "InvoiceIssueStatus,InvoiceIssuerName\nINV-7,1,1.25,EUR,2025-03-01,Usage,Issued,AWS\n"
    )
    imported(finance, listed)
    shown = finance.get(page).content.decode()
    assert "list of invoices" in shown
    assert "Agrees" in shown
    assert finance.get("/api/v1/invoices").json()["invoices"][0]["state"] == "agrees"
    assert finance.get("/api/v1/commitments").json()["commitments"] == []
