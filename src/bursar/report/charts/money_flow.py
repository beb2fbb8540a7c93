"""The Sankey of money as a Vega picture: bands keep the colour of the pool they came from."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from bursar.report.charts.palette import NEUTRAL, PRINT_FONT, Medium, colours_of, text_colour
from bursar.report.charts.sankey_layout import Band, Frame, PlacedBand, PlacedBox, lay_out
from bursar.report.money_flow import STAGES, FlowNode, MoneyFlow
from bursar.report.wording import compact, money

HEADINGS = {
    "pool": "Cost pools",
    "tower": "Towers",
    "solution": "Solutions",
    "consumer": "Consumers",
}
SIDE, TOP = 132, 26
"""Pixels kept free at the right for the last column's labels, and above for headings."""


def money_flow_chart(
    flow: MoneyFlow,
    *,
    width: int = 1080,
    height: int = 460,
    medium: Medium = "page",
) -> dict[str, Any]:
    """A Vega specification; a mark's `key` is that of the row of the table twin beside it."""
    nodes = {node.key: node for node in flow.nodes}
    columns = [{n.key: n.label for n in flow.nodes if n.stage == stage} for stage in STAGES]
    amounts = {
        Band(x.source, x.target, x.thread, Fraction(x.amount)): _told(x.amount, flow.currency)
        for x in flow.links
        if x.amount > 0
    }
    boxes, bent = lay_out(columns, list(amounts), Frame(width - SIDE, height - TOP))
    pools = [n.label for n in flow.nodes if n.stage == "pool"]
    colours = {f"pool:{pool}": colour for pool, colour in colours_of(pools).items()}
    return {
        "$schema": "https://vega.github.io/schema/vega/v5.json",
        "description": f"Money flow, {flow.basis} cost in {flow.currency}; as the table says.",
        "width": width,
        "height": height,
        "padding": 0,
        "autosize": "none",
        "config": {"text": {"font": PRINT_FONT}} if medium == "print" else {},
        "data": [
            {"name": "bands", "values": [_band(b, amounts, nodes, colours) for b in bent]},
            {"name": "boxes", "values": [_box(b, flow, nodes[b.key], colours) for b in boxes]},
            {"name": "headings", "values": _headings(boxes)},
        ],
        "marks": [_band_mark(), _box_mark(), _label_mark(medium), _heading(medium)],
    }


def _told(amount: Decimal, currency: str) -> str:
    return f"{money(amount, currency)} {currency}"


def _pixels(value: Fraction) -> float:
    """Geometry, not money: hundredths of a pixel."""
    return round(float(value), 2)


def _band(
    placed: PlacedBand,
    amounts: dict[Band, str],
    nodes: dict[str, FlowNode],
    colours: dict[str, str],
) -> dict[str, Any]:
    x0, x1 = _pixels(placed.x0), _pixels(placed.x1)
    y0, y1 = _pixels(placed.y0) + TOP, _pixels(placed.y1) + TOP
    thick, middle = max(_pixels(placed.height), 0.5), round((x0 + x1) / 2, 2)
    y2, y3 = round(y0 + thick, 2), round(y1 + thick, 2)
    path = (
        f"M{x0},{y0}C{middle},{y0} {middle},{y1} {x1},{y1}L{x1},{y3}"
        f"C{middle},{y3} {middle},{y2} {x0},{y2}Z"
    )
    source, target = nodes[placed.band.source], nodes[placed.band.target]
    pool = placed.band.thread.partition(":")[2]
    lead = f"{source.label} → {target.label}"
    title = lead if source.stage == "pool" else f"{lead} (from {pool})"
    return {
        "path": path,
        "key": f"{placed.band.thread}>{placed.band.source}>{placed.band.target}",
        "colour": colours.get(placed.band.thread, NEUTRAL),
        "tooltip": f"{title}: {amounts[placed.band]}",
    }


def _box(
    box: PlacedBox,
    flow: MoneyFlow,
    node: FlowNode,
    colours: dict[str, str],
) -> dict[str, Any]:
    return {
        "key": box.key,
        "x": _pixels(box.x),
        "y": _pixels(box.y) + TOP,
        "height": max(_pixels(box.height), 1),
        "middle": round(_pixels(box.y) + TOP + _pixels(box.height) / 2, 2),
        "colour": colours.get(box.key, ""),
        "label": node.label,
        "amount": compact(node.amount),
        "small": _pixels(box.height) < 9,
        "tooltip": f"{node.label}: {_told(node.amount, flow.currency)}",
    }


def _headings(boxes: list[PlacedBox]) -> list[dict[str, Any]]:
    columns = {box.column: _pixels(box.x) for box in boxes}
    return [{"x": x, "text": HEADINGS[STAGES[column]]} for column, x in sorted(columns.items())]


def _band_mark() -> dict[str, Any]:
    return {
        "type": "path",
        "from": {"data": "bands"},
        "encode": {
            "update": {
                "path": {"field": "path"},
                "fill": {"field": "colour"},
                "fillOpacity": {"value": 0.45},
                "tooltip": {"field": "tooltip"},
            },
            "hover": {"fillOpacity": {"value": 0.7}},
        },
    }


def _box_mark() -> dict[str, Any]:
    update = {
        "x": {"field": "x"},
        "y": {"field": "y"},
        "width": {"value": 12},
        "height": {"field": "height"},
        "fill": [{"test": "datum.colour != ''", "field": "colour"}, {"value": NEUTRAL}],
        "cursor": {"value": "pointer"},
        "tooltip": {"field": "tooltip"},
    }
    return {"type": "rect", "from": {"data": "boxes"}, "encode": {"update": update}}


def _label_mark(medium: Medium) -> dict[str, Any]:
    return {
        "type": "text",
        "from": {"data": "boxes"},
        "interactive": False,
        "encode": {
            "update": {
                "x": {"field": "x", "offset": 17},
                "y": {"field": "middle"},
                "baseline": {"value": "middle"},
                "fontSize": [{"test": "datum.small", "value": 10}, {"value": 11.5}],
                "limit": {"value": 170},
                **text_colour(medium),
                "text": {"signal": "datum.label + '  ' + datum.amount"},
            }
        },
    }


def _heading(medium: Medium) -> dict[str, Any]:
    return {
        "type": "text",
        "from": {"data": "headings"},
        "interactive": False,
        "encode": {
            "update": {
                "x": {"field": "x"},
                "y": {"value": 12},
                "fontSize": {"value": 11},
                "fontWeight": {"value": "bold"},
                "fillOpacity": {"value": 0.75},
                **text_colour(medium),
                "text": {"field": "text"},
            }
        },
    }
