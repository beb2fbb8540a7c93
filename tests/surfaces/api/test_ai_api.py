"""AI use over HTTP and on its page, and refused beyond one's scope."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from django.test import Client
from tests.stages.record.test_ai_use import asked, bill, line, log

from bursar.office.people.models import Role

AT = "/api/v1/ai"


def test_a_log_is_split_and_told(
    signed_in: Callable[..., Client], tmp_path: Path, company: object
) -> None:
    log(tmp_path, asked("eve", "gpt-5", (3, 0)), asked("bob", "gpt-5", (1, 0)))
    bill(tmp_path, line("4", "gpt-5"))
    client = signed_in(Role.IT_FINANCE)

    def post(path: str, **body: object) -> dict[str, object]:
        answer = client.post(f"{AT}/{path}", json.dumps(body), content_type="application/json")
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    assert client.get(f"{AT}/logs").json()["logs"][0]["state"] == "proposed"
    assert post("logs/gateway")["state"] == "active"
    assert post("prices", model="gpt-5", prices={"input": "1.25"})["prices"]
    post("assignments", kind="team", value="team of eve", consumer="Retail")
    rows = client.get(f"{AT}/costs?by=consumer").json()["rows"]
    assert [(r["consumer"], r["amount"]) for r in rows] == [("Retail", "3"), (None, "1")]
    page = client.get("/data/ai-use/?period=all&by=principal").content.decode()
    assert "eve" in page
    form = {"kind": "principal", "value": "bob", "consumer": "Online"}
    assert client.post("/data/ai-use/assign/", form).status_code == 302
    assert client.post("/data/ai-use/gateway/", {"active": "no"}).status_code == 302
    assert client.get(f"{AT}/costs").json()["rows"] == []


def test_who_may_not(signed_in: Callable[..., Client]) -> None:
    owner = signed_in(Role.BUDGET_OWNER, "Retail")
    for path in (f"{AT}/logs", f"{AT}/costs", "/data/ai-use/"):
        assert owner.get(path).status_code == 403, path
    auditor = signed_in(Role.AUDITOR)
    assert auditor.get(f"{AT}/costs").status_code == 200
    assert auditor.post("/data/ai-use/gateway/", {"active": "yes"}).status_code == 403
    for path in ("logs/gateway", "assignments", "prices"):
        body = {"kind": "team", "value": "a", "consumer": "b", "model": "m", "prices": {}}
        answer = auditor.post(f"{AT}/{path}", json.dumps(body), content_type="application/json")
        assert answer.status_code == 403, path
