"""A statement's picture: its money by tower, drawn as bars with their amounts beside them."""

from __future__ import annotations

import copy
from collections import defaultdict
from decimal import Decimal
from functools import lru_cache
from typing import Any

from bursar.core.money.amount import EXACT, exact_text
from bursar.report.charts.palette import ACCENT, INK, NEUTRAL, PRINT_FONT, Medium, printed_config
from bursar.report.statement import Statement
from bursar.report.wording import compact, money

MOST = 8
BAR = 22
"""Pixels that a bar takes in height."""


def statement_bars(
    statement: Statement, *, width: int | None = None, medium: Medium = "page"
) -> dict[str, Any]:
    """The largest towers of a statement, the rest in one bar; a mark's `key` is the tower."""
    rows = _towers(statement)
    spec = copy.deepcopy(_template(width, medium))
    spec["height"] = BAR * len(rows)
    spec["data"] = {
        "values": [_row(tower, amount, statement.currency) for tower, amount in rows],
        "format": {"type": "json", "parse": {"amount": "number"}},
    }
    return spec


def _towers(statement: Statement) -> list[tuple[str, Decimal]]:
    size: dict[str, Decimal] = defaultdict(Decimal)
    for line in statement.lines:
        name = line.tower.partition(" / ")[0]
        size[name] = EXACT.add(size[name], line.document_amount)
    ranked = sorted(size.items(), key=lambda row: (-abs(row[1]), row[0]))
    if len(ranked) <= MOST:
        return ranked
    rest = Decimal(0)
    for _, amount in ranked[MOST - 1 :]:
        rest = EXACT.add(rest, amount)
    return [*ranked[: MOST - 1], (f"{len(ranked) - MOST + 1} more towers", rest)]


def _row(tower: str, amount: Decimal, currency: str) -> dict[str, Any]:
    return {
        "key": tower,
        "tower": tower,
        "amount": exact_text(amount),
        "label": compact(amount),
        "told": f"{tower}: {money(amount, currency)} {currency}",
    }


@lru_cache(maxsize=8)
def _template(width: int | None, medium: Medium) -> dict[str, Any]:
    import altair as alt  # noqa: PLC0415 - takes most of a second, and only charts need it

    base = alt.Chart({"values": []}).encode(
        y=alt.Y("tower:N", sort=None, title=None, axis=alt.Axis(labelLimit=190, ticks=False)),
        x=alt.X("amount:Q", axis=None),
        tooltip=alt.Tooltip("told:N"),
    )
    below = alt.datum.amount < 0
    bars = base.mark_bar(size=13).encode(
        color=alt.condition(below, alt.value(NEUTRAL), alt.value(ACCENT))
    )
    side = alt.expr("datum.amount < 0 ? 'right' : 'left'")
    texts = base.mark_text(align=side, dx=alt.expr("datum.amount < 0 ? -4 : 4"))
    chart = alt.layer(bars, texts.encode(text="label:N")).properties(width=width or "container")
    if medium == "print":
        chart = chart.configure(font=PRINT_FONT).configure_axis(
            labelColor=INK, domain=False, labelFontSize=11
        )
    spec: dict[str, Any] = chart.to_dict()
    spec["config"] = printed_config(spec) if medium == "print" else {}
    return spec
