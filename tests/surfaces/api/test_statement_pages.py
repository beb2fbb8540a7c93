"""The pages of statements: what they say, their files, and what they keep from others."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from bursar.office.people.models import Role
from bursar.office.people.scope import Scope
from bursar.report.bill_of_it import statements
from bursar.report.wording import money

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def page(client: Client, address: str, status: int = 200, **query: object) -> str:
    answer = client.get(address, query)
    assert answer.status_code == status, answer.content[:400]
    return answer.content.decode()


def test_the_list_names_every_statement_with_its_amount(signed_in: Enter) -> None:
    told = page(signed_in(Role.IT_FINANCE), reverse("web:statements"))
    for each in statements(Scope.all(), currency="EUR").statements:
        assert each.consumer in told
        assert money(each.document_total, "EUR") in told
        assert reverse("web:statement", args=[each.statement_id]) in told
    assert reverse("web:consumer_statements", args=["Digital"]) in told


def test_a_statement_s_page_leads_to_traces_and_files(signed_in: Enter) -> None:
    client = signed_in(Role.AUDITOR)
    (each,) = statements(Scope.all(), consumer="Stores", currency="EUR").statements
    told = page(client, reverse("web:statement", args=[each.statement_id]))
    assert each.summary in told
    assert each.sha256 in told
    assert "consumer=Stores" in told
    assert told.count(">trace</a>") == len(each.lines)
    for kind in ("xlsx", "csv", "focus", "json"):
        answer = client.get(reverse("web:statement_file", args=[each.statement_id, kind]))
        assert answer.status_code == 200
    pdf = client.get(reverse("web:statement_file", args=[each.statement_id, "pdf"]))
    text = pypdf.PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
    assert money(each.document_total, "EUR") in text
    page(client, reverse("web:statement_file", args=[each.statement_id, "doc"]), 404)


def test_a_parent_s_page_shows_the_sum_and_says_that_it_is_one(signed_in: Enter) -> None:
    client = signed_in(Role.AUDITOR)
    told = page(client, reverse("web:consumer_statements", args=["Digital"]))
    assert "Sum of Digital, Online" in told
    assert "never added" in told
    answer = client.get(reverse("web:statement_files", args=["pdf"]), {"of": "Digital"})
    assert answer["Content-Disposition"].endswith('digital.pdf"')


def test_a_budget_owner_sees_hers_alone(signed_in: Enter) -> None:
    client = signed_in(Role.BUDGET_OWNER, "Retail")
    told = page(client, reverse("web:statements"))
    assert "Stores" in told
    for foreign in ("Wholesale", "Digital", "Online"):
        assert f">{foreign}<" not in told
    (online,) = statements(Scope.all(), consumer="Online", currency="EUR").statements
    page(client, reverse("web:statement", args=[online.statement_id]), 404)
    page(client, reverse("web:statement_file", args=[online.statement_id, "pdf"]), 404)
    page(client, reverse("web:consumer_statements", args=["Wholesale"]), 404)


def test_nobody_s_statements_are_an_empty_page(signed_in: Enter) -> None:
    assert "no cost yet" in page(signed_in(Role.BUDGET_OWNER), reverse("web:statements"))


def test_fairness_is_told_on_a_page_and_over_http_within_scope(signed_in: Enter) -> None:
    auditor, owner = signed_in(Role.AUDITOR), signed_in(Role.BUDGET_OWNER, "Retail")
    (each,) = statements(Scope.all(), consumer="Stores", currency="EUR").statements
    address = reverse("web:statement_fairness", args=[each.statement_id])
    assert address in page(auditor, reverse("web:statement", args=[each.statement_id]))
    told = page(auditor, address)
    assert "In equal parts" in told
    assert "Office" in told
    charges = auditor.get(f"/api/v1/statements/{each.statement_id}/fairness").json()["charges"]
    assert {charge["solution"] for charge in charges} == {"Shop", "Office"}
    assert all(charge["whole"] for charge in charges)
    assert page(auditor, address, **{"as": "json"}).startswith("{")
    # Salaries are not disclosed, so hers say what she pays alone.
    hers = owner.get(f"/api/v1/statements/{each.statement_id}/fairness").json()["charges"]
    assert [charge["charged"] for charge in hers] == [charge["charged"] for charge in charges]
    assert all(charge["whole"] is None and not charge["ways"] for charge in hers)
    (other,) = statements(Scope.all(), consumer="Wholesale", currency="EUR").statements
    page(owner, reverse("web:statement_fairness", args=[other.statement_id]), 404)
