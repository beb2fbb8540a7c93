"""A new user's first afternoon: an empty home, a real file of payables, and the money on Overview.

Walked in Chromium with nothing but the pages: the set-up link, the file field, the wizard.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.conftest import CHECKOUT
from tests.surfaces.web.company import surroundings
from tests.surfaces.web.conftest import _free_port, _wait_for
from tests.surfaces.web.visitor import Visitor

pytestmark = pytest.mark.browser
REAL = CHECKOUT.parent / "shared" / "data" / "ledger" / "cabinetoffice__clean__2019-06.csv.gz"
OURS = """Department,Entity,Date,Expense Type,Expense Area,Supplier,Transaction Number,Amount
Cabinet,Cabinet,03/06/2019,IT Equipment,Digital,ACME LTD,30001,"1,200.50"
Cabinet,Cabinet,14/06/2019,Software,Digital,BAKER & SONS,30002,8800.00
Cabinet,Cabinet,21/06/2019,Software,Digital,BAKER & SONS,30003,(100.25)
"""


@pytest.fixture
def empty_home(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """`bursar init` and `bursar serve`, and nobody who could sign in yet."""
    home, port = tmp_path / "home", _free_port()
    environment = surroundings(home)
    program = [sys.executable, "-m", "bursar.cli"]
    subprocess.run([*program, "init"], env=environment, check=True, capture_output=True)
    log = (tmp_path / "server.log").open("w")
    server = subprocess.Popen(
        [*program, "serve", "--port", str(port)], env=environment, stdout=log, stderr=log
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/accounts/login/", server)
        yield f"http://127.0.0.1:{port}", home
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def payables(folder: Path) -> tuple[Path, Decimal]:
    """A real file where there is one, else ours; with the sum of its amounts."""
    if not REAL.is_file():
        path = folder / "cabinet-2019-06.csv"
        path.write_text(OURS)
        return path, Decimal("9900.25")
    path = folder / "cabinetoffice-2019-06.csv"
    path.write_bytes(gzip.decompress(REAL.read_bytes()))
    totals = (REAL.parent / "CONTROL_TOTALS.csv").read_text().splitlines()
    stated = next(line for line in totals if REAL.name in line)
    return path, Decimal(re.search(r"Amount=(-?[\d.]+)", stated)[1])


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_from_an_empty_home_to_the_overview(
    browser: Any, empty_home: tuple[str, Path], tmp_path: Path, theme: str, width: int
) -> None:
    address, home = empty_home
    path, total = payables(tmp_path)
    ada = Visitor.arrive(browser, address, theme=theme, width=width)
    page, shot = ada.page, lambda name: ada.photograph(f"first-{name}-{theme}-{width}")

    ada.go(f"/set-up/{(home / 'setup-token').read_text().strip()}")
    shot("1-set-up")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password").fill("correct horse battery")
    page.locator("main").get_by_role("button").first.click()
    expect(page.locator("h1").first).to_have_text("Nothing here yet")
    shot("2-begin")

    page.get_by_role("link", name="Open Data").click()
    page.get_by_label("Drop files here").set_input_files(path)
    expect(page.get_by_role("heading", name="2. What the columns hold")).to_be_visible()
    assert ada.accessibility_problems() == []
    over = page.evaluate("document.documentElement.scrollWidth") - width
    assert over <= 0
    shot("3-wizard")
    page.get_by_label("Currency", exact=True).last.fill("GBP")
    page.get_by_role("button", name="Look again").last.click()
    expect(page.locator(".trial tbody tr").first).to_contain_text("Read")
    shot("4-looked-again")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="Batches")).to_be_visible(timeout=60_000)
    assert ada.accessibility_problems() == []
    shot("5-outcome")

    again = page.url
    for name, link in (("duplicates", "Compare them"), ("import", "This import")):
        if page.get_by_role("link", name=link).count():
            page.get_by_role("link", name=link).first.click()
            page.wait_for_url(lambda url: url != again)
            assert ada.accessibility_problems() == []
            shot(f"5-{name}")
            page.goto(again)

    page.get_by_role("link", name="See it on Overview").click()
    expect(page.get_by_role("heading", name="What comes next")).to_be_visible()
    ada.wait_for_charts()
    spend = page.locator(".kpi .figure data").first.get_attribute("value")
    assert Decimal(spend) == total
    assert ada.accessibility_problems() == []
    shot("6-overview")
    said = ada.leave()
    assert said == [], "\n".join(said)
