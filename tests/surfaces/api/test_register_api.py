"""Registers over HTTP: kept, changed, read from tables, exported, and nobody's pay in between.

Rules RG1-RG3, RG7 and RG8 of docs/spec/registers.md.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bursar.office.people.models import Role

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
ASSET = {"name": "Server", "purchase_date": "2026-01-10", "purchase_cost": "1200",
         "currency": "EUR", "useful_life_months": "12"}  # fmt: skip


def send(client: Client, path: str, order: dict[str, Any], how: str = "post") -> Any:
    call = getattr(client, how)
    return call(f"/api/v1/{path}", json.dumps(order), content_type="application/json")


def keep(client: Client, *records: dict[str, Any], register: str = "assets") -> Any:
    return send(client, f"registers/{register}", {"records": list(records)})


def test_a_record_is_kept_changed_and_shown(signed_in: Enter) -> None:
    finance = signed_in(Role.IT_FINANCE)
    done = keep(finance, {"number": "S/1", "content": ASSET}, {"content": ASSET})
    assert (done.status_code, done.json()["entered"]) == (200, ["S/1", "A-00001"])
    again = keep(finance, {"number": "S/1", "content": ASSET})
    assert (again.status_code, again.json()["code"]) == (422, "record.bad_record")
    order = {"content": {"useful_life_months": "24"}, "seen_version": 1, "reason": "longer"}
    assert send(finance, "registers/assets/S/1", order, "patch").json()["changed"] == ["S/1"]
    stale = send(finance, "registers/assets/S/1", order, "patch")
    assert stale.json()["code"] == "record.changed_since"
    told = finance.get("/api/v1/registers/assets/S/1", {"day": "2026-03-31"}).json()
    assert told["schedule"]["facts"]["Book value"] == "1050"
    assert told["schedule"]["rows"][0]["depreciation"] == "50.00"
    assert [(v["version"], v["reason"]) for v in told["history"]] == [(2, "longer"), (1, "")]
    gone = send(finance, "registers/assets/Q", order, "patch")
    assert (gone.status_code, gone.json()["code"]) == (404, "record.unknown_record")
    nowhere = finance.get("/api/v1/registers/chairs")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "record.unknown_register")
    listed = finance.get("/api/v1/registers/assets", {"where": "useful_life_months=24"}).json()
    assert (listed["count"], listed["records"][0]["number"]) == (1, "S/1")
    names = {r["name"] for r in finance.get("/api/v1/registers").json()["registers"]}
    assert {"assets", "contracts", "positions", "time_entries"} <= names


def test_changes_retirement_due_days_and_the_roll_forward(signed_in: Enter) -> None:
    finance = signed_in(Role.IT_FINANCE)
    keep(finance, *({"number": n, "content": ASSET} for n in ("A", "B")))
    change = {"numbers": ["A"], "change": {"date": "2026-02-01", "kind": "life", "months": "24"}}
    assert send(finance, "registers/assets/changes", change).json()["changed"] == ["A"]
    out = {"numbers": ["B"], "date": "2026-03-10", "proceeds": "100.5", "reason": "sold"}
    assert send(finance, "registers/assets/retirements", out).json()["changed"] == ["B"]
    found = finance.get(
        "/api/v1/registers/assets/roll-forward", {"first": "2026-01", "last": "2026-03"}
    ).json()
    [row] = found["rows"]
    assert (row["additions"], row["disposals"], row["closing_cost"]) == (
        "2400.00", "1200.00", "1200.00",
    )  # fmt: skip
    assert row["gain_or_loss"] == "-899.50"
    days = finance.get("/api/v1/registers/due", {"first": "2026-01-01", "last": "2029-01-01"})
    assert [d["number"] for d in days.json()["due"]] == ["A"]
    bad = send(finance, "registers/spread", {"through": "2999-01"})
    assert bad.json()["code"] == "record.bad_horizon"
    gone = {"numbers": ["A"], "reason": "never bought"}
    assert send(finance, "registers/assets/withdrawals", gone).json() == {"withdrawn": ["A"]}


def test_tables_go_in_and_out(signed_in: Enter) -> None:
    finance = signed_in(Role.IT_FINANCE)
    content = b"Asset tag,Name,Cost,Bought\nT1,=Laptop,12.5,2026-01-31\nT2,,1,2026-01-31\n"
    form = {"files": SimpleUploadedFile("fleet.csv", content),
            "constants": json.dumps({"currency": "CHF"})}  # fmt: skip
    [made] = finance.post("/api/v1/registers/assets/imports", form).json()["imports"]
    assert (made["entered"], made["rejected"]) == (1, 1)
    [row] = finance.get(f"/api/v1/register-imports/{made['token']}/rejected").json()["rejected"]
    assert (row["row"], row["problems"][0]["code"]) == (3, "record.field_missing")
    [listed] = finance.get("/api/v1/registers/assets/imports").json()["imports"]
    assert listed["token"] == made["token"]
    text = finance.get("/api/v1/registers/assets/table").content
    assert b"'=Laptop" in text
    back = {"files": SimpleUploadedFile("again.csv", text), "update": "true"}
    [again] = finance.post("/api/v1/registers/assets/imports", back).json()["imports"]
    assert (again["unchanged"], again["rejected"]) == (1, 0)
    book = finance.get("/api/v1/registers/assets/table", {"format": "xlsx"}).content
    cells = [[c.value for c in row] for row in openpyxl.load_workbook(io.BytesIO(book)).active]
    assert (cells[1][0], cells[1][1]) == ("T1", "=Laptop")
    path = f"register-imports/{made['token']}/undo"
    assert send(finance, path, {"reason": "wrong file"}).json() == {"undone": made["token"]}
    assert finance.get("/api/v1/registers/assets").json()["count"] == 0


def test_who_may_what(signed_in: Enter) -> None:
    staff, finance = signed_in(Role.STAFF_FINANCE), signed_in(Role.IT_FINANCE)
    pay = [{"date": "2025-01-01", "yearly": "61234"}]
    person = {"name": "Developer", "grade": "G5", "start": "2025-01-01", "currency": "EUR",
              "holder": "Ann Example", "salaries": pay}  # fmt: skip
    people = [{"number": f"P{n}", "content": person} for n in range(5)]
    assert keep(finance, *people, register="positions").status_code == 403
    assert keep(staff, *people, register="positions").status_code == 200
    rates = send(staff, "registers/standard_rates/issues", {"date": "2026-01-01"})
    assert rates.json()["new"] == ["EUR / grade / G5"]
    paths = ("positions", "positions/P1", "standard_rates", "positions/table")
    seen = " ".join(finance.get(f"/api/v1/registers/{p}").content.decode() for p in paths)
    assert "61234" not in seen
    assert "Ann" not in seen
    assert "61000" in seen
    assert "61234" in staff.get("/api/v1/registers/positions/P1").content.decode()
    months = {"first": "2026-01", "last": "2026-01"}
    [paid] = staff.get("/api/v1/registers/positions/variance", months).json()["months"]
    assert (paid["actual"], paid["standard"], paid["variance"]) == (
        "25514.15", "25416.65", "97.50",
    )  # fmt: skip
    assert finance.get("/api/v1/registers/positions/variance", months).status_code == 403
    issues = send(finance, "registers/standard_rates/issues", {"date": "2026-01-01"})
    assert issues.status_code == 403
    auditor, owner = signed_in(Role.AUDITOR), signed_in(Role.BUDGET_OWNER, "Retail")
    assert keep(auditor, {"content": ASSET}).status_code == 403
    assert auditor.get("/api/v1/registers/assets").status_code == 200
    span = "first=2026-01&last=2026-02"
    for path in ("", "/assets", "/positions/P1", "/due?first=2026-01-01&last=2027-01-01",
                 "/assets/table", "/assets/imports", f"/assets/roll-forward?{span}"):  # fmt: skip
        assert owner.get(f"/api/v1/registers{path}").status_code == 403, path
