"""Policies of commitments over HTTP and on their page: decided, told, and closed to owners."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from django.test import Client
from tests.stages.record.test_commitment_policies import MONTH, PLAN, bill, by_account

from bursar.office.people.models import Role

AT, PAGE = "/api/v1/commitments", "/data/commitments/"
POLICY = f"{PAGE}policy/?commitment={quote(PLAN, safe='')}"


def test_a_policy_is_decided_and_told(
    signed_in: Callable[..., Client], tmp_path: Path, company: object
) -> None:
    bill(tmp_path, *MONTH)
    client = signed_in(Role.IT_FINANCE)
    decision = {"commitment": PLAN, "policy": "central", "cost_center": "FINOPS"}
    answer = client.post(AT, json.dumps(decision), content_type="application/json")
    assert (answer.status_code, answer.json()["policy"]) == (200, "central")
    (told,) = client.get(AT).json()["commitments"]
    assert (told["cost_center"], told["periods"][0]["moved"]["price"]) == ("FINOPS", "60")
    page = client.get(PAGE).content.decode()
    assert "A central place keeps the saving: FINOPS" in page
    assert f'href="{POLICY}"' in page
    form = client.get(POLICY).content.decode()
    assert 'value="FINOPS"' in form
    refused = client.post(POLICY, {"policy": "central"})
    assert "needs the account or the cost center" in refused.content.decode()
    assert client.post(POLICY, {"policy": "shared"}).status_code == 302
    assert by_account()["platform"] == 0
    assert client.get(f"{PAGE}?as=json").json()["commitments"][0]["policy"] == "shared"


def test_a_policy_without_a_home_says_so(
    signed_in: Callable[..., Client], tmp_path: Path, company: object
) -> None:
    bill(tmp_path, MONTH[0])
    client = signed_in(Role.IT_FINANCE)
    told = client.post(POLICY, {"policy": "purchaser"}, follow=True).content.decode()
    assert "No line says who bought" in told


def test_who_may_not(signed_in: Callable[..., Client]) -> None:
    owner = signed_in(Role.BUDGET_OWNER, "Retail")
    assert [owner.get(page).status_code for page in (AT, PAGE, POLICY)] == [403, 403, 403]
    auditor = signed_in(Role.AUDITOR)
    assert auditor.get(PAGE).status_code == 200
    assert "Decide who has the saving" not in auditor.get(PAGE).content.decode()
    answer = auditor.post(
        AT, '{"commitment": "x", "policy": "users"}', content_type="application/json"
    )
    assert answer.status_code == 403
    assert auditor.get(POLICY).status_code == 403
