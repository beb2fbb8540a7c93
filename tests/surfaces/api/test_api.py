"""The API: the same figures as the reports, in the caller's scope, with refusals as statuses."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from io import BytesIO

import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from tests.stages.report.company import MODEL, summed

from bursar.api.refusals import status_of
from bursar.office.people.models import Role
from bursar.office.people.scope import Scope
from bursar.report.balance import balance
from bursar.report.bill_of_it import statements
from bursar.report.costs import costs
from bursar.report.lines import cost_lines
from bursar.report.trace import trace_line, trace_statement

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def get(client: Client, path: str, status: int = 200, **query: object) -> dict:
    answer = client.get(f"/api/v1/{path}", query)
    assert answer.status_code == status, answer.content[:300]
    return answer.json()


def test_costs_are_exact_text_and_sum_to_the_raw_files(signed_in: Enter) -> None:
    told = get(signed_in(Role.IT_FINANCE), "costs", by="cost_pool,tower", period="2026-02")
    assert told["basis"] == "effective"
    for total in told["totals"]:
        rows = [r["amount"] for r in told["rows"] if r["currency"] == total["currency"]]
        assert sum(Fraction(a) for a in rows) == Fraction(total["amount"])
        where = {"period": "2026-02", "currency": total["currency"]}
        assert Fraction(total["amount"]) == sum(summed("tower", where=where).values())
    some = get(signed_in(Role.AUDITOR), "costs", by="tower", where="consumer=Online")
    assert some["rows"]


def test_statements_and_their_documents(signed_in: Enter) -> None:
    client = signed_in(Role.AUDITOR)
    told = get(client, "statements", period="2026-02")
    first = told["statements"][0]
    assert sum(Decimal(x["amount"]) for x in first["lines"]) == Decimal(first["total"])
    one = get(client, f"statements/{first['statement_id']}")
    assert one == first
    answer = client.get(f"/api/v1/statements/{first['statement_id']}/document.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert first["consumer"] in pypdf.PdfReader(BytesIO(answer.content)).pages[0].extract_text()
    for kind in ("xlsx", "csv", "focus", "json"):
        answer = client.get(f"/api/v1/statement-documents.{kind}", {"period": "2026-02"})
        assert answer.status_code == 200
        assert "attachment" in answer["Content-Disposition"]
    assert get(client, f"statements/{first['statement_id']}/document.doc", 404)["code"] == (
        "report.unknown_kind"
    )


def test_traces_sum_both_ways(signed_in: Enter) -> None:
    client = signed_in(Role.IT_FINANCE)
    told = get(client, "trace", period="2026-02", consumer="Online", currency="EUR")
    assert sum(Decimal(s["amount"]) for s in told["sources"]) == Decimal(told["amount"])
    line = get(client, "lines", period="2026-02", limit=1)["lines"][0]["line_id"]
    assert get(client, f"lines/{line}")["line_id"] == line
    payers = get(client, f"lines/{line}/trace")
    assert sum(Decimal(p["amount"]) for p in payers["payers"]) == Decimal(payers["amount"])


def test_the_books_are_open_to_those_who_may_read_them(signed_in: Enter) -> None:
    client = signed_in(Role.AUDITOR)
    assert all(row["holds"] for row in get(client, "balance")["balance"])
    assert len(get(client, "batches", in_force=True)["batches"]) == 12
    assert get(client, "unclassified", period="2026-02")["count"] == 1
    assert get(client, "model")["version"] == 1
    assert get(client, "drivers", period="2026-02")["drivers"][0]["verdict"] == "complete"
    assert get(client, "overview")["period"] == "2026-02"
    assert get(client, "choices")["currencies"] == ["EUR", "USD"]


def test_nothing_that_a_report_says_is_lost_on_the_way(signed_in: Enter) -> None:
    client, scope = signed_in(Role.AUDITOR), Scope.all()
    found = statements(scope, periods=["2026-02"])
    assert get(client, "statements", period="2026-02") == found.to_json()
    assert get(client, "balance") == balance(scope).to_json()
    assert get(client, "costs", by="tower") == costs(scope, by=["tower"]).to_json()
    asked = {"period": "2026-02", "consumer": "Stores"}
    assert get(client, "trace", **asked) == trace_statement(scope, **asked).to_json()
    line = cost_lines(scope).rows[0]["line_id"]
    told = get(client, f"lines/{line}/trace")
    told["sources"][0].pop("dim_id")
    assert told == trace_line(scope, line_id=line).to_json()


def test_a_budget_owner_gets_her_own_and_is_refused_the_rest(signed_in: Enter) -> None:
    client = signed_in(Role.BUDGET_OWNER, "Retail")
    rows = get(client, "costs", by="consumer")["rows"]
    assert {row["consumer"] for row in rows} == {"Stores", "Online"}
    assert get(client, "costs", 403, by="service_name")["code"] == "report.beyond_scope"
    for path in ("balance", "batches", "unclassified", "lines", "lines/b1-1", "lines/b1-1/trace",
                 "model", "drivers"):  # fmt: skip
        assert get(client, path, 403, period="2026-02")["code"] == "people.not_allowed"
    assert get(client, "statements", 404, consumer="Wholesale")["code"] == "report.unknown_consumer"
    assert get(client, "trace", 404, period="2026-02", consumer="Wholesale")


def test_nobody_gets_anything_without_signing_in(signed_in: Enter) -> None:
    for path in ("costs", "statements", "overview", "model"):
        assert Client().get(f"/api/v1/{path}").status_code == 401
    schema = Client().get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert "/api/v1/costs" in schema["paths"]


def test_acts_need_the_role_and_the_token(signed_in: Enter) -> None:
    text = {"text": MODEL.replace("Hand-worked", "Better")}
    json = "application/json"
    careless = signed_in(Role.IT_FINANCE, checks=True)
    assert careless.post("/api/v1/model/versions", text, content_type=json).status_code == 403
    auditor = signed_in(Role.AUDITOR)
    assert auditor.post("/api/v1/model/versions", text, content_type=json).status_code == 403
    assert auditor.post("/api/v1/runs", {}, content_type=json).status_code == 403
    finance = signed_in(Role.IT_FINANCE)
    checked = finance.post("/api/v1/model/check", {"text": "name: x\nbad: 1"}, content_type=json)
    assert [p["code"] for p in checked.json()["problems"]] == ["model.unknown_key"]
    assert finance.post("/api/v1/model/versions", text, content_type=json).json()["version"] == 2
    run = finance.post("/api/v1/runs", {"dry_run": True}, content_type=json).json()
    assert (run["dry_run"], len(run["balance"])) == (True, 6)
    refused = finance.post("/api/v1/model/versions", {"text": "name: ["}, content_type=json)
    assert (refused.status_code, refused.json()["code"]) == (422, "model.problems")


def test_files_are_recorded_under_their_own_name(signed_in: Enter) -> None:
    bill = BytesIO(b"posting_date,amount,currency\n2026-03-05,12.5,EUR\n")
    bill.name = "../../march.csv"
    finance = signed_in(Role.IT_FINANCE)
    told = finance.post("/api/v1/imports", {"files": bill, "format": "ledger"}).json()
    assert (told["file"], told["rows_accepted"]) == ("march.csv", 1)
    assert told["batches"][0]["totals"][0]["billed_cost"] == "12.5"
    bill.seek(0)
    answer = signed_in(Role.BUDGET_OWNER).post("/api/v1/imports", {"files": bill})
    assert (answer.status_code, answer.json()["code"]) == (403, "people.not_allowed")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("people.not_allowed", 403),
        ("report.beyond_scope", 403),
        ("report.no_statement", 404),
        ("report.not_run", 404),
        ("run.overlapped", 409),
        ("import.empty_file", 422),
        ("report.unknown_dimension", 422),
    ],
)
def test_codes_become_statuses(code: str, status: int) -> None:
    assert status_of(code) == status


def test_the_ledger_as_focus_is_a_file(signed_in: Enter) -> None:
    answer = signed_in(Role.IT_FINANCE).get("/api/v1/ledger/focus.csv.gz", {"period": "2026-02"})
    rows = list(csv.DictReader(gzip.decompress(answer.getvalue()).decode().splitlines()))
    expected = costs(Scope.all(), by=["currency"], periods=["2026-02"], basis="billed").totals
    found = {
        t.currency: sum(
            Fraction(r["BilledCost"]) for r in rows if r["BillingCurrency"] == t.currency
        )
        for t in expected
    }
    assert found == {t.currency: Fraction(t.amount) for t in expected}
    get(signed_in(Role.BUDGET_OWNER, "Retail"), "ledger/focus.csv.gz", 403)


def test_what_was_charged_as_focus_is_a_file(signed_in: Enter) -> None:
    address = reverse("web:focus_charges", args=["2026-02", "effective"])
    finance = signed_in(Role.IT_FINANCE)
    listed = finance.get(reverse("web:statements"), {"period": "2026-02"}).content.decode()
    assert address in listed
    asked = [("/api/v1/ledger/focus-charges.csv.gz", {"period": "2026-02"}), (address, {})]
    for url, values in asked:
        answer = finance.get(url, values)
        rows = list(csv.DictReader(gzip.decompress(answer.getvalue()).decode().splitlines()))
        charged = sum(Fraction(r["EffectiveCost"]) for r in rows if r["x_Consumer"] == "Online")
        told = get(finance, "statements", period="2026-02", consumer="Online")["statements"]
        assert charged == sum(Fraction(one["total"]) for one in told) != 0
    owner = signed_in(Role.BUDGET_OWNER, "Retail")
    get(owner, "ledger/focus-charges.csv.gz", 403, period="2026-02")
    assert owner.get(address).status_code == 403
    assert address not in owner.get(reverse("web:statements")).content.decode()


def test_services_are_told_with_their_unit_costs(signed_in: Enter) -> None:
    finance = signed_in(Role.IT_FINANCE)
    told = get(finance, "services", period="2026-02")
    assert {row["currency"] for row in told["services"]} >= {"EUR"}
    page = finance.get(reverse("web:services"), {"period": "2026-02"}).content.decode()
    for row in told["services"]:
        if row["currency"] == "EUR":
            assert (row["label"] or row["service"]) in page
        if row["volume_effect"] is not None:
            parts = Fraction(row["volume_effect"]) + Fraction(row["unit_cost_effect"])
            assert parts == Fraction(row["change"])
    saved = finance.get(reverse("web:services"), {"period": "2026-02", "as": "json"})
    assert json.loads(saved.getvalue()) == told
    owner = signed_in(Role.BUDGET_OWNER, "Retail")
    get(owner, "services", 403, period="2026-02")
    assert owner.get(reverse("web:services")).status_code == 403


def test_a_change_is_told_in_parts(signed_in: Enter) -> None:
    finance = signed_in(Role.IT_FINANCE)
    told = get(finance, "statements", period="2026-02", consumer="Online")["statements"]
    one = next(row for row in told if row["currency"] == "EUR" and not row["rollup"])
    change = get(finance, f"statements/{one['statement_id']}/change")
    assert sum(Fraction(p["amount"]) for p in change["parts"]) == Fraction(change["difference"])
    assert Fraction(change["now"]) == Fraction(one["total"])
    address = reverse("web:statement_change", args=[one["statement_id"]])
    page = finance.get(address).content.decode()
    assert "why this changed" in page
    assert all(line["sentence"].split(":")[0] in page for line in change["lines"])
    assert (
        address
        in finance.get(reverse("web:statement", args=[one["statement_id"]])).content.decode()
    )
    saved = finance.get(address, {"as": "json", "before": "2026-01"})
    assert json.loads(saved.getvalue()) == change
    stranger = signed_in(Role.BUDGET_OWNER, "Corporate")
    get(stranger, f"statements/{one['statement_id']}/change", 404)
    assert stranger.get(address).status_code == 404
