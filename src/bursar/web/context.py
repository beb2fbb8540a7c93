"""What every page's template knows: the top bar, the theme and the addresses of assets."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from bursar.web.assets import CHART_BUNDLE, asset_url
from bursar.web.navigation import DATA_TABS, MENU, TOP_BAR, links, tabs

THEMES = ("light", "dark", "auto")
SHEETS = ("tokens", "bursar", "tables", "forms", "charts")


def page(request: HttpRequest) -> dict[str, Any]:
    """The `page` of every template; figures come from the views alone."""
    theme = request.COOKIES.get("theme", "auto")
    known: dict[str, Any] = {
        "theme": theme if theme in THEMES else "auto",
        "sheets": [asset_url(f"bursar/{name}.css") for name in SHEETS],
        "chart_bundle": CHART_BUNDLE,
        "query_text": request.GET.get("q", ""),
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        known["navigation"] = links(request, TOP_BAR)
        known["data_tabs"] = tabs(request, DATA_TABS)
        known["menu"] = links(request, MENU)
        known["search_url"] = _address("web:search")
    return {"page": known}


def _address(route: str) -> str:
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""
