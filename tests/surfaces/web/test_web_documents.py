"""Entering cost in the browser, and seeing it on the Overview with the next request.

Rules D7, D10, D11 and D18 of docs/spec/documents.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from tests.surfaces.web.visitor import Visitor

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]


def total(ada: Visitor, period: str) -> Decimal:
    answer = ada.page.request.get(f"{ada.address}/api/v1/costs?period={period}")
    assert answer.status == 200
    return sum((Decimal(t["amount"]) for t in answer.json()["totals"]), Decimal(0))


def fill(ada: Visitor, day: str, amount: str) -> None:
    page = ada.page
    page.get_by_label("Date", exact=True).fill(day)
    page.get_by_label("Description", exact=True).fill("Licences of the design team")
    page.get_by_label("Amount, line 1", exact=True).fill(amount)
    page.get_by_label("Account, line 1", exact=True).fill("6420")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_cost_is_on_the_overview_with_the_next_request(
    visit: Visit, scripts: bool, tmp_path: Path
) -> None:
    ada = visit("ada", scripts=scripts)
    page = ada.page
    newest = ada.page.request.get(f"{ada.address}/api/v1/choices").json()["run_periods"][0]
    before = total(ada, newest)
    page.goto(f"{ada.address}/data/documents/")
    page.get_by_role("link", name="Enter a document").click()
    fill(ada, f"{newest}-11", "1,50")
    page.get_by_role("button", name="More rows").click()
    page.get_by_label("Amount, line 12", exact=True).wait_for()
    assert page.get_by_label("Account, line 1", exact=True).input_value() == "6420"
    page.get_by_role("button", name="Enter the document").click()
    assert "Line 1" in page.locator(".message.error").inner_text()
    fill(ada, f"{newest}-11", "1000.25")
    page.locator("summary", has_text="Paste many lines").click()
    page.get_by_label("Lines from a spreadsheet").fill("amount;tags\n2.5;team=data\n\n-1;")
    page.get_by_role("button", name="Enter the document").click()
    number = ada.heading()
    assert re.fullmatch(r"C20\d\d-\d{4}", number)
    ada.photograph(f"document-entered-{'scripts' if scripts else 'plain'}")
    assert total(ada, newest) == before + Decimal("1001.75")
    page.goto(ada.address + "/")
    assert "lines entered since the run" in page.locator("main").inner_text()
    ada.photograph(f"overview-live-{'scripts' if scripts else 'plain'}")
    page.goto(f"{ada.address}/data/documents/{number}")
    proof = tmp_path / "proof.html"
    proof.write_text("<script>alert(1)</script>")
    page.get_by_label("Files, 20 MB each at most").set_input_files(proof)
    page.get_by_role("button", name="Attach").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="proof.html").click()
    assert Path(waiting.value.path()).read_text() == "<script>alert(1)</script>"
    page.get_by_label("Reason").fill("Entered by a test")
    page.get_by_role("button", name="Reverse the document").click()
    assert "Reversed by" in page.locator("main").inner_text()
    assert total(ada, newest) == before


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_document_pleases_axe_and_fits(visit: Visit, theme: str, width: int) -> None:
    ada = visit("ada", theme=theme, width=width)
    ada.go("/data/documents/new?kind=accrual")
    fill(ada, "2026-01-11", "77.125")
    ada.page.get_by_role("button", name="Enter the document").click()
    number = ada.heading()
    for name, path in (
        ("document", f"/data/documents/{number}"),
        ("documents", "/data/documents/"),
        ("document-new", "/data/documents/new"),
    ):
        ada.go(path)
        ada.photograph(f"{name}-{theme}-{width}")
        assert ada.accessibility_problems() == [], name
        assert ada.page.evaluate("document.documentElement.scrollWidth") <= width, name
    ada.page.goto(f"{ada.address}/data/documents/{number}")
    ada.page.get_by_label("Reason").fill("Looks only")
    ada.page.get_by_role("button", name="Reverse the document").click()
