"""In the browser: a fleet is bought, depreciates, half of it goes; a licence is prepaid and due."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from tests.surfaces.web.conftest import Served
from tests.surfaces.web.visitor import Visitor

pytestmark = pytest.mark.browser


def fleet(folder: Path) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.append(["Asset tag", "Name", "Bought", "Cost", "Cost center"])
    for number in range(10):
        sheet.append([f"L{number}", "Laptop 14", date(2026, 1, 20), 1800, "IT-20"])
    path = folder / "fleet.xlsx"
    book.save(path)
    return path


def spent(page: Any) -> Decimal:
    """The month's technology cost, exactly."""
    return Decimal(page.locator(".kpis data").first.get_attribute("value"))


def test_a_fleet_and_a_licence(browser: Any, apart: Served, tmp_path: Path) -> None:
    finn = Visitor.arrive(browser, apart.address)
    finn.sign_in("finn")
    page = finn.page
    finn.go("/registers/assets/imports")
    page.locator("#files").set_input_files(fleet(tmp_path))
    page.get_by_role("button", name="Look at it").click()
    page.get_by_label("Useful life").last.fill("36")
    page.get_by_role("button", name="Look again").click()
    page.get_by_text("10 entered").wait_for()
    finn.photograph("register-preview")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("link", name="Assets").first.wait_for()
    finn.go("/registers/assets/")
    page.get_by_role("button", name="Derive through").click()
    page.get_by_text("Cost of all registers is derived").wait_for()

    finn.go("/?period=2026-02")
    assert spent(page) == 500  # ten of 1,800 over 36 months
    finn.photograph("register-overview-of-the-next-month")

    finn.go("/registers/assets/?search=Laptop")
    for number in range(5):
        page.get_by_label(f"Choose L{number}").check()
    page.get_by_text("Change the chosen ones").click()
    page.get_by_label("Retired on").fill("2026-03-10")
    page.get_by_label("Proceeds of all").fill("1000")
    page.get_by_role("button", name="Retire", exact=True).click()
    page.get_by_text("5 retired on 2026-03-10").wait_for()
    finn.photograph("register-retired")
    # Five with a book value of 1,700 each, sold for 1,000: a loss of 7,500 beside 250.
    finn.go("/?period=2026-03")
    assert spent(page) == 7750
    finn.go("/registers/assets/record/L0")
    page.get_by_text("All months as a table").click()
    assert "-1500.00" in page.locator("#months").inner_text()

    today = date.today()  # noqa: DTZ011 - as the pages see it
    start = date(today.year - 2, today.month, 1)
    end = date(today.year + 1, today.month, 1) - timedelta(days=1)
    finn.go("/registers/contracts/new")
    told = {"Number": "CAD", "Name (needed)": "CAD suite", "Starts": start.isoformat(),
            "Ends": end.isoformat(), "Price of one unit": "120", "Quantity": "100",
            "Currency (needed)": "EUR", "Notice": "3"}  # fmt: skip
    for label, value in told.items():
        page.get_by_label(label, exact=True).first.fill(value)
    page.get_by_label("Renewal", exact=True).select_option("automatic")
    page.locator("[name='steps.0.date']").fill(date(today.year, today.month, 1).isoformat())
    page.locator("[name='steps.0.unit_price']").fill("180")
    page.locator("[name='use.0.date']").fill(start.isoformat())
    page.locator("[name='use.0.used']").fill("80")
    page.get_by_role("button", name="Keep it").click()
    page.get_by_text("Contract CAD is kept").wait_for()
    facts = page.locator("#months").inner_text()
    assert "Prepayment" in facts
    assert "80 of 100" in facts
    assert "Cost of a used seat this month" in facts
    finn.photograph("register-licence")
    finn.go("/registers/calendar?days=365")
    calendar = page.locator("main").inner_text()
    assert "Last day to give notice" in calendar
    assert "It renews itself" in calendar
    finn.photograph("register-calendar-of-a-year")
    assert finn.leave() == []
