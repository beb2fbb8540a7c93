"""Issued statements over HTTP: rules ST1, ST5-ST7 and ST9 of docs/spec/statements.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from bursar.office.people.models import Role

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/issued-statements"


def post(client: Client, path: str, order: dict[str, Any]) -> Any:
    return client.post(ROOT + path, json.dumps(order), content_type="application/json")


def test_a_document_from_issue_to_credit(signed_in: Callable[..., Client]) -> None:
    finance = signed_in(Role.IT_FINANCE)
    made = post(finance, "", {"period": "2026-01"}).json()["numbers"]
    assert made[0] == "ST-main-2026-00001"
    again = post(finance, "", {"period": "2026-01"})
    assert (again.status_code, again.json()["code"]) == (422, "statement.nothing_to_issue")
    everything = finance.get(ROOT, {"period": "2026-01"}).json()["documents"]
    assert len(everything) == len(made)
    hers = next(row for row in everything if Decimal(row["amount"]) > 10)
    number, amount = hers["number"], Decimal(hers["amount"])
    owner = signed_in(Role.BUDGET_OWNER, hers["consumer"])
    seen = {row["number"] for row in owner.get(ROOT).json()["documents"]}
    assert number in seen
    hidden = next(n for n in made if n not in seen)
    other = owner.get(f"{ROOT}/{hidden}")
    assert (other.status_code, other.json()["code"]) == (404, "statement.no_document")
    said = post(owner, f"/{number}/dispute", {"text": "Some of it", "lines": [1]})
    assert said.json()["standing"] == "disputed"
    assert post(owner, f"/{number}/answer", {"text": "See the orders"}).status_code == 200
    assert post(owner, f"/{number}/decision", {"text": "Mine"}).status_code == 403
    done = post(finance, f"/{number}/decision", {"text": "Yes", "amount": "1.01"}).json()
    assert done["standing"] == "accepted"
    assert Decimal(done["still_charged"]) == amount - Decimal("1.01")
    assert [event["act"] for event in done["events"]] == [
        "issued", "disputed", "said", "credited", "resolved",
    ]  # fmt: skip
    bad = post(finance, f"/{number}/credit", {"text": "x", "amount": "1,2,3"})
    assert bad.status_code == 422
    showback = post(finance, f"/{number}/settle", {})
    assert (showback.status_code, showback.json()["code"]) == (422, "statement.showback")
    credit = post(finance, f"/{number}/credit", {"text": "All of it"}).json()
    assert Decimal(credit["amount"]) == Decimal("1.01") - amount
    listed = finance.get(ROOT, {"standing": "credited"}).json()["documents"]
    assert [row["number"] for row in listed] == [number]
    assert post(finance, f"/{hidden}/accept", {}).json()["standing"] == "accepted"
    csv = finance.get(f"{ROOT}/{number}/document.csv").content.decode()
    assert csv.startswith("number,line,solution")
    pdf = finance.get(f"{ROOT}/{credit['number']}/document.pdf").content
    assert pdf.startswith(b"%PDF-1.7")
    assert pdf == finance.get(f"{ROOT}/{credit['number']}/document.pdf").content
    wrong = finance.get(f"{ROOT}/{number}/document.doc")
    assert (wrong.status_code, wrong.json()["code"]) == (404, "report.unknown_kind")
