"""A month's work in the browser: files in, model run, statement out as a document."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.surfaces.web.conftest import Served
from tests.surfaces.web.visitor import Visitor

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]
PATIENCE = 90_000
"""Milliseconds: the job consumer is a process of its own and takes a moment to wake."""


def test_from_the_file_to_the_statement(browser: Any, apart: Served) -> None:
    finn = Visitor.arrive(browser, apart.address)
    finn.sign_in("finn")
    page = finn.page
    for name in ("cumulus-2026-02.csv", "ledger-2026-02.csv"):
        finn.go("/data/")
        page.locator("#files").set_input_files(apart.files[name])
        page.get_by_role("button", name="Import", exact=True).click()
        page.get_by_text("Imported: ").wait_for(timeout=PATIENCE)
        assert "2026-02" in page.locator("tbody").first.inner_text()

    finn.go("/data/")
    page.locator("#files").set_input_files(apart.files["ledger-2026-02.csv"])
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Nothing changed").wait_for(timeout=PATIENCE)

    finn.go("/model/")
    page.get_by_role("button", name="Run and publish").click()
    page.get_by_text("computed: 2026-02").wait_for(timeout=PATIENCE)

    finn.go("/?period=2026-02")
    assert "2026-02, effective cost in EUR" in page.locator(".page-head").inner_text()
    page.get_by_role("link", name="Statements", exact=True).click()
    page.wait_for_url("**/statements/**")
    page.get_by_role("link", name="Stores", exact=True).click()
    page.wait_for_url("**/statements/S-**")
    shown = page.locator("tfoot .money").first.get_attribute("value")
    assert Decimal(shown) > 0
    with page.expect_download() as waiting:
        page.get_by_role("link", name="PDF", exact=True).click()
    assert waiting.value.suggested_filename.endswith(".pdf")
    assert waiting.value.path().read_bytes().startswith(b"%PDF")

    page.get_by_role("link", name="Trace ").first.click()
    page.wait_for_url("**/trace?**")
    assert "amount comes from" in finn.heading()
    assert finn.leave() == []


def test_acts_are_in_the_journal_by_name(visit: Visit) -> None:
    audra = visit("audra")
    audra.go("/journal/?act=record.")
    text = audra.page.locator("tbody").inner_text()
    assert "record.import" in text
    assert audra.page.get_by_text("Chain whole").is_visible()
    audra.go("/model/")
    assert audra.page.get_by_role("button", name="Run and publish").count() == 0
