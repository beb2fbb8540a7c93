"""Suspected duplicates on their page, over the API, and only for who sees everything."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.stages.record.test_duplicates import ledger, load
from tests.surfaces.web.test_web_data import client_of

from bursar.office.people.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(home: Path, tmp_path: Path) -> str:
    load(ledger(tmp_path / "erp.csv", ["2025-03-05,120.50,EUR,ACME,INV-42,Support"]))
    rows = ["2025-04-01,120.50,EUR,ACME,INV 42,Again", "2025-04-01,-5,EUR,ACME,INV 42,Discount"]
    return load(ledger(tmp_path / "card.csv", rows))["import_token"]


def test_both_lines_stand_side_by_side(token: str) -> None:
    auditor = client_of(Role.AUDITOR)
    for address in ("/data/duplicates/", f"/data/duplicates/?import={token}"):
        text = auditor.get(address).content.decode()
        for told in ("INV-42", "INV 42", "erp.csv, 1", "card.csv, 1", "120.50", "Credit notes"):
            assert told in text, (address, told)
    assert "Compare them" in auditor.get(f"/data/imports/{token}").content.decode()
    assert auditor.get("/data/duplicates/?import=no").status_code == 404


def test_the_api_says_the_same_and_an_owner_sees_nothing(token: str) -> None:
    found = client_of(Role.AUDITOR).get("/api/v1/duplicates").json()
    assert (found["count"], found["credit_count"]) == (1, 1)
    assert [line["document"] for line in found["suspicions"][0]["lines"]] == ["INV-42", "INV 42"]
    owner = client_of(Role.BUDGET_OWNER)
    assert owner.get("/api/v1/duplicates").status_code == 403
    assert owner.get("/data/duplicates/").status_code == 403
