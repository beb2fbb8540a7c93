"""Rates, entities and converted figures on pages and over HTTP, by role."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from tests.stages.report.conftest import company, company_once  # noqa: F401 - fixtures

from bursar.office.people.models import ConsumerGrant, Role, User
from bursar.office.people.scope import Scope
from bursar.office.reference.entities import entity, vat_ratio
from bursar.office.reference.rates import reporting_currency
from bursar.report.conversion import CurrencyView
from bursar.report.costs import costs

pytestmark = pytest.mark.django_db
ECB = b"Date,USD,GBP,\n2025-12-15,1.1,0,\n2026-01-15,1.25,0.8,\n2026-02-13,1.6,0.8,\n"
JSON = "application/json"


@pytest.fixture
def finance(company: object) -> Client:  # noqa: F811
    return signed_in(Role.IT_FINANCE)


def signed_in(role: Role, consumer: str = "") -> Client:
    user = User.objects.create_user(f"user-{role}", f"{role}@bursar.test", role=role)
    if consumer:
        ConsumerGrant.objects.create(user=user, consumer=consumer)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def load(client: Client, content: bytes = ECB, name: str = "eurofxref-hist.csv") -> Any:
    file = BytesIO(content)
    file.name = name
    return client.post("/data/rates/files", {"files": file})


def page(client: Client, address: str, status: int = 200, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def test_rates_are_loaded_and_rejected_ones_are_shown(finance: Client) -> None:
    empty = page(finance, "/data/rates/")
    assert "No daily rates yet" in empty
    assert "Missing for figures in EUR" in empty
    answer = load(finance)
    text = answer.content.decode()
    assert "rate.not_positive" in text
    assert "5 rates added" in text
    text = page(finance, "/data/rates/")
    assert "1 EUR in USD" in text
    assert "Missing for figures" not in text
    assert "pairs are joined by EUR" in text
    told = finance.get("/data/rates/", {"as": "json"}).json()
    assert [(r["to"], r["rates"], r["gaps"]) for r in told["rates"]] == [
        ("GBP", 2, 0), ("USD", 3, 0),
    ]  # fmt: skip
    assert finance.post("/data/rates/files").status_code == 422


def test_a_plan_rate_and_the_reporting_currency_are_set(finance: Client) -> None:
    told = {"kind": "plan", "source": "usd", "rate": "0.9", "target": "eur", "day": "2026-01-01"}
    assert finance.post("/data/rates/set", told).status_code == 302
    assert "0.9" in page(finance, "/data/rates/")
    refused = finance.post("/data/rates/set", told | {"rate": "0"})
    assert refused.status_code == 422
    assert "Give a positive rate" in refused.content.decode()
    wrong = finance.post("/data/rates/set", told | {"rate": "0,9"})
    assert "decimal comma" in wrong.content.decode()
    assert finance.post("/data/rates/reporting-currency", {"currency": "usd"}).status_code == 302
    assert reporting_currency() == "USD"
    refused = finance.post("/data/rates/reporting-currency", {"currency": "xyz"})
    assert refused.status_code == 422


def test_costs_say_how_they_were_converted_or_what_is_missing(finance: Client) -> None:
    text = page(finance, "/costs/", view="reporting", period="2026-02")
    assert "No figure: an exchange rate is missing." in text
    assert "USD to EUR in 2026-02" in text
    assert "351.20" in text
    assert "exchange rate is missing" in page(finance, "/", view="reporting")
    load(finance)
    text = page(finance, "/costs/", view="reporting", period="2026-02", by="cost_pool")
    assert "in EUR, at the average rates of each period" in text
    assert "1 EUR = 1.6 USD" in text
    figure = costs(Scope.all(), by=["cost_pool"], periods=["2026-02"], currency=CurrencyView("EUR"))
    assert f'value="{figure.totals[0].amount.normalize():f}"' in text
    assert "Exchange rates or the money itself?" in text
    assert 'id="state-currency"' not in text
    assert "Since 2026-01" in text
    plan = page(finance, "/costs/", view="reporting", period="2026-02", against="plan")
    assert "at the plan rates" in plan
    assert 'id="state-rate"' not in page(finance, "/costs/", period="2026-02")
    functional = page(finance, "/costs/", view="functional", period="2026-02")
    assert "each entity&#x27;s own currency" in functional
    overview = page(finance, "/", view="reporting", period="2026-02")
    assert "effective cost in EUR, at the average rates of each period" in overview
    lines = finance.get("/costs/export.csv", {"view": "reporting", "period": "2026-02"})
    assert "USD" not in lines.content.decode()


def test_entities_are_shown_changed_and_their_vat_set(finance: Client) -> None:
    assert "Main company" in page(finance, "/data/entities/")
    new = {"code": "CH01", "name": "Swiss AG", "currency": "chf", "month": "1", "pattern": "month"}
    assert finance.post("/data/entities/", new).status_code == 302
    found = entity("CH01")
    assert found is not None
    assert (found.name, found.currency) == ("Swiss AG", "CHF")
    again = finance.post("/data/entities/", new)
    assert again.status_code == 422
    assert "already" in again.content.decode()
    changed = {"name": "Swiss", "currency": "XXX", "month": "1", "pattern": "month"}
    assert finance.post("/data/entities/CH01", changed).status_code == 422
    vat = {"ratio": "0.4", "valid_from": "2026-01-01"}
    assert finance.post("/data/entities/CH01", vat).status_code == 302
    assert str(vat_ratio("CH01", date(2026, 1, 1))) == "0.400000"
    assert "40.0 % is recovered today" in page(finance, "/data/entities/CH01")
    assert finance.post("/data/entities/CH01", vat | {"ratio": "2"}).status_code == 422
    page(finance, "/data/entities/nobody", 404)
    told = finance.get("/data/entities/", {"as": "json"}).json()["entities"]
    assert [(row["code"], row["recoverable_vat_ratio"]) for row in told] == [
        ("CH01", "0.4"), ("main", "1"),
    ]  # fmt: skip
    assert told[1]["periods"] == {"open": 3}


def test_the_same_over_http(finance: Client) -> None:
    file = BytesIO(ECB)
    file.name = "eurofxref.csv"
    done = finance.post("/api/v1/fx/imports", {"file": file}).json()
    assert (done["added"], done["rejected_total"], done["source"]) == (5, 1, "ECB")
    asked = {"amount": "10", "source": "USD", "target": "GBP", "day": "2026-01-16"}
    answer = finance.get("/api/v1/fx/convert", asked).json()
    assert (answer["amount_exact"], answer["amount"]) == ("6.4", "6.40")
    assert len(answer["path"]) == 2
    stale = finance.get("/api/v1/fx/convert", asked | {"day": "2026-01-25"})
    assert (stale.status_code, stale.json()["code"]) == (422, "fx.stale_rate")
    told = finance.get("/api/v1/costs", {"by": "period", "currency": "EUR"}).json()
    assert told == costs(Scope.all(), by=["period"], currency=CurrencyView("EUR")).to_json()
    effect = finance.get("/api/v1/fx/effect", {"before": "2026-01", "after": "2026-02"}).json()
    assert effect["totals"][0]["fx"] == "-61.46"
    order = {"type": "plan", "source": "USD", "target": "EUR", "rate": "0.8", "day": "2026-01-01"}
    set_ = finance.post("/api/v1/fx/rates", order, content_type=JSON).json()
    assert set_ == {"valid_from": "2026-01-01", "valid_to": "2027-01-01"}
    assert len(finance.get("/api/v1/fx/rates", {"type": "plan"}).json()["rates"]) == 1
    named = finance.post("/api/v1/entities/main", {"name": "Group"}, content_type=JSON).json()
    assert (named["name"], named["currency"]) == ("Group", "EUR")
    vat = {"ratio": "0.5", "valid_from": "2026-01-01"}
    put = finance.post("/api/v1/entities/main/vat-ratios", vat, content_type=JSON)
    assert put.json() == {"code": "main", "recoverable_vat_ratio": "0.5"}
    listed = finance.get("/api/v1/entities").json()
    assert [row["code"] for row in listed["entities"]] == ["main"]
    chosen = finance.post("/api/v1/fx/reporting-currency", {"currency": "CHF"}, content_type=JSON)
    assert chosen.json() == {"reporting_currency": "CHF"}


def test_an_auditor_sees_and_an_owner_does_not(company: object) -> None:  # noqa: F811
    auditor = signed_in(Role.AUDITOR)
    assert "Set a rate" not in page(auditor, "/data/rates/")
    assert "Add an entity" not in page(auditor, "/data/entities/")
    assert load(auditor).status_code == 403
    assert auditor.post("/data/entities/", {"code": "x"}).status_code == 403
    assert auditor.post("/data/rates/set", {"kind": "plan"}).status_code == 403
    owner = signed_in(Role.BUDGET_OWNER, "Retail")
    for address in ("/data/rates/", "/data/entities/", "/data/entities/main"):
        page(owner, address, 403)
    for address in ("fx/rates", "entities"):
        assert owner.get(f"/api/v1/{address}").status_code == 403
    text = page(owner, "/costs/", view="USD", period="2026-02")
    assert "exchange rate is missing" in text
    assert "Load or set rates" not in text
