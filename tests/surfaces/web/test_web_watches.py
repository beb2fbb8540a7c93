"""Watched places on pages and over the API: add, look, see what is late, remove."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from tests.stages.record.bills import bill
from tests.surfaces.web.test_web_data import client_of

from bursar.office.people.models import Role
from bursar.record.models import Watch

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def inbox(home: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    path = bill(folder / "march.csv", [{}, {"BilledCost": "x"}])
    (folder / "broken.csv").write_text("a,b\n1,2\n")
    for file in (path, folder / "broken.csv"):
        os.utime(file, (time.time() - 600, time.time() - 600))
    return folder


def test_a_place_is_added_looked_at_and_removed(inbox: Path) -> None:
    ada = client_of(Role.ADMINISTRATOR)
    form = {"source": "aws", "url": str(inbox), "pattern": "*.csv", "rhythm": "monthly",
            "grace_days": "0"}  # fmt: skip
    refused = ada.post("/data/watches/", {**form, "url": "ftp://x"})
    assert refused.status_code == 422
    assert "is no place to watch" in refused.content.decode()
    assert (
        "is watched from now on" in ada.post("/data/watches/", form, follow=True).content.decode()
    )
    looked = ada.post("/data/watches/look", follow=True).content.decode()
    for told in ("1 imported, 1 refused", "march.csv", "broken.csv", "Needs a look"):
        assert told in looked, told
    data = ada.get("/data/").content.decode()
    for told in ("Arrivals", "Watched", "import.missing_columns", "Expected"):
        assert told in data, told
    assert "a look before these figures" in ada.get("/").content.decode()
    ada.post("/data/watches/remove", {"source": "aws"})
    assert not Watch.objects.exists()


def test_the_api_does_the_same(inbox: Path) -> None:
    ada, auditor = client_of(Role.ADMINISTRATOR), client_of(Role.AUDITOR)
    order = {"source": "aws", "url": str(inbox), "pattern": "march*"}
    assert auditor.post("/api/v1/watches", order, content_type=JSON).status_code == 403
    assert ada.post("/api/v1/watches", order, content_type=JSON).json()["due_day"] == 10
    assert ada.post("/api/v1/watch-polls").json()["watches"][0]["imported"] == ["march.csv"]
    assert auditor.get("/api/v1/watches").json()["watches"][0]["arrivals"] == 1
    assert auditor.get("/api/v1/arrivals").json()["sources"][0]["source"] == "aws"
    owner = client_of(Role.BUDGET_OWNER)
    assert owner.get("/api/v1/arrivals").status_code == 403
    assert owner.get("/data/watches/").status_code == 403
    assert ada.delete("/api/v1/watches/aws").json() == {"removed": "aws"}
    assert ada.delete("/api/v1/watches/aws").status_code == 404
