"""One palette for every chart: told apart by colour-blind eyes, on white and on near-black paper.

Each colour has a contrast of at least 3 to 1 against both papers, and any two differ for normal,
protanope and deuteranope sight; a test computes it. Text takes the page's
own colour, so that one picture serves light and dark; printed pictures name theirs.
"""

from __future__ import annotations

from typing import Any, Literal

Medium = Literal["page", "print"]

POOL_COLOURS = {
    "Cloud Services": "#2090c0",
    "Staffing": "#407090",
    "Software & SaaS": "#70a070",
    "Hardware": "#b09020",
    "Outside Services": "#b04070",
    "Data Center Facilities": "#7060c0",
    "Telecom": "#6090f0",
    "Misc Costs": "#708040",
    "Cross Charges": "#407010",
}
INK = "#1d2329"
NEUTRAL = "#808a94"
ACCENT = "#2090c0"
SHORT_LABELS = "datum.value === 0 ? '0' : format(datum.value, '~s')"
"""How an axis writes amounts: '0', '200k', '1.5M'."""
PAPERS = ("#ffffff", "#14181d")
PRINT_FONT = "Libertinus Serif"
"""The typesetter brings it along, so charts in documents look alike on every machine."""


def colours_of(pools: list[str]) -> dict[str, str]:
    """A colour for each pool of one picture; own pools take the colours not used, in order."""
    chosen = {pool: POOL_COLOURS[pool] for pool in pools if pool in POOL_COLOURS}
    free = [c for c in POOL_COLOURS.values() if c not in chosen.values()]
    for pool in sorted(set(pools) - set(chosen) - {"Unclassified", "Other"}):
        chosen[pool] = free.pop(0) if free else NEUTRAL
    return {pool: chosen.get(pool, NEUTRAL) for pool in pools}


def text_colour(medium: Medium) -> dict[str, dict[str, str]]:
    """The encoding of text: near-black in print; the page's style sheet decides on a page."""
    return {"fill": {"value": INK}} if medium == "print" else {}


def printed_config(spec: dict[str, Any]) -> dict[str, Any]:
    """Altair's default size belongs to notebooks; the rest of a printed picture's look is kept."""
    kept = {name: value for name, value in spec.get("config", {}).items() if name != "view"}
    return {**kept, "view": {"stroke": None}}
