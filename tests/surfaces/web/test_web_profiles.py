"""Profiles on their pages and over the API."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.stages.record.test_stored_profiles import payables, saved
from tests.surfaces.web.test_web_data import client_of

from bursar.office.people.models import Role
from bursar.record.models import StoredProfile

pytestmark = pytest.mark.django_db


def test_the_pages_show_and_delete(home: Path, tmp_path: Path) -> None:
    finance, auditor = client_of(Role.IT_FINANCE), client_of(Role.AUDITOR)
    assert "There is no profile yet" in auditor.get("/data/profiles/").content.decode()
    saved(payables(tmp_path / "a.csv"))
    assert "payables" in auditor.get("/data/profiles/").content.decode()
    page = auditor.get("/data/profiles/payables").content.decode()
    for told in ("Supplier", "vendor", "GBP for every row"):
        assert told in page, told
    assert "Delete the profile" not in page
    assert auditor.get("/data/profiles/payables?as=json").json()["name"] == "payables"
    assert auditor.post("/data/profiles/payables/delete").status_code == 403
    assert auditor.get("/data/profiles/other").status_code == 404
    finance.post("/data/profiles/payables/delete")
    assert not StoredProfile.objects.exists()


def test_the_api_proposes_saves_and_deletes(home: Path, tmp_path: Path) -> None:
    finance, auditor = client_of(Role.IT_FINANCE), client_of(Role.AUDITOR)
    file = SimpleUploadedFile("a.csv", payables(tmp_path / "a.csv").read_bytes())
    told = finance.post("/api/v1/profile-proposals", {"file": file}).json()
    assert [q["code"] for q in told["questions"]] == ["currency"]
    profile = told["profile"] | {"constants": {"currency": "GBP"}}
    body = {"profile": profile, "source": "erp"}
    json = "application/json"
    assert auditor.put("/api/v1/profiles/p", body, content_type=json).status_code == 403
    assert finance.put("/api/v1/profiles/p", body, content_type=json).json()["version"] == 1
    bad = {"profile": {"evil": 1}}
    assert finance.put("/api/v1/profiles/p", bad, content_type=json).status_code == 422
    assert auditor.get("/api/v1/profiles").json()["profiles"][0]["source"] == "erp"
    assert auditor.get("/api/v1/profiles/p").json()["profile"]["name"] == "p"
    assert auditor.get("/api/v1/profiles/no").status_code == 404
    assert client_of(Role.BUDGET_OWNER).get("/api/v1/profiles").status_code == 403
    assert finance.delete("/api/v1/profiles/p").json() == {"deleted": "p"}
