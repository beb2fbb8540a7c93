"""Every page in light and dark, wide and narrow: clean for axe and the policy.

BURSAR_PICTURES=1 photographs them all.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from tests.surfaces.web.visitor import Visitor

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]

# Addresses by the name of their picture; a page that another module adds is listed here too.
PAGES = {
    "overview": "/",
    "costs": "/costs/?by=pool&across=business_unit",
    "costs-one": "/costs/?by=tower",
    "taxonomies": "/costs/taxonomies/",
    "taxonomies-pools": "/costs/taxonomies/?layer=cost_pool&left=tbm-5.0&right=tbm-4.1",
    "lines": "/costs/lines",
    "trace": "/trace?consumer=Stores",
    "search": "/search?q=s",
    "statements": "/statements/",
    "statement": "/statements/of/Stores",
    "issued": "/statements/issued/",
    "statement-sum": "/statements/of/Retail",
    "model": "/model/",
    "services": "/services/",
    "model-text": "/model/text",
    "model-drafts": "/model/drafts/",
    "what-if": "/model/what-if",
    "data": "/data/",
    "clusters": "/data/clusters/",
    "commitments": "/data/commitments/",
    "intercompany": "/data/intercompany/",
    "commitment": "/data/commitments/policy/?commitment=sp-1",
    "documents": "/data/documents/",
    "document-new": "/data/documents/new",
    "ai-use": "/data/ai-use/",
    "matches": "/data/matches/",
    "reconciliation": "/data/reconciliation/",
    "unmapped": "/data/unmapped",
    "rates": "/data/rates/",
    "entities": "/data/entities/",
    "entity": "/data/entities/main",
    "entity-invoices": "/data/entities/main/invoices",
    "duplicates": "/data/duplicates/",
    "watches": "/data/watches/",
    "periods": "/data/periods/",
    "quality": "/data/quality/",
    "profiles": "/data/profiles/",
    "register": "/registers/assets/?group=location",
    "register-asset": "/registers/assets/record/SRV-1",
    "register-contract": "/registers/contracts/record/SUITE-1",
    "register-form": "/registers/assets/edit/SRV-1",
    "register-imports": "/registers/assets/imports",
    "register-invoices": "/registers/invoices",
    "register-calendar": "/registers/calendar?days=365",
    "journal": "/journal/",
    "users": "/users/",
    "user": "/users/olga",
    "help": "/help",
    "password": "/accounts/password/change/",
    "nowhere": "/nowhere",
}
STATUS = {"nowhere": 404}
TOO_SMALL = """() => [...document.querySelectorAll('a, button, select, summary, input')]
  .filter(n => n.offsetParent && !n.closest('p, .skip') && n.type !== 'hidden')
  .map(n => [n, (n.closest('label') || n).getBoundingClientRect()])
  .filter(([n, box]) => box.height > 0 && box.height < 23.5)
  .map(([n, box]) => `${box.height} ${n.outerHTML.slice(0, 80)}`)"""
LOOKS = [("light", 1440), ("dark", 1440), ("light", 390)]
"""Colours hang on the theme, places on the width; BURSAR_LOOKS=all adds dark and narrow."""
RULES = {
    ("dark", 1440): ("color-contrast", "link-in-text-block"),
    ("light", 390): (
        "scrollable-region-focusable", "target-size", "aria-hidden-focus", "button-name",
        "link-name", "label", "nested-interactive",
    ),
}  # fmt: skip
"""Of a page that is clean in light and wide, dark can only spoil the colours, and narrow only
what scrolls, is hidden or is small."""
if os.environ.get("BURSAR_LOOKS") == "all":
    LOOKS.append(("dark", 390))


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_a_page_pleases_axe_and_fits(visit: Visit, theme: str, width: int) -> None:
    ada = visit("ada", theme=theme, width=width)
    problems: dict[str, Any] = {}
    for name, path in {
        **PAGES,
        "line": _a_line(ada),
        "change": _a_change(ada),
        "fairness": _fairness(ada),
    }.items():
        ada.go(path, status=STATUS.get(name, 200))
        for twin in ada.page.locator("details.twin > summary").all():
            twin.click()
        ada.photograph(f"{name}-{theme}-{width}")
        found = ada.accessibility_problems(*RULES.get((theme, width), ()))
        if (theme, width) == ("light", 1440):
            found += [f"too small: {one}" for one in ada.page.evaluate(TOO_SMALL)]
        over = ada.page.evaluate("document.documentElement.scrollWidth") - width
        if over > 0:
            found.append(f"{over} px wider than the window")
        if found:
            problems[name] = found
    assert problems == {}


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_a_stranger_and_an_owner_see_clean_pages_too(visit: Visit, theme: str, width: int) -> None:
    stranger = visit(theme=theme, width=width)
    for name, path in (("sign-in", "/accounts/login/"), ("reset", "/accounts/password/reset/")):
        stranger.go(path)
        stranger.photograph(f"{name}-{theme}-{width}")
        assert stranger.accessibility_problems() == [], name
    olga = visit("olga", theme=theme, width=width)
    olga.wait_for_charts()
    olga.photograph(f"my-costs-{theme}-{width}")
    assert olga.accessibility_problems() == []


def test_print_has_figures_and_no_bar(visit: Visit) -> None:
    ada = visit("ada")
    ada.wait_for_charts()
    ada.page.emulate_media(media="print")
    assert not ada.page.locator(".top").is_visible()
    assert ada.page.locator(".kpis").is_visible()
    ada.photograph("overview-print")


def _a_change(visitor: Visitor) -> str:
    """The page that explains a statement, beside itself: one month may be all there is."""
    told = visitor.page.request.get(f"{visitor.address}/api/v1/statements?consumer=Stores").json()
    one = told["statements"][0]
    return f"/statements/{one['statement_id']}/change/?before={one['period']}"


def _fairness(visitor: Visitor) -> str:
    """The page that sets a statement's charges beside other ways."""
    told = visitor.page.request.get(f"{visitor.address}/api/v1/statements?consumer=Stores").json()
    return f"/statements/{told['statements'][0]['statement_id']}/fairness/"


def _a_line(ada: Visitor) -> str:
    ada.go("/costs/lines")
    return str(ada.page.locator("tbody th a").first.get_attribute("href"))
