"""Pages of registers: found, entered, changed, read from tables, retired, and what is due."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.stages.record.vouchers import enter

from bursar.office.people.models import Role, User
from bursar.record.actions.keep_records import keep_records
from bursar.record.models import RegisterImport, RegisterRecord
from bursar.record.registers import spreading
from bursar.record.registers.writing import Entry

pytestmark = pytest.mark.django_db(transaction=True)
ASSET = {"name": "Server", "purchase_date": "2026-01-10", "purchase_cost": "1200",
         "currency": "EUR", "useful_life_months": "12"}  # fmt: skip


@pytest.fixture(autouse=True)
def half_a_year(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for month in (1, 6):
        enter("100", date=date(2026, month, 5))
    monkeypatch.setattr(spreading.timezone, "localdate", lambda: date(2026, 6, 15))


def signed_in(role: Role = Role.IT_FINANCE) -> Client:
    user = User.objects.create_user(role, f"{role}@example.test", "p", role=role)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def keep(*entries: Entry, register: str = "asset") -> None:
    keep_records(acting_user=None, register=register, entries=entries)


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_lists_are_filtered_grouped_sorted_and_exported() -> None:
    keep(*(Entry(f"S{n}", {**ASSET, "asset_class": f"K{n % 2}", "location": "Bonn"})
           for n in range(3)), Entry("B", {**ASSET, "location": "Ulm"}))  # fmt: skip
    finn = signed_in()
    assert finn.get("/registers/")["Location"] == "/registers/assets/"
    page = text(finn.get("/registers/assets/", {"asset_class": "K0", "group": "location"}))
    assert ("S0" in page, "S1" in page, ">Bonn<" in page) == (True, False, True)
    assert "2,400.00" in page  # the sum of the group
    page = text(finn.get("/registers/assets/", {"order": "-name", "search": "ulm"}))
    assert ">B</a>" in page
    out = finn.get("/registers/assets/", {"as": "csv", "location": "Ulm"})
    assert out.content.decode().splitlines()[1].startswith("B,Server")
    assert finn.get("/registers/assets/", {"as": "xlsx"}).content.startswith(b"PK")
    assert "No record is like that" in text(finn.get("/registers/assets/", {"search": "zz"}))
    for name in ("contracts", "positions", "rate_cards", "time_entries", "asset_classes"):
        assert "Nothing is kept here yet" in text(finn.get(f"/registers/{name}/"))
    assert finn.get("/registers/chairs/").status_code == 404


def test_one_is_entered_changed_and_shown_with_its_history() -> None:
    finn = signed_in()
    form = {**ASSET, "number": "S/1", "changes.0.date": "2026-03-01", "changes.0.kind": "transfer",
            "changes.0.cost_center": "77"}  # fmt: skip
    made = finn.post("/registers/assets/new", form)
    assert (made.status_code, made["Location"]) == (302, "/registers/assets/record/S/1")
    page = text(finn.get("/registers/assets/record/S/1"))
    assert all(told in page for told in ("Book value", "100.00", "vega", "Cost center", "77"))
    wrong = finn.post("/registers/assets/new", {**ASSET, "residual_value": "1300"})
    assert wrong.status_code == 422
    assert "above the cost" in wrong.content.decode()
    assert 'value="1300"' in wrong.content.decode()
    again = finn.post("/registers/assets/new", {**ASSET, "number": "S/1"})
    assert "kept already" in again.content.decode()
    edit = {"name": "Server", "useful_life_months": "24", "seen_version": "1", "reason": "lasts"}
    finn.post("/registers/assets/edit/S/1", {**form, **edit})
    page = text(finn.get("/registers/assets/record/S/1"))
    assert "Useful life: 12 → 24" in page
    assert "lasts" in page
    late = finn.post("/registers/assets/edit/S/1", {**form, "name": "X", "seen_version": "1"})
    assert "was changed by" in late.content.decode()
    held = RegisterRecord.objects.get(number="S/1")
    assert (held.version, held.content["useful_life_months"]) == (2, "24")
    assert held.content["changes"][0]["cost_center"] == "77"


def test_a_record_leads_to_cost_lines_and_to_the_journal() -> None:
    keep(Entry("S1", ASSET))
    keep(Entry("C1", {"name": "Suite", "start": "2026-01-01", "end": "2026-08-31", "amount": "800",
                      "currency": "EUR"}), register="contract")  # fmt: skip
    finn = signed_in()
    page = text(finn.get("/registers/assets/record/S1"))
    [lines] = re.findall(r'href="([^"]+)">Cost lines of assets', page)
    [journal] = re.findall(r'href="([^"]+)">Journal', page)
    found = text(finn.get(unescape(lines)))
    assert "Depreciation: Server" in found
    assert "Suite" not in found
    assert "Suite" in text(finn.get(unescape(lines).replace("source=assets", "source=contracts")))
    assert "record.keep_records" in text(finn.get(unescape(journal)))


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "evil"])
def test_forms_lead_back_to_registers_only(back: str) -> None:
    finn = signed_in()
    for path in ("assets/bulk", "spread"):
        done = finn.post(f"/registers/{path}", {"back": back, "through": "2026-06"})
        assert (done.status_code, done["Location"][:11]) == (302, "/registers/"), path


def test_many_are_changed_retired_and_withdrawn_at_once() -> None:
    keep(*(Entry(f"S{n}", ASSET) for n in range(4)))
    finn = signed_in()

    def act(**told: Any) -> str:
        done = finn.post("/registers/assets/bulk", told, follow=True)
        return str(done.content.decode())

    chosen = ["S0", "S1"]
    assert "2 changed" in act(act="set", field="cost_center", value="7", number=chosen)
    assert "2 retired" in act(act="retire", date="2026-04-10", proceeds="99.99", number=chosen)
    page = text(finn.get("/registers/assets/record/S0"))
    assert "-849.99" in page or "-850.00" in page or "-850.01" in page
    assert "Say why" in act(act="withdraw", number=["S2"])
    assert "1 withdrawn" in act(act="withdraw", number=["S2"], reason="twice")
    assert "Nothing was chosen" in act(act="withdraw", reason="x")
    assert "no number" not in act(act="retire", date="2025-01-01", number=["S3"])
    assert RegisterRecord.objects.get(number="S3").version == 1
    assert "S2" in text(finn.get("/registers/assets/", {"withdrawn": "yes"}))


def test_a_table_is_looked_at_imported_and_undone() -> None:
    finn = signed_in()
    content = b"Tag,Name,Bought,Price,Colour\nL1,Laptop,2/3/26,1800,red\nL2,,2/3/26,1,\n"
    sent = finn.post("/registers/assets/send", {"files": SimpleUploadedFile("fleet.csv", content)})
    look = sent["Location"]
    asked = finn.get(look)
    assert asked.status_code == 422
    assert "day first" in asked.content.decode()
    told = {"dates": "month-first", "set-useful_life_months": "36", "set-currency": "EUR"}
    page = text(finn.post(look, {**told, "look": "yes"}))
    assert all(t in page for t in ("<strong>1</strong> entered", "record.field_missing", "Colour"))
    assert RegisterRecord.objects.count() == 0
    assert RegisterImport.objects.count() == 0
    done = finn.post(look, {**told, "import": "yes"}, follow=True)
    page = text(done)
    assert "<strong>1</strong> rejected" in page
    [made] = RegisterImport.objects.all()
    rejected = finn.get(f"/registers/imports/{made.token}", {"as": "csv"}).content.decode()
    assert rejected.splitlines()[1].startswith("3,[record.field_missing]")
    assert "fleet.csv" in text(finn.get("/registers/assets/imports"))
    assert "fleet.csv" in text(finn.get("/registers/assets/record/L1"))
    page = text(finn.post(f"/registers/imports/{made.token}/undo", {"reason": "no"}, follow=True))
    assert "Undone" in page
    gone = finn.get(look)
    assert gone.status_code == 404
    nowhere = finn.get("/registers/imports/none")
    assert nowhere.status_code == 404
    again = finn.post("/registers/assets/send", {"files": SimpleUploadedFile("x.csv", content)})
    assert finn.post(again["Location"], {"discard": "yes"}).status_code == 302


def test_the_calendar_and_spreading() -> None:
    keep(Entry("C1", {"name": "Suite", "start": "2026-01-01", "end": "2026-08-31", "amount": "800",
                      "currency": "EUR", "renewal": "automatic", "notice_months": "1"}),
         register="contract")  # fmt: skip
    finn = signed_in()
    page = text(finn.get("/registers/calendar", {"days": "90"}))
    assert all(told in page for told in ("Last day to give notice", "It renews itself", "C1"))
    page = text(finn.get("/registers/calendar", {"what": "notice"}))
    assert "It renews itself" not in page
    told = finn.post("/registers/spread", {"through": "2026-07"}, follow=True).content.decode()
    assert "is no month up to 2026-06" in told
    told = finn.post("/registers/spread", {"through": "2026-06"}, follow=True).content.decode()
    assert "derived through 2026-06" in told


def test_who_may_see_and_change() -> None:
    keep(Entry("P1", {"name": "Dev", "start": "2026-01-01", "currency": "EUR",
                      "holder": "Ann Example",
                      "salaries": [{"date": "2026-01-01", "yearly": "61234"}]}),
         register="position")  # fmt: skip
    staff, finn, audra = (signed_in(r) for r in (Role.STAFF_FINANCE, Role.IT_FINANCE, Role.AUDITOR))
    for client in (finn, audra):
        for path in ("", "record/P1", "?as=csv", "?order=-salaries"):
            page = client.get(f"/registers/positions/{path}").content.decode()
            assert "61234" not in page
            assert "Ann Example" not in page
        found = text(client.get("/registers/positions/?search=61234"))
        assert "No record is like that" in found
    assert "61234" in text(staff.get("/registers/positions/record/P1"))
    assert "61234" in text(staff.get("/registers/positions/edit/P1"))
    page = text(finn.get("/registers/positions/edit/P1"))
    assert "Salaries" not in page
    finn.post("/registers/positions/edit/P1", {"name": "Developer", "start": "2026-01-01",
                                               "currency": "EUR", "seen_version": "1"})  # fmt: skip
    held = RegisterRecord.objects.get(number="P1")
    assert (held.content["name"], held.secret["holder"]) == ("Developer", "Ann Example")
    assert audra.get("/registers/assets/new").status_code == 403
    refused = finn.post("/registers/rates", follow=True).content.decode()
    assert "may not do" in refused
    assert "0 rates are new" in staff.post("/registers/rates", follow=True).content.decode()
    owner = signed_in(Role.BUDGET_OWNER)
    for path in ("", "assets/", "positions/record/P1", "calendar", "assets/imports"):
        assert owner.get(f"/registers/{path}").status_code in (302, 403), path


def test_invoices_of_records_are_decided(tmp_path: Path) -> None:
    from bursar.record.actions.import_files import import_files

    file = tmp_path / "payables.csv"
    file.write_text(
        "posting_date,amount,currency,gl_account,vendor,document\n"
        "2026-02-15,1200.00,EUR,6310,Nordsoft,N-1\n"
    )
    keep(Entry("C1", {"name": "Suite", "start": "2026-02-01", "end": "2026-07-31", "amount": "1200",
                      "vendor": "Nordsoft", "currency": "EUR"}), register="contract")  # fmt: skip
    import_files(paths=[file], acting_user=None, source="payables")
    finn, audra = signed_in(), signed_in(Role.AUDITOR)
    page = text(finn.get("/registers/invoices"))
    assert all(told in page for told in ("Nordsoft", "The amounts are equal", "Same money"))
    assert "Same money" not in text(audra.get("/registers/invoices"))
    match = finn.get("/api/v1/registers/invoices").json()["matches"][0]["match"]
    done = finn.post("/registers/invoices/decide", {"act": "remember", "match": match}, follow=True)
    assert "counts once now" in text(done)
    page = text(finn.get("/registers/invoices", {"state": "confirmed"}))
    assert "Take back" in page
    order = {"confirm": False}
    back = finn.post(f"/api/v1/registers/invoices/{match}", order, content_type="application/json")
    assert back.json()["state"] == "rejected"
    gone = finn.post("/registers/invoices/decide", {"act": "confirm", "match": match}, follow=True)
    assert "proposed or confirmed" in text(gone)
    told = finn.post("/registers/invoices/decide", {"act": "search"}, follow=True)
    assert "0 invoices wait" in text(told)
    assert finn.post("/api/v1/registers/invoices/search").json() == {"proposed": 0}
    denied = audra.post("/registers/invoices/decide", {"act": "search"}, follow=True)
    assert "may not do" in text(denied)


def test_files_are_added_and_saved() -> None:
    keep(Entry("S/1", ASSET))
    finn = signed_in()
    sent = {"files": SimpleUploadedFile("lease.html", b"<b>lease</b>")}
    page = text(finn.post("/registers/assets/attach/S/1", sent, follow=True))
    assert "lease.html" in page
    [file] = finn.get("/api/v1/registers/assets/S/1").json()["files"]
    saved = finn.get(f"/registers/assets/file/{file['sha256']}/S/1")
    assert saved["Content-Type"] == "application/octet-stream"
    assert b"".join(saved.streaming_content) == b"<b>lease</b>"
    assert finn.get("/registers/assets/file/abc/S/1").status_code == 404
    empty = {"files": SimpleUploadedFile("a.txt", b"")}
    assert "is empty" in text(finn.post("/registers/assets/attach/S/1", empty, follow=True))
