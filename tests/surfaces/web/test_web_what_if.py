"""Other quantities of a driver in the browser: dragged, typed, refused, and kept as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.surfaces.web.visitor import Visitor

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]


def test_a_quantity_is_dragged_and_the_answer_follows(visit: Visit, tmp_path: Path) -> None:
    audra = visit("audra")
    audra.go("/model/what-if?period=2026-01&driver=staff_hours")
    page = audra.page
    assert "nobody pays more or less" in page.locator("#answer").inner_text()
    webshop = page.get_by_role("row", name="Webshop")
    slider, box = webshop.get_by_role("slider"), webshop.get_by_role("textbox")
    slider.focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    # From 120 and 40 hours of 160 to 160 and 40 of 200: from 75 to 80 per cent of 9,000.00.
    assert box.input_value() == "160"
    page.get_by_text("In January 2026 this change moves").wait_for()
    answer = page.locator("#answer")
    # Half of what is more for the shop, 225.00, less 60 % of what is less for the ERP, 270.00. An
    # answer to fewer keys may stand there before.
    expect(answer.get_by_role("row", name="Stores")).to_contain_text("\N{MINUS SIGN}45.00")
    expect(answer.get_by_role("row", name="Online")).to_contain_text("225.00")
    assert audra.accessibility_problems() == []
    audra.photograph("what-if")

    with page.expect_download() as waiting:
        page.get_by_role("button", name="Usage file with these").click()
    saved = tmp_path / "usage.csv"
    waiting.value.save_as(saved)
    assert saved.read_text().splitlines() == [
        "driver,period,from,to,quantity,unit",
        "staff_hours,2026-01,,ERP,40,hour",
        "staff_hours,2026-01,,Webshop,160,hour",
    ]

    box.fill("many")
    page.get_by_text("The quantity for 'Webshop' is 'many'").wait_for()
    assert slider.input_value() != "many"
    box.fill("120")
    page.get_by_text("nobody pays more or less").wait_for()


def test_it_works_without_scripts(visit: Visit) -> None:
    finn = visit("finn", scripts=False)
    finn.page.goto(finn.address + "/model/what-if?period=2026-01")
    finn.page.get_by_role("row", name="ERP").get_by_role("textbox").fill("0")
    finn.page.get_by_role("button", name="Ask").click()
    assert "In January 2026 this change moves" in finn.page.locator("#answer").inner_text()
    row = finn.page.get_by_role("row", name="ERP").first
    assert row.get_by_role("textbox").input_value() == "0"


@pytest.mark.parametrize(("theme", "width"), [("dark", 390)])
def test_how_it_looks(visit: Visit, theme: str, width: int) -> None:
    finn = visit("finn", theme=theme, width=width)
    finn.go("/model/what-if")
    finn.photograph(f"what-if-{theme}-{width}")
    assert finn.page.evaluate("document.documentElement.scrollWidth") <= width
