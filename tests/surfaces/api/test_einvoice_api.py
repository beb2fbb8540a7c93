"""E-invoices over HTTP and on the document's page: rules EI5, EI8 and EI9."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.core.official_checks import complaints

from bursar.allocate.models import IssuedDocument
from bursar.office.people.models import Role

pytestmark = pytest.mark.django_db
API = "/api/v1"
PARTY = {"legal_name": "A", "street": "Road 1", "city": "Town", "country": "NL",
         "vat_id": "NL123456789B01"}  # fmt: skip


def post(client: Client, path: str, order: dict[str, Any] | None = None) -> Any:
    return client.post(API + path, json.dumps(order or {}), content_type="application/json")


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_from_parties_to_files(signed_in: Callable[..., Client]) -> None:
    finance = signed_in(Role.IT_FINANCE)
    numbers = post(finance, "/issued-statements", {"period": "2026-01"}).json()["numbers"]
    number = numbers[0]
    one = f"/issued-statements/{number}"
    consumer = finance.get(API + one).json()["consumer"]
    page = f"/statements/issued/{number}/"
    assert code_of(post(finance, f"{one}/einvoice")) == (422, "einvoice.informs_only")
    IssuedDocument.objects.update(mode="chargeback")
    assert code_of(finance.get(f"{API}{one}/einvoice/ubl")) == (422, "einvoice.not_made")
    assert "E-invoice" not in finance.get(page).content.decode()

    post(finance, "/entities/shop", {"name": "Shop", "currency": "EUR"})
    said = post(finance, "/entities/shop/consumers",
                {"consumer": consumer, "valid_from": "2026-01-01"})  # fmt: skip
    assert said.json()["consumers"] == [{"consumer": consumer, "valid_from": "2026-01-01"}]
    terms = {"buyer": "shop", "vat_category": "S", "vat_rate": "21", "valid_from": "2026-01-01"}
    bad = post(finance, "/entities/main/agreements", {**terms, "vat_category": "Z"})
    assert code_of(bad) == (422, "einvoice.bad_rate")
    made = post(finance, "/entities/main/agreements", terms).json()
    assert (made["seller"], made["vat_rate"], made["payment_days"]) == ("main", "21", 30)
    assert code_of(post(finance, f"{one}/einvoice")) == (422, "einvoice.party_incomplete")
    for entity in ("main", "shop"):
        post(finance, f"/entities/{entity}/party", {**PARTY, "legal_name": entity.upper()})
    told = finance.get(f"{API}/entities/main/party").json()
    assert told["agreements"][0]["buyer"] == "shop"
    assert told["legal_name"] == "MAIN"
    assert code_of(finance.get(f"{API}/entities/nobody/party"))[1] == "record.unknown_entity"

    assert "Make the e-invoice" in finance.get(page).content.decode()
    owner = signed_in(Role.BUDGET_OWNER, consumer)
    assert "Make the e-invoice" not in owner.get(page).content.decode()
    assert post(owner, f"{one}/einvoice").status_code == 403
    assert owner.get(f"{API}/entities/main/party").status_code == 403
    done = finance.post(f"{page}act", {"act": "einvoice"}, follow=True).content.decode()
    assert f"The e-invoice of {number} is made." in done
    assert "SHOP" in done
    assert post(finance, f"{one}/einvoice").json()["content"]["number"] == number

    for client in (finance, owner):
        for kind in ("ubl", "cii"):
            answer = client.get(f"{API}{one}/einvoice/{kind}")
            assert answer["Content-Type"] == "application/xml"
            assert complaints(answer.content, kind) == []
            assert client.get(f"{page}einvoice/{kind}").content == answer.content
        pdf = client.get(f"{page}einvoice/factur-x")
        assert pdf["Content-Disposition"] == f'attachment; filename="{number}.pdf"'
        assert pdf.content.startswith(b"%PDF")
    assert finance.get(f"{API}{one}/einvoice/doc").json()["code"] == "report.unknown_kind"
    stranger = signed_in(Role.BUDGET_OWNER, "Somebody else")
    assert code_of(stranger.get(f"{API}{one}/einvoice/ubl")) == (404, "statement.no_document")
    assert stranger.get(f"{page}einvoice/ubl").status_code == 404
