"""A budget owner walks every address of the product: nothing of another consumer appears anywhere.

The addresses are read from the URL configuration, so one that is added later is walked as well.
Wherever an address takes something (a statement, a line, a consumer), the owner tries everything
that exists, above all what is not hers; wherever it takes a query, she asks for others' figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from itertools import product

import openpyxl
import pypdf
import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.stages.report.conftest import company, company_once  # noqa: F401 - fixtures

from bursar.core.money.amount import exact_text
from bursar.office.people.models import ConsumerGrant, Role, User
from bursar.office.people.scope import Scope
from bursar.report.balance import balance
from bursar.report.batches import batches
from bursar.report.bill_of_it import statements
from bursar.report.costs import costs
from bursar.report.lines import cost_lines
from bursar.report.wording import money

pytestmark = pytest.mark.django_db
ALL, HERS = Scope.all(), Scope.of_roots(["Retail"])
FOREIGN_NAMES = ("Wholesale", "Digital", "Group")
# Stored by others under addresses of their own; they hold no figures.
WITHOUT_FIGURES = re.compile(r"^/(accounts|static|assets)/")
QUERIES = (
    {},
    {"period": "2026-02", "currency": "EUR"},
    {"period": "2026-02", "consumer": "Wholesale", "of": "Wholesale", "q": "Wholesale"},
    {"period": "2026-02", "consumer": "Online", "of": "Online", "q": "Online", "currency": "EUR"},
    {"period": "all", "by": "consumer", "across": "period", "currency": "USD"},
    {"period": "2026-02", "by": "service_name", "where": "consumer=Digital", "as": "json"},
    {"by": "business_unit", "business_unit": "Digital", "focus": "consumer:Digital"},
    {"by": "outcome", "outcome": "retained", "basis": "billed", "source": "payroll"},
)


def addresses(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    """Every address as Django writes it, with its `<converter:name>` parts."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


def filled(route: str, known: dict[str, list[str]]) -> Iterator[str]:
    """The address with everything that exists in place of its parts."""
    parts = re.findall(r"<(?:\w+:)?(\w+)>", route)
    for values in product(*(known.get(part, ["1"]) for part in parts)):
        address = route
        for value in values:
            address = re.sub(r"<(?:\w+:)?\w+>", value, address, count=1)
        yield address


def everything_there_is() -> dict[str, list[str]]:
    held = statements(ALL, periods=["2025-12", "2026-01", "2026-02"]).statements
    batch = batches(ALL).rows[0]["batch_id"]
    return {
        "statement_id": [s.statement_id for s in held if s.currency == "EUR"],
        "consumer": ["Wholesale", "Online", "Group", "Retail"],
        "line_id": [cost_lines(ALL).rows[0]["line_id"]],
        "batch_id": [batch],
        "token": [batch],
        "kind": ["pdf", "xlsx", "csv", "focus", "json"],
        "username": ["olga"],
    }


def secrets() -> set[str]:
    """Amounts that are not hers, as exact text and as printed, of four digits and more."""
    theirs: set[Decimal] = set()
    for month in ("2025-12", "2026-01", "2026-02"):
        for by in ("consumer", "business_unit", "outcome", "cost_pool", "tower"):
            theirs |= {r.amount for r in costs(ALL, by=[by], periods=[month]).rows}
        for each in statements(ALL, periods=[month]).statements:
            theirs |= {each.total, each.document_total, *(x.amount for x in each.lines)}
        for row in balance(ALL, periods=[month]).rows:
            theirs |= {row.cost_in, row.allocated, row.retained, row.unallocated}
        theirs |= {Decimal(x["effective_cost"]) for x in cost_lines(ALL, periods=[month]).rows}
    told = {t for a in theirs for t in (exact_text(a), money(a, "EUR")) if len(t) >= 6}
    told = {t for t in told if not t.endswith(".00")}  # round figures stand in many places
    return told - hers()


GROUPINGS = (
    ["consumer"],
    ["consumer", "cost_pool"],
    ["tower"],
    ["solution"],
    ["cost_pool"],
    ["pool"],
    [],
)


def hers() -> set[str]:
    """What she may see: her own figures, sums of them, and the pool totals that are disclosed."""
    amounts: set[Decimal] = set()
    for month in ("2025-12", "2026-01", "2026-02"):
        for by in (
            ["consumer"],
            ["consumer", "cost_pool"],
            ["tower"],
            ["solution"],
            ["cost_pool"],
            ["pool"],
            [],
        ):
            amounts |= {r.amount for r in costs(HERS, by=by, periods=[month]).rows}
        for each in statements(HERS, periods=[month]).statements:
            amounts |= {each.total, each.document_total}
            amounts |= {a for line in each.lines for a in (line.amount, line.document_amount)}
            amounts |= {pool.pool_total for pool in each.disclosed}
    return {t for a in amounts for t in (exact_text(a), money(a, "EUR"))}


def text_of(answer: HttpResponse) -> str:
    """Everything that a person could read in the answer."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    kind = answer.get("Content-Type", "")
    if "pdf" in kind:
        return " ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(content)).pages)
    if "spreadsheet" in kind:
        book = openpyxl.load_workbook(BytesIO(content))
        return " ".join(str(c.value) for sheet in book for row in sheet for c in row)
    return content.decode(errors="replace")


def stands_in(secret: str, text: str) -> bool:
    return re.search(rf"(?<![\d.,]){re.escape(secret)}(?![\d])", text) is not None


@pytest.fixture
def olga(company: object) -> Client:  # noqa: F811
    user = User.objects.create(username="olga", email="olga@example.org", role=Role.BUDGET_OWNER)
    ConsumerGrant.objects.create(user=user, consumer="Retail")
    client = Client(raise_request_exception=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def leaks(address: str, query: dict[str, str], answer: HttpResponse, hidden: set[str]) -> list[str]:
    text = text_of(answer)
    asked = " ".join(query.values()) + address
    found = [name for name in FOREIGN_NAMES if name in text and name not in asked]
    found += [secret for secret in hidden if stands_in(secret, text)]
    return [f"{address} {query}: {what}" for what in found]


def test_no_address_shows_a_budget_owner_what_is_not_hers(olga: Client) -> None:
    known, hidden = everything_there_is(), secrets()
    routes = sorted({r for r in addresses() if not WITHOUT_FIGURES.match(r)})
    assert {"/statements/", "/costs/", "/api/v1/costs", "/"} <= set(routes)
    assert len(hidden) > 50
    found, walked = [], 0
    for route in routes:
        for address in filled(route, known):
            for query in QUERIES if "<" not in route else QUERIES[:1]:
                answer = olga.get(address, query)
                walked += 1
                assert answer.status_code < 500, f"{address} {query}: {answer.status_code}"
                found += leaks(address, query, answer, hidden)
    assert found == []
    assert walked > 150


def test_the_walk_would_notice_a_leak(olga: Client) -> None:
    finance = User.objects.create(username="finn", email="finn@example.org", role=Role.IT_FINANCE)
    olga.force_login(finance, backend="django.contrib.auth.backends.ModelBackend")
    query = {"period": "2026-02", "currency": "EUR"}
    answer = olga.get("/statements/", query)
    assert any("Wholesale" in leak for leak in leaks("/statements/", query, answer, secrets()))
