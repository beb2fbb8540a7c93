"""Statements in the browser: issued, accepted from the keyboard, disputed, credited, re-issued."""

from __future__ import annotations

from typing import Any

import pytest
from tests.surfaces.web.conftest import Served
from tests.surfaces.web.visitor import Visitor

pytestmark = pytest.mark.browser


def arrived(browser: Any, served: Served, name: str) -> Visitor:
    visitor = Visitor.arrive(browser, served.address)
    visitor.sign_in(name)
    return visitor


def looked_at(visitor: Visitor, name: str) -> None:
    visitor.photograph(name)
    assert visitor.accessibility_problems() == []


def test_a_statement_lives_from_issue_to_another_issue(browser: Any, apart: Served) -> None:
    finn, olga = arrived(browser, apart, "finn"), arrived(browser, apart, "olga")
    finn.go("/statements/issued/?period=2026-01")
    assert "Nothing was issued" in finn.page.content()
    finn.page.get_by_role("button", name="Issue").click()
    finn.page.get_by_text("statements were issued").wait_for()
    looked_at(finn, "issued-list")
    everybody = finn.page.locator("tbody tr").count()

    # Olga sees only what is below Retail, and accepts the first without touching the mouse.
    olga.go("/statements/issued/")
    hers = olga.page.locator("tbody tr").count()
    assert 1 < hers < everybody
    first = olga.page.locator("tbody input[type=checkbox]").first
    accepted = first.get_attribute("value")
    first.focus()
    olga.page.keyboard.press("Space")
    while olga.page.evaluate("document.activeElement.innerText") != "Accept the chosen":
        olga.page.keyboard.press("Tab")
    olga.page.keyboard.press("Enter")
    olga.page.get_by_text("1 accepted.").wait_for()
    row = olga.page.locator("tbody tr").filter(has_text=accepted or "")
    assert "Accepted" in row.inner_text()

    # The other one she disputes, line by line.
    left = olga.page.locator("tbody input[type=checkbox]").first.get_attribute("value") or ""
    olga.page.get_by_role("link", name=left).click()
    olga.page.get_by_text("Dispute", exact=True).first.click()
    olga.page.get_by_label("What is wrong").fill("We left the server room in December.")
    olga.page.get_by_label("1: ", exact=False).first.check()
    olga.page.get_by_role("button", name="Dispute").click()
    olga.page.get_by_text("IT finance sees it").wait_for()
    assert not olga.page.get_by_role("button", name="Decide the dispute").count()
    looked_at(olga, "issued-disputed")

    # Finn answers, and decides with a credit on that line.
    finn.go(f"/statements/issued/{left}/")
    finn.page.get_by_label("Write to the other side").fill("So the inventory says.")
    finn.page.get_by_role("button", name="Send").click()
    finn.page.get_by_text("So the inventory says.").wait_for()
    finn.page.get_by_label("Credit, EUR").fill("1.00")
    finn.page.locator("#decide-line").select_option("1")
    finn.page.get_by_label("Reason of the decision").fill("One month of the room.")
    finn.page.get_by_role("button", name="Decide the dispute").click()
    finn.page.get_by_text("The dispute of").wait_for()
    note = finn.page.locator("a", has_text="CN-main-2026-").first
    note.click()
    finn.page.get_by_text("Takes back part of").wait_for()
    looked_at(finn, "issued-credit-note")

    # All of it is taken back, and a new statement is issued.
    finn.go(f"/statements/issued/{left}/")
    finn.page.get_by_text("Credit", exact=True).first.click()
    finn.page.locator("#credit-text").fill("Issued anew without the room.")
    finn.page.get_by_role("button", name="Issue a credit note").click()
    finn.page.get_by_text("credits ST-main").wait_for()
    finn.go("/statements/issued/?period=2026-01")
    finn.page.get_by_role("button", name="Issue 1 statement").click()
    finn.page.get_by_text("1 statement was issued").wait_for()
    with finn.page.expect_download() as waiting:
        finn.go("/statements/issued/")
        finn.page.locator("tbody a").first.click()
        finn.page.get_by_role("link", name="PDF", exact=True).click()
    assert waiting.value.path().read_bytes().startswith(b"%PDF")
    assert [*finn.leave(), *olga.leave()] == []
