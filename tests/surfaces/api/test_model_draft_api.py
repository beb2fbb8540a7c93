"""Drafts of the model over HTTP: saved by one person, reviewed by another, published."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from bursar.allocate.versions import version_in_force
from bursar.office.people.models import Role

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/model/drafts"


def post(client: Client, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = client.post(f"{ROOT}{path}", json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def test_a_draft_takes_two_people(signed_in: Callable[..., Client]) -> None:
    writer, reviewer = signed_in(Role.IT_FINANCE), signed_in(Role.ADMINISTRATOR)
    owner, auditor = signed_in(Role.BUDGET_OWNER, "Retail"), signed_in(Role.AUDITOR)
    text = version_in_force().text
    assert "Wholesale: 50" in text
    changed = text.replace("Wholesale: 50", "Wholesale: 40").replace("Stores: 25", "Stores: 35")

    assert post(owner, "", text=changed)[0] == 403
    assert post(writer, "", text="nonsense: 1")[1]["code"] == "model.problems"
    status, saved = post(writer, "", text=changed, comment="less", periods=["2026-02"])
    assert status == 200
    rows = saved["money"]["rows"]
    assert {row["consumer"] for row in rows} == {"Wholesale", "Stores"}
    assert sum(Decimal(row["difference"]) for row in rows) == 0
    assert owner.get(ROOT).status_code == owner.get(f"{ROOT}/1").status_code == 403
    assert auditor.get(ROOT).json()["drafts"][0]["comment"] == "less"
    seen = auditor.get(f"{ROOT}/1").json()
    assert any("Wholesale" in said and "to Stores" in said for said in seen["sentences"])
    assert seen["changes"]
    assert seen["behind"] is False

    digest = saved["sha256"]
    assert post(auditor, "/1/review", sha256=digest, approve=True)[0] == 403
    own = post(writer, "/1/review", sha256=digest, approve=True)[1]
    assert own["code"] == "model.second_person"
    stale = post(reviewer, "/1/review", sha256="0" * 64, approve=True)[1]
    assert stale["code"] == "model.draft_changed"
    assert post(reviewer, "/1/review", sha256=digest, approve=True)[1]["standing"] == "reviewed"
    assert post(writer, "/1/publish")[1]["version"] == 2
    assert post(writer, "/1/withdraw", text="late")[1]["code"] == "model.draft_standing"
    post(writer, "", text=text)
    assert post(writer, "/2/withdraw", text="no")[1]["standing"] == "withdrawn"


def test_other_quantities_are_asked_by_who_may_see_everything(
    signed_in: Callable[..., Client],
) -> None:
    auditor, owner = signed_in(Role.AUDITOR), signed_in(Role.BUDGET_OWNER, "Retail")
    at = "/api/v1/model"
    listed = auditor.get(f"{at}/quantities", {"period": "2026-02"}).json()["quantities"]
    assert {row["driver"] for row in listed} == {"hours"}
    one = {**listed[0], "source": listed[0]["from"], "target": listed[0]["to"]}

    def ask(client: Client, quantity: str, **more: str) -> tuple[int, dict[str, Any]]:
        order = {"period": "2026-02", "quantities": [{**one, "quantity": quantity, **more}]}
        answer = client.post(f"{at}/what-if", json.dumps(order), content_type="application/json")
        return answer.status_code, answer.json()

    status, told = ask(auditor, str(Decimal(one["quantity"]) * 3))
    assert status == 200
    assert told["sentences"][0].startswith("In February 2026 this change moves")
    assert sum(Decimal(row["difference"]) for row in told["rows"]) == 0
    assert ask(auditor, one["quantity"])[1]["rows"] == []
    assert ask(auditor, "much")[1]["code"] == "what_if.bad_quantity"
    assert ask(auditor, "-1")[1]["code"] == "what_if.bad_quantity"
    assert ask(auditor, "1", target="Nobody")[1]["code"] == "what_if.no_quantity"
    assert ask(owner, "1")[0] == 403
    assert owner.get(f"{at}/quantities", {"period": "2026-02"}).status_code == 403
    assert owner.get("/model/what-if").status_code == 403
