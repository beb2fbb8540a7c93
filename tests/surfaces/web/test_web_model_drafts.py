"""A change of the model in the browser: drafted by one, reviewed and published by another."""

from __future__ import annotations

from typing import Any

import pytest
from tests.surfaces.web.conftest import Served
from tests.surfaces.web.visitor import Visitor

pytestmark = pytest.mark.browser


def arrived(browser: Any, served: Served, name: str, **looks: Any) -> Visitor:
    visitor = Visitor.arrive(browser, served.address, **looks)
    visitor.sign_in(name)
    return visitor


def looked_at(visitor: Visitor, name: str) -> None:
    visitor.photograph(name)
    assert visitor.accessibility_problems() == []
    width = visitor.page.viewport_size["width"]
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width


def press(visitor: Visitor, button: str) -> None:
    visitor.page.get_by_role("button", name=button, exact=True).click()


def test_a_change_goes_from_hand_to_hand(browser: Any, apart: Served) -> None:
    finn = arrived(browser, apart, "finn")
    ada = arrived(browser, apart, "ada", theme="dark", width=390)
    finn.go("/model/drafts/")
    looked_at(finn, "model-drafts-none")

    # Finn moves a tenth of the ERP from Corporate to Stores, and says what it is for.
    finn.go("/model/text")
    text = finn.page.locator("#text")
    before = text.input_value()
    text.fill(
        before.replace("Corporate: 30}", "Corporate: 20}").replace("Stores: 60", "Stores: 70")
    )
    finn.page.get_by_label("Why").fill("As agreed in the board")
    press(finn, "Save for review")
    finn.page.wait_for_url("**/model/drafts/1")
    said = finn.page.locator("main").inner_text()
    assert "In January 2026 this text moves" in said
    assert "from Corporate to Stores." in said
    assert "somebody else has to review it" in said
    assert finn.page.get_by_role("button", name="Approve").count() == 0
    looked_at(finn, "model-draft")

    # Ada asks for a word more, Finn adds it, Ada approves, and publishes.
    ada.go("/model/")
    ada.page.get_by_role("link", name="Draft 1: Small firm").click()
    press(ada, "Return")
    ada.page.get_by_text("Say what is to be changed").wait_for()
    ada.page.get_by_label("What you found").fill("Who agreed to it?")
    press(ada, "Return")
    ada.page.get_by_text("Draft 1 is returned.").wait_for()
    looked_at(ada, "model-draft-returned-dark-390")
    finn.go("/model/drafts/1")
    assert "returned by ada" in finn.page.locator("main").inner_text()
    finn.page.get_by_role("link", name="Change the text").click()
    changed = finn.page.locator("#text")
    note = "residual: unallocated\n        agreed_by: the board\n        maturity: agreed"
    changed.fill(changed.input_value().replace("residual: unallocated", note, 1))
    press(finn, "Save draft 1")
    finn.page.wait_for_url("**/model/drafts/1")
    ada.go("/model/drafts/1")
    press(ada, "Approve")
    ada.page.get_by_text("Draft 1 is reviewed").wait_for()
    looked_at(ada, "model-draft-reviewed-dark-390")
    press(ada, "Publish")
    ada.page.get_by_text("Version 2 is in force").wait_for()

    finn.go("/model/")
    main = finn.page.locator("main").inner_text()
    assert "reviewed by ada" in main
    assert "Agreed by the board." in main
    finn.go("/model/drafts/1")
    assert finn.page.get_by_role("link", name="Change the text").count() == 0
    finn.go("/model/drafts/")
    assert "Published" in finn.page.locator("main").inner_text()
    looked_at(finn, "model-drafts")
    for visitor in (finn, ada):
        assert visitor.leave() == []
