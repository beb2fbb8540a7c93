"""Undoing an import on its page, over the API, and who may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from tests.stages.record.bills import bill
from tests.surfaces.web.test_web_data import client_of

from bursar.office.people.models import Role
from bursar.record.actions.import_files import import_files
from bursar.record.models import Batch

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(home: Path, tmp_path: Path) -> str:
    file = bill(tmp_path / "march.csv", [{}, {"BilledCost": "x"}])
    return import_files(paths=[file], acting_user=None).import_token


def in_force() -> int:
    return Batch.objects.filter(superseded_at__isnull=True).count()


def test_the_page_shows_rejected_rows_and_undoes(token: str) -> None:
    finance = client_of(Role.IT_FINANCE)
    page = f"/data/imports/{token}"
    text = finance.get(page).content.decode()
    for told in ("march.csv", "1 of 2 rows", "Undo this import", "<code>x</code>"):
        assert told in text
    refused = finance.post(f"{page}/undo", {"reason": ""})
    assert refused.status_code == 422
    assert "record.reason_needed" in refused.content.decode()
    answer = finance.post(f"{page}/undo", {"reason": "the wrong month"}, follow=True)
    text = answer.content.decode()
    assert "was undone" in text
    assert "the wrong month" in text
    assert "Undo this import" not in text
    assert in_force() == 0
    batch = Batch.objects.get().batch_id
    assert "Undone" in finance.get(f"/data/batches/{batch}").content.decode()


def test_an_auditor_reads_and_does_not_undo(token: str) -> None:
    auditor = client_of(Role.AUDITOR)
    assert "Undo this import" not in auditor.get(f"/data/imports/{token}").content.decode()
    assert auditor.post(f"/data/imports/{token}/undo", {"reason": "x"}).status_code == 403
    assert in_force() == 1


def test_the_api_undoes(token: str) -> None:
    def undo(client: Client, which: str) -> tuple[int, dict]:
        answer = client.post(
            f"/api/v1/imports/{which}/undo", {"reason": "x"}, content_type="application/json"
        )
        return answer.status_code, answer.json()

    finance = client_of(Role.IT_FINANCE)
    assert undo(finance, "no")[0] == 404
    status, told = undo(finance, token)
    assert (status, [b["period"] for b in told["withdrawn"]]) == (200, ["2025-03"])
    assert undo(client_of(Role.BUDGET_OWNER), token)[0] == 403
