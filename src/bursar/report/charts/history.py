"""A consumer's statements month by month, the newest one in the accent colour."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from bursar.core.money.amount import exact_text
from bursar.report.charts.palette import (
    ACCENT,
    INK,
    NEUTRAL,
    PRINT_FONT,
    SHORT_LABELS,
    Medium,
    printed_config,
)
from bursar.report.wording import compact


def history_bars(
    past: Sequence[tuple[str, Decimal]],
    *,
    marked: str | None = None,
    width: int | None = None,
    medium: Medium = "page",
) -> dict[str, Any]:
    """Bars of (period, amount), oldest first; a mark's `key` is the period.

    The marked period, or else the newest one, is in the accent colour.
    """
    spec = copy.deepcopy(_template(width, medium))
    newest = marked or (past[-1][0] if past else "")
    spec["data"] = {
        "values": [
            {
                "key": period,
                "period": period,
                "amount": exact_text(amount),
                "newest": period == newest,
                "told": f"{period}: {compact(amount)}",
            }
            for period, amount in past
        ],
        "format": {"type": "json", "parse": {"amount": "number"}},
    }
    return spec


@lru_cache(maxsize=8)
def _template(width: int | None, medium: Medium) -> dict[str, Any]:
    import altair as alt  # noqa: PLC0415 - takes most of a second, and only charts need it

    axis_x = alt.Axis(title=None, labelAngle=-45, labelOverlap="greedy", ticks=False, grid=False)
    axis_y = alt.Axis(title=None, labelExpr=SHORT_LABELS, tickCount=4, domain=False, ticks=False)
    chart = (
        alt.Chart({"values": []}, width=width or "container", height=120)
        .mark_bar(cornerRadiusEnd=1)
        .encode(
            x=alt.X("period:N", axis=axis_x, sort=None, scale=alt.Scale(paddingInner=0.3)),
            y=alt.Y("amount:Q", axis=axis_y),
            color=alt.condition(alt.datum.newest, alt.value(ACCENT), alt.value(NEUTRAL)),
            tooltip=alt.Tooltip("told:N"),
        )
    )
    if medium == "print":
        chart = chart.configure(font=PRINT_FONT).configure_axis(labelColor=INK, labelFontSize=11)
    spec: dict[str, Any] = chart.to_dict()
    spec["config"] = printed_config(spec) if medium == "print" else {}
    return spec
