"""Charts: geometry that adds up, colours that can be told apart, pictures that repeat."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.report.charts.history import history_bars
from bursar.report.charts.months import months_chart
from bursar.report.charts.palette import NEUTRAL, PAPERS, POOL_COLOURS, colours_of
from bursar.report.charts.sankey_layout import Band, Frame, lay_out
from bursar.report.charts.svg import chart_svg
from bursar.report.overview import MonthAmount

FRAME = Frame(width=600, height=300)
bands_drawn = st.lists(
    st.builds(
        lambda a, b, c, weight: ([f"p{a}", f"t{b}", f"c{c}"], Fraction(weight)),
        st.integers(0, 4),
        st.integers(0, 4),
        st.integers(0, 4),
        st.integers(1, 10**6),
    ),
    min_size=1,
    max_size=30,
)


def laid_out(paths: list) -> tuple:
    sums: dict = defaultdict(Fraction)
    for keys, weight in paths:
        for pair in pairwise(keys):
            sums[(*pair, keys[0])] += weight
    bands = [Band(*key, weight) for key, weight in sums.items()]
    columns = [{f"{x}{n}": f"{x}{n}" for n in range(5)} for x in "ptc"]
    return lay_out(columns, bands, FRAME), bands, columns


@given(bands_drawn)
def test_boxes_are_as_high_as_their_money_and_never_overlap(paths: list) -> None:
    (boxes, _), bands, _ = laid_out(paths)
    size = defaultdict(Fraction)
    for band in bands:
        size[band.source if band.source[0] == "p" else band.target] += band.weight
        if band.source[0] == "p":
            size[band.target] += band.weight
    scales = {box.height / size[box.key] for box in boxes}
    assert len(scales) == 1
    for column in range(3):
        stacked = sorted((b for b in boxes if b.column == column), key=lambda b: b.y)
        for above, below in pairwise(stacked):
            assert above.y + above.height <= below.y
        assert all(b.y >= 0 and b.y + b.height <= FRAME.height for b in stacked)


@given(bands_drawn)
def test_bands_fill_the_sides_of_their_boxes(paths: list) -> None:
    (boxes, placed), _, _ = laid_out(paths)
    for box in boxes:
        for side in ("source", "target"):
            at = [
                (p.y0 if side == "source" else p.y1, p.height)
                for p in placed
                if getattr(p.band, side) == box.key
            ]
            if at:
                assert sum(height for _, height in at) == box.height
                edges = sorted(at)
                assert edges[0][0] == box.y
                for (y, height), (lower, _) in pairwise(edges):
                    assert y + height == lower


@given(bands_drawn)
def test_order_of_input_does_not_matter(paths: list) -> None:
    assert laid_out(paths)[0] == laid_out(list(reversed(paths)))[0]


def test_nothing_gives_nothing() -> None:
    assert lay_out([{}, {}], [], FRAME) == ([], [])


def _linear(colour: str) -> tuple[float, ...]:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)


def _luminance(colour: str) -> float:
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), _linear(colour), strict=True))


def _contrast(one: str, other: str) -> float:
    light, dark = sorted(
        (
            sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), _linear(x), strict=True))
            for x in (one, other)
        ),
        reverse=True,
    )
    return (light + 0.05) / (dark + 0.05)


# What is seen without one kind of cone, in linear light (Machado, Oliveira and Fernandes, 2009).
SIGHTS = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
}


def _seen(colour: str, sight: str) -> tuple[float, ...]:
    """The colour in Oklab, as somebody with this sight sees it."""
    r, g, b = (
        sum(m * c for m, c in zip(row, _linear(colour), strict=True)) for row in SIGHTS[sight]
    )
    cones = (
        0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
        0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
        0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
    )
    x, y, z = (max(c, 0.0) ** (1 / 3) for c in cones)
    return (
        0.2104542553 * x + 0.793617785 * y - 0.0040720468 * z,
        1.9779984951 * x - 2.428592205 * y + 0.4505937099 * z,
        0.0259040371 * x + 0.7827717662 * y - 0.808675766 * z,
    )


@pytest.mark.parametrize("sight", SIGHTS)
def test_any_two_colours_can_be_told_apart(sight: str) -> None:
    for one, other in combinations([*POOL_COLOURS.values(), NEUTRAL], 2):
        a, b = _seen(one, sight), _seen(other, sight)
        assert sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5 > 0.06, (one, other)


@pytest.mark.parametrize("paper", PAPERS)
def test_colours_stand_out_from_light_and_dark_paper(paper: str) -> None:
    for colour in (*POOL_COLOURS.values(), NEUTRAL):
        assert _contrast(colour, paper) >= 3


def test_own_pools_get_free_colours_and_the_unset_one_grey() -> None:
    found = colours_of(["Staffing", "Our pool", "Unclassified"])
    assert found["Staffing"] == POOL_COLOURS["Staffing"]
    assert found["Our pool"] not in (found["Staffing"], NEUTRAL)
    assert found["Unclassified"] == NEUTRAL


def test_a_picture_is_the_same_every_time_and_carries_amounts_as_text() -> None:
    months = [MonthAmount("2026-01", "Staffing", Decimal("12345678901234.123456789"))]
    spec = months_chart(months, currency="EUR", width=300, medium="print")
    assert spec["data"]["values"][0]["amount"] == "12345678901234.123456789"
    assert chart_svg(spec) == chart_svg(spec)
    assert "<a " not in chart_svg(spec)
    past = history_bars(
        [("2026-01", Decimal(1)), ("2026-02", Decimal(2))], width=200, medium="print"
    )
    assert "2026-02" in chart_svg(past)
