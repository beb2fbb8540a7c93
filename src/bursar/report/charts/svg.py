"""A chart's specification as SVG, for print: made on this machine, no network, repeatable."""

from __future__ import annotations

import json
import re
from typing import Any

import vl_convert

_LINK = re.compile(r"<a\b[^>]*>|</a>")


def chart_svg(spec: dict[str, Any]) -> str:
    """The SVG of a Vega or Vega-Lite specification, without links and with steady ids."""
    text = json.dumps(spec)
    if "vega-lite" in spec.get("$schema", ""):
        drawn = vl_convert.vegalite_to_svg(text, allowed_base_urls=[])
    else:
        drawn = vl_convert.vega_to_svg(text, allowed_base_urls=[])
    return steady(_LINK.sub("", drawn))


def steady(svg: str) -> str:
    """Ids of gradients and clips count up from drawing to drawing; here they start anew."""
    found = dict.fromkeys(re.findall(r'id="((?:gradient|clip)[^"]*)"', svg))
    for number, name in enumerate(found):
        svg = re.sub(rf'(?<=["#]){re.escape(name)}(?=[")])', f"part{number}", svg)
    return svg
