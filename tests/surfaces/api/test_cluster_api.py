"""Clusters over HTTP: the same figures, and refused beyond one's scope."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from django.test import Client
from tests.stages.record.test_cluster_splits import bill, line, pod, usage

from bursar.office.people.models import Role

AT = "/api/v1/clusters"


def test_a_cluster_is_set_and_told(
    signed_in: Callable[..., Client], tmp_path: Path, company: object
) -> None:
    bill(tmp_path, line("i-n1", "1"))
    usage(tmp_path, pod("shop", 2))
    client = signed_in(Role.IT_FINANCE)
    assert client.get(AT).json()["clusters"][0]["state"] == "proposed"
    answer = client.post(
        f"{AT}/blue", json.dumps({"driver": "cpu"}), content_type="application/json"
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "active")
    found = client.get(f"{AT}/costs?by=part").json()
    assert [(r["part"], r["amount"]) for r in found["rows"]] == [
        ("idle", "0.75"),
        ("workload", "0.25"),
    ]
    page = client.get("/data/clusters/?period=all").content.decode()
    assert "Workloads" in page
    assert "shop" in page
    form = {"extent": "everything", "driver": "memory", "cpu_share": "0.5", "idle": "share",
            "active": "on", "platform": "kube-* infra", "label_keys": "app"}  # fmt: skip
    assert client.post("/data/clusters/blue/", form).status_code == 302
    (told,) = client.get(AT).json()["clusters"]
    assert (told["idle"], told["platform"], told["bill"]) == ("share", ["kube-*", "infra"], None)


def test_who_may_not(signed_in: Callable[..., Client]) -> None:
    owner = signed_in(Role.BUDGET_OWNER, "Retail")
    assert owner.get(AT).status_code == 403
    assert owner.get(f"{AT}/costs").status_code == 403
    assert owner.get("/data/clusters/").status_code == 403
    auditor = signed_in(Role.AUDITOR)
    answer = auditor.post(f"{AT}/blue", "{}", content_type="application/json")
    assert (answer.status_code, auditor.get(AT).status_code) == (403, 200)
    assert auditor.get("/data/clusters/blue/").status_code == 403
