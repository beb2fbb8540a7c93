"""The page that sets what an entity's invoices need: rules EI2 and EI5."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from bursar.office.people.models import Role
from bursar.office.reference.parties import agreements_of, consumers_of, party_json

pytestmark = pytest.mark.django_db
PAGE = "/data/entities/main/invoices"


def test_three_forms_set_party_terms_and_consumers(signed_in: Callable[..., Client]) -> None:
    finance = signed_in(Role.IT_FINANCE)
    new = {"code": "shop", "name": "Shop", "currency": "EUR", "month": "1", "pattern": "month"}
    assert finance.post("/data/entities/", new).status_code == 302
    assert "no terms with anybody" in finance.get(PAGE).content.decode()
    party = {"form": "party", "party-legal_name": "Main B.V.", "party-country": "nl"}
    assert finance.post(PAGE, party).status_code == 302
    assert party_json("main")["country"] == "NL"
    wrong = finance.post(PAGE, {**party, "party-vat_id": "12"})
    assert wrong.status_code == 422
    assert "is no VAT number" in wrong.content.decode()
    terms = {"form": "agreement", "agreement-buyer": "shop", "agreement-category": "S",
             "agreement-rate": "21", "agreement-days": "14",
             "agreement-valid_from": "2026-01-01"}  # fmt: skip
    assert finance.post(PAGE, terms).status_code == 302
    assert agreements_of("main")[0]["payment_days"] == 14
    for part in ({"agreement-category": "AE"}, {"agreement-rate": "1,5"}, {"agreement-buyer": "x"}):
        assert finance.post(PAGE, {**terms, **part}).status_code == 422
    whose = {"form": "consumer", "consumer-consumer": "Stores", "consumer-valid_from": "2026-01-01"}
    assert finance.post(PAGE, whose).status_code == 302
    assert consumers_of("main") == [{"consumer": "Stores", "valid_from": "2026-01-01"}]
    shown = finance.get(PAGE).content.decode()
    assert "Main B.V." in shown
    assert "Stores, from 2026-01-01" in shown
    assert finance.get("/data/entities/nobody/invoices").status_code == 404
    assert finance.post(PAGE, {"form": "other"}).status_code == 200


def test_who_reads_does_not_write_and_who_is_restricted_does_not_read(
    signed_in: Callable[..., Client],
) -> None:
    auditor, owner = signed_in(Role.AUDITOR), signed_in(Role.BUDGET_OWNER, "Retail")
    assert (
        "<button"
        not in auditor.get(PAGE).content.decode().split('id="party"')[1].split("</main>")[0]
    )
    assert auditor.post(PAGE, {"form": "party"}).status_code == 403
    assert owner.get(PAGE).status_code == 403
