"""Matches and reconciliation as pages and over the API: decided, signed, and closed to owners."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.stages.record.firm_of_evidence import three_evidences
from tests.surfaces.web.test_web_data import client_of

from bursar.lake.questions import Condition
from bursar.office.people.models import Role
from bursar.record.ledger import open_ledger
from bursar.record.models import EvidenceGroup

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(home: Path, tmp_path: Path) -> str:
    return three_evidences(tmp_path).group_id


def text_of(client: Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_the_queue_says_what_and_why(group: str) -> None:
    finance = client_of(Role.IT_FINANCE)
    text = text_of(finance, "/data/matches/")
    for told in (group, "10,000.00", "the same vendor", "9,990.00", "Matches wait for a decision"):
        assert told in text
    page = text_of(finance, f"/data/matches/{group}")
    for told in (
        "Side by side",
        "general ledger",
        "What confirming would add",
        'data-shortcut="c"',
    ):
        assert told in page
    unmatched = text_of(finance, "/data/matches/?state=unmatched")
    assert "Stationery Ltd" in unmatched


def test_confirming_learning_and_undoing(group: str) -> None:
    finance = client_of(Role.IT_FINANCE)
    page = f"/data/matches/{group}"
    answer = finance.post(f"{page}/decide", {"decision": "learn", "percent": "3"}, follow=True)
    assert "Confirmed, and learned" in answer.content.decode()
    text = text_of(finance, "/data/matches/?state=confirmed")
    assert "Nothing is suspected" in text
    rule = "Amazon Web Services EMEA SARL of payables is AWS of aws"
    assert rule in text
    (residual,) = open_ledger().lines.page(where=[Condition("billed_cost", "=", 10)]).to_pylist()
    line = text_of(finance, f"/lines/{residual['line_id']}")
    assert f'href="{page}"' in line
    finance.post("/data/matches/forget", {"name": rule}, follow=True)
    assert rule not in text_of(finance, "/data/matches/")
    answer = finance.post(f"{page}/decide", {"decision": "reject", "comment": "no"}, follow=True)
    assert "Rejected" in answer.content.decode()
    assert finance.post(f"{page}/decide", {"decision": "guess"}).status_code == 422
    assert finance.post(f"{page}/decide", {"decision": "learn", "percent": "x"}).status_code == 422
    assert finance.post("/data/matches/search", follow=True).status_code == 200


def test_matching_by_hand(group: str) -> None:
    finance = client_of(Role.IT_FINANCE)
    order = {"summary": "source=payables,document=PP-3", "details": "source=aws\n"}
    answer = finance.post("/data/matches/link", order, follow=True)
    assert "Matched by hand" in answer.content.decode()
    assert EvidenceGroup.objects.get(by_hand=True).state == "confirmed"


def test_an_auditor_reads_and_an_owner_does_not(group: str) -> None:
    auditor, owner = client_of(Role.AUDITOR), client_of(Role.BUDGET_OWNER)
    page = f"/data/matches/{group}"
    assert "data-shortcut" not in text_of(auditor, page)
    assert auditor.post(f"{page}/decide", {"decision": "confirm"}).status_code == 403
    assert auditor.post("/data/reconciliation/load").status_code == 403
    for closed in ("/data/matches/", page, "/data/reconciliation/"):
        assert owner.get(closed).status_code == 403


def test_the_ledger_is_loaded_compared_and_signed(home: Path) -> None:
    finance = client_of(Role.IT_FINANCE)
    assert "was not loaded" in text_of(finance, "/data/reconciliation/")
    content = b"account,account name,period,balance,currency\n6810,Cloud,2026-01,100,EUR\n"
    sent = SimpleUploadedFile("tb.csv", content)
    answer = finance.post(
        "/data/reconciliation/load", {"files": sent, "source": "sap"}, follow=True
    )
    text = answer.content.decode()
    assert "1 balances of 2026-01" in text
    assert "Not signed yet" in text
    order = {"period": "2026-01", "entity": "main", "basis": "booked", "comment": ""}
    assert finance.post("/data/reconciliation/sign", order).status_code == 422
    finance.post("/data/reconciliation/scope", {"pattern": "6*", "reason": "elsewhere"})
    answer = finance.post("/data/reconciliation/sign", order, follow=True)
    assert "is signed" in answer.content.decode()
    told = finance.get("/data/reconciliation/?period=2026-01&as=json").json()
    assert told["accounts"][0]["explanations"] == [
        {"why": "not in scope: elsewhere", "amount": "100"}
    ]


def test_the_api_says_and_does_the_same(group: str) -> None:
    finance, owner = client_of(Role.IT_FINANCE), client_of(Role.BUDGET_OWNER)

    def get(path: str, client: Client = finance) -> tuple[int, dict]:
        answer = client.get(f"/api/v1/{path}")
        return answer.status_code, answer.json()

    def post(path: str, **order: object) -> tuple[int, dict]:
        answer = finance.post(f"/api/v1/{path}", order, content_type="application/json")
        return answer.status_code, answer.json()

    assert get("matches?state=proposed")[1]["groups"][0]["group_id"] == group
    assert get("matches/unmatched")[1]["unmatched"][0]["amount"] == "500"
    assert get("double-counting")[1]["rows"][0]["suspected"] == "9990"
    assert get("matches/e0")[0] == 404
    assert post(f"matches/{group}/confirm")[1]["state"] == "confirmed"
    assert post(f"matches/{group}/learn")[0] == 200
    assert post(f"matches/{group}/reject", comment="x")[1]["state"] == "rejected"
    assert post("matches/search")[0] == 200
    order = {"summary": "source=payables,document=PP-3", "details": ["source=aws"]}
    assert post("matches/link", **order)[1]["by_hand"] is True
    assert get("reconciliation?period=2026-01")[1]["has_control"] is False
    assert get("coverage?period=2026-01")[1]["accounts"] == []
    assert post("reconciliation/sign", period="2026-01", legal_entity="main")[0] == 404
    for path in ("matches", "double-counting", "reconciliation?period=2026-01"):
        assert get(path, owner)[0] == 403
