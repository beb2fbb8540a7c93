"""Months stacked by pool, as a Vega-Lite picture written with Altair."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from bursar.core.money.amount import exact_text
from bursar.report.charts.palette import (
    INK,
    PRINT_FONT,
    SHORT_LABELS,
    Medium,
    colours_of,
    printed_config,
)
from bursar.report.overview import MonthAmount
from bursar.report.wording import money


def months_chart(
    months: Sequence[MonthAmount],
    *,
    currency: str,
    height: int = 240,
    width: int | None = None,
    medium: Medium = "page",
) -> dict[str, Any]:
    """A Vega-Lite specification, as wide as its container where no width is given.

    A mark's `key` is 'period|pool'. Amounts travel as exact text and become numbers only in the
    drawing itself.
    """
    spec = copy.deepcopy(_template(height, width, medium))
    pools = _order(months)
    colours = colours_of(pools)
    spec["data"] = {"values": [_row(m, pools, currency) for m in months]}
    spec["data"]["format"] = {"type": "json", "parse": {"amount": "number"}}
    scale = {"domain": pools, "range": [colours[pool] for pool in pools]}
    spec["encoding"]["color"]["scale"] = scale
    spec["encoding"]["y"]["title"] = currency
    return spec


def _order(months: Sequence[MonthAmount]) -> list[str]:
    """Largest pool first, what is unclassified last, so that the legend reads as the stack does."""
    size: dict[str, Any] = {}
    for month in months:
        size[month.pool] = size.get(month.pool, 0) + month.amount
    return sorted(size, key=lambda pool: (pool == "Unclassified", -size[pool], pool))


def _row(month: MonthAmount, pools: list[str], currency: str) -> dict[str, Any]:
    return {
        "key": f"{month.period}|{month.pool}",
        "period": month.period,
        "pool": month.pool,
        "rank": pools.index(month.pool),
        "amount": exact_text(month.amount),
        "told": f"{month.pool}, {month.period}: {money(month.amount, currency)} {currency}",
    }


@lru_cache(maxsize=8)
def _template(height: int, width: int | None, medium: Medium) -> dict[str, Any]:
    import altair as alt  # noqa: PLC0415 - takes most of a second, and only charts need it

    axis_x = alt.Axis(title=None, labelAngle=-45, labelOverlap="greedy")
    axis_y = alt.Axis(labelExpr=SHORT_LABELS, tickCount=5)
    chart = (
        alt.Chart({"values": []}, width=width or "container", height=height)
        .mark_bar(cursor="pointer")
        .encode(
            x=alt.X("period:N", axis=axis_x, sort=None),
            y=alt.Y("amount:Q", axis=axis_y, stack="zero"),
            color=alt.Color("pool:N", legend=alt.Legend(title=None, orient="bottom", columns=4)),
            order=alt.Order("rank:Q"),
            tooltip=alt.Tooltip("told:N"),
        )
    )
    if medium == "print":
        chart = chart.configure(font=PRINT_FONT).configure_axis(labelColor=INK, titleColor=INK)
    spec: dict[str, Any] = chart.to_dict()
    spec["config"] = printed_config(spec) if medium == "print" else {}
    return spec
