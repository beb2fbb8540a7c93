"""Names, tags, columns and files made to be taken for markup, code, formulas or SQL."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from bursar.allocate.actions.apply_model import apply_model
from bursar.allocate.actions.run_model import run_model
from bursar.office.people.models import ConsumerGrant, Role, User
from bursar.office.people.scope import Scope
from bursar.record.actions.import_files import import_files
from bursar.report.bill_of_it import statements
from bursar.report.costs import costs
from bursar.report.documents.kinds import KINDS

pytestmark = pytest.mark.django_db
MARKUP = "<img src=x onerror=alert(1)>"
TYPST = '#eval("1+1") #read("/etc/passwd") $x^2$ *bold* <label> @ref \\ [#]'
FORMULA = '=HYPERLINK("http://evil")'
QUOTES = "a\"b'c;--"
CONSUMER = f"{MARKUP} {TYPST}"
MODEL = {
    "name": MARKUP,
    "promote": [QUOTES, f"x_{QUOTES}"],
    "consumers": [CONSUMER, FORMULA, "</script><script>alert(1)</script>"],
    "solutions": [MARKUP, FORMULA],
    "classify": [
        {"name": MARKUP, "when": {f"tag.{QUOTES}": MARKUP}, "set": {"solution": MARKUP}},
        {"name": FORMULA, "when": {f"x_{QUOTES}": {"contains": "'"}}, "set": {"solution": FORMULA}},
    ],
    "steps": [
        {
            "name": TYPST,
            "to": "consumer",
            "rules": [
                {"name": MARKUP, "when": {"solution": MARKUP}, "method": "direct",
                 "target": CONSUMER},
                {"name": FORMULA, "when": {"solution": FORMULA}, "method": "even",
                 "targets": [FORMULA, CONSUMER, "</script><script>alert(1)</script>"]},
            ],
        }
    ],
}  # fmt: skip


def bill(path: Path) -> Path:
    """Two rows; every text of the first is markup, of the second a formula."""
    columns = {
        "BillingAccountId": (MARKUP, MARKUP), "BillingCurrency": ("EUR", "EUR"),
        "BillingPeriodStart": ("2026-01-01",) * 2, "BillingPeriodEnd": ("2026-02-01",) * 2,
        "ChargePeriodStart": ("2026-01-03", "2026-01-04"),
        "ChargePeriodEnd": ("2026-01-04", "2026-01-05"),
        "ChargeCategory": ("Usage", "Usage"), "ServiceProviderName": (MARKUP, FORMULA),
        "InvoiceIssuerName": (MARKUP, FORMULA), "ServiceName": (TYPST, FORMULA),
        "ChargeDescription": (MARKUP, FORMULA), "BilledCost": ("100.25", "9"),
        "EffectiveCost": ("100.25", "9"), "Tags": (json.dumps({QUOTES: MARKUP}), "{}"),
        f"x_{QUOTES}": ("", FORMULA + "'"), "=cmd": (MARKUP, FORMULA),
    }  # fmt: skip
    with path.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


@pytest.fixture(scope="module")
def hostile_once(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An installation in which nothing has a decent name; the batch's id."""
    from django.db import transaction
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("hostile")
    lake = folder / "home" / "lake"
    lake.mkdir(parents=True)
    with (
        django_db_blocker.unblock(),
        override_settings(BURSAR_HOME=folder / "home", LAKE_FOLDER=lake),
        transaction.atomic(),
    ):
        apply_model(text=json.dumps(MODEL), acting_user=None, comment=MARKUP)
        done = import_files(paths=[bill(folder / f"{FORMULA[:4]}<b>.csv")], acting_user=None)
        run_model(acting_user=None)
        yield done.batches[0]["batch_id"]
        transaction.set_rollback(True)


@pytest.fixture
def ada(hostile_once: str, db: None) -> Client:
    user = User.objects.create(username="ada", first_name=MARKUP, role=Role.ADMINISTRATOR)
    ConsumerGrant.objects.create(user=user, consumer=CONSUMER)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_no_page_takes_a_name_for_markup(ada: Client, hostile_once: str) -> None:
    line = f"{hostile_once}-1"
    statement = statements(Scope.all()).statements[0].statement_id
    every = [
        *("/", f"/?focus=solution:{MARKUP}", "/costs/?by=consumer&across=solution", "/costs/lines"),
        f"/costs/?by=tag.{QUOTES}&across=x_{QUOTES}".replace("'", "%27").replace(";", "%3B"),
        *("/statements/", f"/statements/{statement}/", "/model/", "/model/text", "/data/"),
        *(f"/lines/{line}", f"/data/batches/{hostile_once}", "/data/unmapped", "/journal/"),
        *("/users/", "/users/ada", "/search?q=<img", "/search?q=%3Dhyper", "/help"),
        reverse("web:consumer_statements", args=[CONSUMER]),
    ]
    told = 0
    for address in every:
        answer = ada.get(address)
        text = answer.content.decode()
        assert answer.status_code == 200, address
        assert "<img src=x" not in text, address
        assert "<script>alert" not in text, address
        told += "&lt;img src=x" in text or "\\u003Cimg src=x" in text
    assert told > 10
    trace = ada.get("/trace", {"period": "2026-01", "consumer": CONSUMER})
    assert "<img src=x" not in trace.content.decode()
    assert trace.status_code == 200


def test_every_document_prints_names_as_they_are(hostile_once: str, ada: Client) -> None:
    for told in statements(Scope.all()).statements:
        for kind in KINDS:
            answer = ada.get(f"/statements/{told.statement_id}/{kind}")
            assert answer.status_code == 200
            name = answer["Content-Disposition"].partition('filename="')[2]
            assert re.fullmatch(r'[a-z0-9-]+\.[a-z.]+"', name), name
            content = answer.content
            if kind == "pdf" and told.consumer == CONSUMER:
                pages = pypdf.PdfReader(io.BytesIO(content)).pages
                text = "".join(page.extract_text() for page in pages)
                assert "#eval" in text
                assert "root:" not in text
            elif kind == "xlsx":
                book = openpyxl.load_workbook(io.BytesIO(content))
                formulas = [str(c.value) for s in book for r in s for c in r if c.data_type == "f"]
                assert all(text.startswith(("=SUM(", "=SUMIF(")) for text in formulas)
            elif kind in ("csv", "focus"):
                plain(content.decode())


def test_no_export_holds_a_formula(ada: Client) -> None:
    for address in (
        "/costs/export.csv?by=consumer",
        f"/costs/export.csv?by=x_{QUOTES}".replace(";", "%3B"),
        "/costs/lines.csv",
    ):
        answer = ada.get(address)
        text = answer.getvalue().decode()
        assert answer.status_code == 200
        assert "HYPERLINK" in text, address
        plain(text)
    book = openpyxl.load_workbook(io.BytesIO(ada.get("/costs/export.xlsx?by=consumer").content))
    formulas = [str(c.value) for s in book for r in s for c in r if c.data_type == "f"]
    assert all(text.startswith("=SUMIF(") for text in formulas)


def plain(text: str) -> None:
    """No cell begins like a formula, except amounts."""
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            assert not cell.startswith(("=", "+", "@", "\t")), cell
            assert not cell.startswith("-") or re.fullmatch(r"-[\d.]+", cell), cell


def test_odd_columns_are_dimensions_like_others(ada: Client) -> None:
    for name, value, amount in ((f"tag.{QUOTES}", MARKUP, "100.25"), (f"x_{QUOTES}", "", "100.25")):
        found = costs(Scope.all(), by=[name], filters=[(name, value)])
        assert [str(row.amount.normalize()) for row in found.rows] == [amount]
