"""Documents over HTTP and on pages: once for each key, only for who may, and nobody's in between.

Rules D9, D10 and D18 of docs/spec/documents.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from bursar.office.people.models import Role
from bursar.record.models import Document

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
ORDER = {
    "kind": "cost", "date": "2026-02-10", "currency": "EUR", "description": "Bonus",
    "lines": [{"amount": "500.000000000000000000000001", "gl_account": "6100"}],
}  # fmt: skip


def post(client: Client, path: str, order: dict[str, Any], key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(
        f"/api/v1/{path}", json.dumps(order), content_type="application/json", headers=headers
    )


def test_a_key_enters_once(signed_in: Enter) -> None:
    finance = signed_in(Role.IT_FINANCE)
    first, again = (post(finance, "documents", ORDER, "k1") for _ in range(2))
    assert (first.status_code, first.json()["number"]) == (200, "C2026-0001")
    assert again.json() == first.json()
    other = post(finance, "documents", {**ORDER, "description": "Other"}, "k1")
    assert (other.status_code, other.json()["code"]) == (422, "record.document_key_reused")
    assert Document.objects.count() == 1
    told = finance.get("/api/v1/documents", {"text": "bon"}).json()
    assert (told["count"], told["documents"][0]["totals"]) == (
        1, {"billed": "500.000000000000000000000001"},
    )  # fmt: skip
    assert finance.get("/api/v1/documents/C2026-0001").json() == first.json()
    back = post(finance, "documents/C2026-0001/reversal", {"reason": "Not granted"})
    assert back.json()["lines"][0]["amount"] == "-500.000000000000000000000001"
    gone = finance.get("/api/v1/documents/C2026-0009")
    assert (gone.status_code, gone.json()["code"]) == (404, "record.unknown_document")


def test_who_may_read_or_enter(signed_in: Enter) -> None:
    finance, auditor = signed_in(Role.IT_FINANCE), signed_in(Role.AUDITOR)
    post(finance, "documents", ORDER)
    owner = signed_in(Role.BUDGET_OWNER, "Retail")
    assert post(owner, "documents", ORDER).status_code == 403
    assert post(auditor, "documents", ORDER).status_code == 403
    assert post(auditor, "documents/C2026-0001/reversal", {"reason": "x"}).status_code == 403
    pages = ("", "C2026-0001", "new")
    assert [owner.get(f"/data/documents/{page}").status_code for page in pages] == [403] * 3
    assert [auditor.get(f"/data/documents/{page}").status_code for page in pages] == [200, 200, 403]
    assert owner.get("/api/v1/documents").status_code == 403
    assert owner.get("/api/v1/documents/C2026-0001").status_code == 403
    assert owner.post("/data/documents/C2026-0001/files", {}).status_code == 403
    assert owner.post("/data/documents/C2026-0001/reverse", {"reason": "x"}).status_code == 403
    assert owner.get("/data/documents/C2026-0001/files/0").status_code == 403


def test_pages_show_what_was_entered(signed_in: Enter) -> None:
    finance = signed_in(Role.IT_FINANCE)
    form = {
        "kind": "cost", "date": "2026-02-10", "currency": "EUR", "description": "Seats",
        "legal_entity": "main", "row_count": "2", "request_key": "once",
        "line-0-amount": "12.5", "line-0-cost_center": "C7", "pasted": "1\t6200\n2\t6300",
    }  # fmt: skip
    for _ in range(2):  # sent twice, as a hurried hand does
        answer = finance.post("/data/documents/new", form)
        assert (answer.status_code, answer.url) == (302, "/data/documents/C2026-0001")
    page = finance.get(answer.url).content.decode()
    assert page.count('<th scope="row" class="nowrap">') == 3
    assert "15.50" in page
    refused = finance.post("/data/documents/new", {**form, "line-0-amount": "x"})
    assert refused.status_code == 422
    assert 'value="C7"' in refused.content.decode()
    for pasted, word in (("1\t2\t3\t4\t5\t6", "6 columns"), ("amount\n1\t2", "more cells")):
        answer = finance.post("/data/documents/new", {**form, "pasted": pasted})
        assert word in answer.content.decode()
    blank = dict.fromkeys(("line-0-amount", "line-0-cost_center", "pasted"), "")
    empty = finance.post("/data/documents/new", {**form, **blank})
    assert "has no lines" in empty.content.decode()
    assert "Seats" in finance.get("/data/documents/", {"text": "seat"}).content.decode()
    assert (
        "No document is like that"
        in finance.get("/data/documents/", {"kind": "accrual"}).content.decode()
    )
    listed = finance.get("/data/documents/", {"as": "json"}).json()
    assert [d["number"] for d in listed["documents"]] == ["C2026-0001"]
