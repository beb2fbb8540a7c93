"""Walks through the pages in a real browser, from the sign-in to the cent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from tests.surfaces.web.visitor import Visitor

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]


def test_from_the_overview_to_the_line_that_caused_it(visit: Visit) -> None:
    ada = visit("ada")
    ada.wait_for_charts()
    assert ada.heading() == "Where the money goes"
    page = ada.page

    page.locator("#flow .chart-area .mark-rect path").first.click()
    page.wait_for_url("**/costs/**")
    chip = page.locator(".chip").first
    assert chip.is_visible()
    assert "pool=" in page.url

    page.goto(f"{ada.address}/costs/?by=pool")
    page.get_by_role("link", name="Cloud Services", exact=True).click()
    page.wait_for_url("**by=cost_pool**")
    page.get_by_role("link", name="Lines", exact=True).click()
    page.wait_for_url("**/costs/lines**")
    assert ada.heading() == "Cost lines"

    page.locator("tbody th a").first.click()
    page.wait_for_url("**/lines/b*")
    amounts = page.locator("section:has(#payers) tbody .money")
    total = page.locator("section:has(#payers) tfoot .money").get_attribute("value")
    paid = [amounts.nth(n).get_attribute("value") for n in range(amounts.count())]
    assert paid
    assert sum(map(Decimal, paid)) == Decimal(total)

    page.locator("section:has(#payers) tbody a").first.click()
    page.wait_for_url("**/trace?**")
    assert "amount comes from" in ada.heading()
    sources = page.locator("section:has(#sources) tbody .money")
    whole = page.locator("section:has(#sources) tfoot .money").get_attribute("value")
    parts = [sources.nth(n).get_attribute("value") for n in range(sources.count())]
    assert sum(map(Decimal, parts)) == Decimal(whole)


def test_back_and_forth_keeps_the_state(visit: Visit) -> None:
    from playwright.sync_api import expect

    ada = visit("ada")
    ada.go("/costs/?by=pool")
    ada.page.get_by_label("Across").select_option("business_unit")
    ada.page.wait_for_url("**across=business_unit**")
    ada.page.get_by_label("Basis").select_option("billed")
    ada.page.wait_for_url("**basis=billed**")
    assert "across=business_unit" in ada.page.url
    ada.page.go_back()
    ada.page.wait_for_url(lambda url: "basis=billed" not in url)
    # The address changes before the page does.
    expect(ada.page.get_by_label("Across")).to_have_value("business_unit")
    expect(ada.page.get_by_label("Basis")).to_have_value("effective")
    ada.page.go_forward()
    ada.page.wait_for_url("**basis=billed**")
    expect(ada.page.get_by_label("Basis")).to_have_value("billed")


def test_the_keyboard_reaches_everything(visit: Visit) -> None:
    ada = visit("ada")
    ada.wait_for_charts()
    page = ada.page
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("web")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=web")
    assert page.get_by_role("link", name="Webshop", exact=True).is_visible()
    page.locator("h1").click()
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/costs/")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('tbody') !== null")
    page.keyboard.press("Enter")
    page.wait_for_url("**/costs/?**")


def test_the_first_stop_skips_to_the_content(visit: Visit) -> None:
    ada = visit("ada")
    ada.go("/help")
    ada.page.keyboard.press("Tab")
    assert ada.page.evaluate("document.activeElement.textContent") == "Skip to content"
    ada.page.keyboard.press("Enter")
    assert ada.page.evaluate("document.activeElement.id") == "content"


def test_exports_carry_the_same_filters_and_sums(visit: Visit) -> None:
    ada = visit("ada")
    ada.go("/costs/?by=cost_pool&pool=Cloud+Services")
    shown = ada.page.locator("tfoot .money").last.get_attribute("value")
    with ada.page.expect_download() as waiting:
        ada.page.get_by_role("link", name="JSON", exact=True).click()
    saved = json.loads(waiting.value.path().read_text())
    assert [Decimal(total["amount"]) for total in saved["totals"]] == [Decimal(shown)]
    for kind, begins in (("CSV", b""), ("XLSX", b"PK")):
        with ada.page.expect_download() as waiting:
            ada.page.get_by_role("link", name=kind, exact=True).click()
        content = waiting.value.path().read_bytes()
        assert content.startswith(begins)
        assert len(content) > 50
        assert waiting.value.suggested_filename.endswith(kind.lower())


def test_the_chart_follows_the_theme_at_once(visit: Visit) -> None:
    ada = visit("ada")
    ada.wait_for_charts()
    ada.page.locator("details.menu summary").click()
    ada.page.get_by_role("button", name="Dark", exact=True).click()
    ada.page.wait_for_timeout(400)
    assert ada.page.locator("html").get_attribute("data-theme") == "dark"
    text = ada.page.locator("#flow .chart-area .mark-text text").first
    light = re.findall(r"\d+", text.evaluate("node => getComputedStyle(node).fill"))
    assert all(int(part) > 150 for part in light[:3])
    ada.go("/")
    assert ada.page.locator("html").get_attribute("data-theme") == "dark"


def test_every_page_works_without_scripts(visit: Visit) -> None:
    ada = visit(scripts=False)
    ada.sign_in("ada")
    page = ada.page
    assert ada.heading() == "Where the money goes"
    page.get_by_role("link", name="Costs", exact=True).click()
    page.get_by_label("Across").select_option("business_unit")
    page.get_by_role("button", name="Show", exact=True).click()
    assert "across=business_unit" in page.url
    page.get_by_label("Basis").select_option("billed")
    page.get_by_role("button", name="Apply").click()
    assert "basis=billed" in page.url
    assert "across=business_unit" in page.url
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_a_budget_owner_has_a_short_bar_and_only_her_consumers(visit: Visit) -> None:
    olga = visit("olga")
    olga.wait_for_charts()
    page = olga.page
    bar = page.locator(".nav a").all_inner_texts()
    assert bar[0] == "My costs"
    assert not {"Data", "Allocation", "Journal"} & set(bar)
    assert "Retail" in page.locator(".state").inner_text()
    olga.go("/costs/?by=consumer")
    names = set(page.locator("tbody th").all_inner_texts())
    assert names == {"Stores", "Online"}
    for path in ("/journal/", "/users/", "/costs/lines"):
        olga.go(path, status=403)
        assert "people.not_allowed" in page.locator("main").inner_text()
    olga.go("/search?q=corp")
    assert "Nothing you may see" in page.locator("main").inner_text()
    olga.go("/trace?period=2026-01&consumer=Corporate", status=404)
