"""The import wizard without a script: look, choose, look again, import; recognized next time."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path

import openpyxl
import pytest
from django.test import Client
from tests.surfaces.web.test_web_data import client_of, send

from bursar.office.people.models import Role
from bursar.record.models import Batch, Import, StoredProfile

pytestmark = pytest.mark.django_db
PAYABLES = (
    """Supplier;Rechnungsdatum;Beleg;Betrag;Konto
Müller GmbH;31.01.2026;R-1;1.234,50;6300
Acme Ltd;05.02.2026;R-2;(10,00);6300
Kaputt AG;32.02.2026;R-3;5,00;6301
"""
    + "".join(f"Müller GmbH;{day}.01.2026;R-{day};1,00;6300\n" for day in range(10, 20))
    + ";;;1.239,50;\n"
)


@pytest.fixture
def finance(home: Path) -> Client:
    return client_of(Role.IT_FINANCE)


def fields(page: str) -> dict[str, str]:
    """What the browser would send: hidden and text boxes, chosen options, ticked boxes."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name = re.search(r'name="([^"]+)"', tag)
        if not name or name[1] in ("csrfmiddlewaretoken", "q"):
            continue
        if 'type="checkbox"' in tag and " checked" not in tag:
            continue
        value = re.search(r'value="([^"]*)"', tag)
        found[name[1]] = unescape(value[1]) if value else "on"
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        options = re.findall(r'<option value="([^"]*)"( selected)?', body)
        found[name] = unescape(next((v for v, s in options if s), options[0][0]))
    return found


def opened(client: Client, path: Path) -> tuple[str, str, dict[str, str]]:
    address = send(client, path)
    page = client.get(address).content.decode()
    return address, page, fields(page) | {"constant-currency": "EUR"}


@pytest.fixture
def payables(tmp_path: Path) -> Path:
    path = tmp_path / "kreditoren-2026-02.csv"
    path.write_bytes(PAYABLES.encode("cp1252"))
    return path


def test_a_german_payables_file_is_read_as_it_is(finance: Client, payables: Path) -> None:
    address, page, form = opened(finance, payables)
    assert (form["number_style"], form["encoding"]) == ("1.234,56", "cp1252")
    for told in ("Müller GmbH", "1.234,50", "Rejected", "Left out", "Nothing is recorded yet"):
        assert told in page, told
    chosen = {form[f"use-{n}"] for n in range(5)}
    assert {"vendor", "posting_date", "document_ref", "gl_account"} <= chosen
    answer = finance.post(address, {**form, "act": "import"}, follow=True)
    page = answer.content.decode()
    assert "12 of 13 rows" in page, page
    rows = Batch.objects.order_by("period")
    sums = [Decimal(b.totals[0]["billed_cost"]) for b in rows]
    assert sums == [Decimal("1244.50"), Decimal(-10)]
    assert rows[0].totals[0]["effective_cost"] == "1244.5"
    made_by = Import.objects.get()
    assert (made_by.source.name, made_by.profile) == ("kreditoren", "kreditoren 1")
    assert "rejected.csv" in page


def test_a_name_that_cannot_be_is_said_on_the_page(finance: Client, payables: Path) -> None:
    address, _, form = opened(finance, payables)
    answer = finance.post(address, {**form, "act": "import", "profile_name": "SAP/AP"})
    assert answer.status_code == 422
    assert "no slash" in answer.content.decode()
    assert fields(answer.content.decode())["profile_name"] == "SAP/AP"
    assert Batch.objects.count() == 0


def test_the_next_file_of_its_kind_is_recognized(finance: Client, payables: Path) -> None:
    address, _, form = opened(finance, payables)
    finance.post(address, {**form, "act": "import", "profile_name": "Kreditoren SAP"})
    text = PAYABLES.replace("1.234,50;6300", "2.000,00;6300").encode("cp1252")
    march = payables.with_name("anders.csv")
    march.write_bytes(text)
    address, page, form = opened(finance, march)
    assert "Recognized" in page
    assert form["source"] == "kreditoren"
    assert form["profile_name"] == "Kreditoren SAP"
    finance.post(address, {**form, "act": "import"})
    stored = StoredProfile.objects.get()
    assert stored.number == 1  # nothing was changed, so no new version
    assert Batch.objects.filter(superseded_at=None, source__name="kreditoren").count() == 2


def test_looking_again_shows_what_was_chosen(finance: Client, payables: Path) -> None:
    address, _, form = opened(finance, payables)
    amount = next(key for key, value in form.items() if value in ("amount", "gross", "net"))
    page = finance.post(address, {**form, amount: "", "act": "look"}).content.decode()
    assert "The rows cannot be read this way yet" in page
    stopped = finance.post(address, {**fields(page), "act": "import"})
    assert stopped.status_code == 422
    assert Batch.objects.count() == 0
    again = {**fields(page), amount: "gross", "number_style": "1,234.56", "act": "look"}
    page = finance.post(address, again).content.decode()
    assert "is not written as 1,234.56" in page
    twice = {**fields(page), "use-0": "gross", "act": "look"}
    assert "Two columns fill gross" in finance.post(address, twice).content.decode()


def test_a_header_further_down(finance: Client, tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    lines = ["Report of payments", "", "made for you;;", "Vendor;Date;Amount",
             "Acme;2026-01-31;5.00", "Baker;2026-01-30;7.00"]  # fmt: skip
    path.write_text("\n".join(lines) + "\n")
    address, _, form = opened(finance, path)
    assert form["header_row"] == "4"
    moved = finance.post(address, {**form, "header_row": "5", "act": "import"})
    assert moved.status_code == 422
    assert "proposed anew" in moved.content.decode()
    silent = finance.post(address, {**form, "constant-currency": "", "act": "import"})
    assert "The file does not say its currency" in silent.content.decode()
    form["constant-currency"] = "gbp"
    finance.post(address, {**form, "act": "import"})
    assert (
        Batch.objects.get().totals[0] | {"billed_cost": "12", "currency": "GBP"}
        == (Batch.objects.get().totals[0])
    )


def test_what_is_no_table_says_what_to_do(finance: Client, tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"%PDF-1.7 nothing")
    answer = finance.get(send(finance, path))
    assert answer.status_code == 422
    assert "export the table itself as CSV" in answer.content.decode()


def test_a_form_that_lost_its_state_is_refused(finance: Client, payables: Path) -> None:
    address, _, form = opened(finance, payables)
    assert finance.post(address, {**form, "base": "{"}).status_code == 422
    assert finance.post(address, {**form, "base": '{"evil": 1}'}).status_code == 422
    assert Batch.objects.count() == 0


def test_a_bill_of_a_known_layout_may_be_read_by_hand(finance: Client, tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("posting_date,amount,currency\n2026-01-31,5,EUR\n")
    address = send(finance, path)
    assert "Choose the columns by hand" in finance.get(address).content.decode()
    page = finance.get(f"{address}?columns=by-hand").content.decode()
    assert fields(page)["use-1"] == "amount"


def test_a_sheet_is_chosen(finance: Client, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(["Made by finance"])
    sheet = book.create_sheet("Payments")
    sheet.append(["Supplier", "Paid on", "Amount", "Currency"])
    sheet.append(["Acme", date(2026, 1, 31), 12.5, "EUR"])
    book.save(tmp_path / "payments.xlsx")
    address, _, form = opened(finance, tmp_path / "payments.xlsx")
    page = finance.post(address, {**form, "sheet": "Payments", "act": "look"}).content.decode()
    assert "Acme" in page
    finance.post(address, {**fields(page), "act": "import"})
    assert Batch.objects.get().totals[0]["billed_cost"] == "12.5"
    assert StoredProfile.objects.get().data["sheet"] == "Payments"
