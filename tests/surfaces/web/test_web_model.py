"""The allocation model in a real browser: seen, mended, tried on a month, and run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.surfaces.web.visitor import Visitor

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]


def test_the_model_is_read_from_its_picture_to_its_drivers(visit: Visit) -> None:
    audra = visit("audra")
    audra.go("/model/")
    assert audra.heading() == "Allocation model"
    page = audra.page
    page.get_by_role("link", name="Solutions to consumers").click()
    assert page.url.endswith("#step-2")
    assert page.get_by_role("row", name="staff_hours 160").is_visible()
    assert page.get_by_role("button", name="Run and publish").count() == 0
    assert audra.accessibility_problems() == []


def test_a_text_is_mended_by_its_lines_and_tried_on_a_month(visit: Visit) -> None:
    finn = visit("finn")
    finn.go("/model/text")
    page = finn.page
    text = page.locator("#text")
    good = text.input_value()

    text.fill(good.replace("shares: {Stores: 60", "shares: {Stores: 90"))
    page.get_by_role("button", name="Check and compare").click()
    problem = page.get_by_role("row", name="model.shares_over_100")
    problem.wait_for()
    assert "add up to 120 %" in problem.inner_text()
    assert finn.accessibility_problems() == []

    text.fill(good.replace("shares: {Stores: 60", "shares: {Stores: 50"))
    page.get_by_role("button", name="Dry run").click()
    page.get_by_role("heading", name="What would differ").wait_for()
    assert page.get_by_role("row", name="Stores").first.is_visible()
    assert finn.accessibility_problems() == []


def test_the_picture_follows_the_text_and_leads_to_its_lines(visit: Visit) -> None:
    finn = visit("finn")
    finn.go("/model/text")
    page, text = finn.page, finn.page.locator("#text")
    picture = page.locator("#passes")
    box = picture.get_by_role("link", name="solutions to consumers")
    assert "rules" in (box.text_content() or "")
    box.click()
    chosen = text.evaluate("t => t.value.slice(t.selectionStart, t.selectionEnd)")
    assert chosen == "  - name: solutions to consumers"
    good = text.input_value()
    text.fill(good.replace("name: solutions to consumers", "name: To whoever uses it"))
    picture.get_by_role("link", name="To whoever uses it").wait_for()
    assert finn.accessibility_problems() == []
    text.fill(good + "nonsense: 1\n")
    picture.get_by_text("The model has no key 'nonsense'").wait_for()
    assert f"line {len(good.splitlines()) + 1}" in picture.inner_text()
    text.fill(good)
    box.wait_for()
    finn.photograph("model-text-picture")


def test_a_dry_run_behind_the_page_tells_its_outcome(visit: Visit) -> None:
    finn = visit("finn")
    finn.go("/model/")
    finn.page.get_by_role("button", name="Dry run").click()
    finn.page.wait_for_url("**/model/runs/**")
    finn.page.get_by_role("heading", name="What would differ").wait_for(timeout=30_000)
    assert "Nothing was published." in finn.page.locator("main").inner_text()
    assert finn.accessibility_problems() == []


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_how_it_looks(visit: Visit, width: int, theme: str) -> None:
    finn = visit("finn", width=width, theme=theme)
    for name, path in (("model", "/model/"), ("model-text", "/model/text")):
        finn.go(path)
        finn.photograph(f"{name}-{theme}-{width}")
        assert finn.page.locator("main").bounding_box()["width"] <= width
