"""Taxonomies over HTTP: everybody compares her own figures, who may apply a model decides."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from bursar.office.people.models import Role

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/taxonomies"
BACK = {"source": "tbm-5.0", "target": "tbm-4.1", "period": "2026-01"}
OWN = (
    "from: tbm-4.1\nto: tbm-5.0\ntowers:\n"
    "  Network / LAN/WAN: {shares: {Network / LAN: 2/3, Network / WAN: 1/3}}\n"
)


def test_names_ways_and_figures(signed_in: Callable[..., Client]) -> None:
    finance, owner = signed_in(Role.IT_FINANCE), signed_in(Role.BUDGET_OWNER, "Retail")
    listed = finance.get(ROOT).json()["taxonomies"]
    assert [row["name"] for row in listed] == ["tbm-4.1", "tbm-5.0"]
    names = finance.get(f"{ROOT}/tbm-4.1", {"layer": "cost_pool"}).json()["names"]
    assert {row["layer"] for row in names} == {"cost_pool"}
    unknown = finance.get(f"{ROOT}/tbm-9")
    assert unknown.json()["code"] == "reference.unknown_pack"
    rows = finance.get(f"{ROOT}/crosswalk", {"source": "tbm-4.1", "target": "tbm-5.0"}).json()
    assert {row["layer"] for row in rows["rows"]} == {"cost_pool", "tower", "solution"}
    whole, hers = (c.get(f"{ROOT}/compare", BACK).json()["currencies"] for c in (finance, owner))
    assert Decimal(hers[0]["to_total"]) < Decimal(whole[0]["to_total"])
    for table in (*whole, *hers):
        assert table["from_total"] == table["to_total"]


def test_a_decision_needs_the_right_to_apply_a_model(signed_in: Callable[..., Client]) -> None:
    def decide(client: Client, text: str) -> tuple[int, dict[str, object]]:
        body = json.dumps({"text": text})
        said = client.post(f"{ROOT}/crosswalk", body, content_type="application/json")
        return said.status_code, said.json()

    assert decide(signed_in(Role.BUDGET_OWNER, "Retail"), OWN)[0] == 403
    finance = signed_in(Role.IT_FINANCE)
    assert decide(finance, OWN)[1]["decision"] == 1
    assert decide(finance, OWN.replace("2/3", "3/4"))[1]["code"] == "reference.shares_not_one"
    asked = {"source": "tbm-4.1", "target": "tbm-5.0", "layer": "tower"}
    for decision, share in ((1, "2/3"), (0, None)):
        rows = finance.get(f"{ROOT}/crosswalk", {**asked, "decision": decision}).json()["rows"]
        (lan,) = (row for row in rows if row["name"] == "Network / LAN/WAN")
        assert lan["to"][0]["share"] == share
