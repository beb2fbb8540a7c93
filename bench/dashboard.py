"""How soon a dashboard is there, with cost that people entered by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.measuring import Measured, in_own_process

_GOAL_MS = 50
_LIVE_ROWS = 50_000
_QUESTIONS = {
    "months": "cost by month and service category",
    "overview": "figures of the Overview page",
    "pivot": "cost by pool and tower",
}


def measure_dashboard(rows: int, home: Path) -> list[Measured]:
    """Three dashboards over imported lines and documents, by the product's own reports."""
    found = in_own_process("bench.dashboard_once", str(_LIVE_ROWS), home=home)
    named = f"over {rows:,} + {found['live']:,} live lines"
    return [
        *(_measured(name, words, found[name], named) for name, words in _QUESTIONS.items()),
        Measured(
            "cubes and live rows into memory (no goal)",
            f"{found['loading']:.1f} s",
            None,
            "once for each process and manifest; a document never loads the cubes again",
        ),
    ]


def _measured(name: str, words: str, found: dict[str, Any], named: str) -> Measured:
    entered, again = found["after_entering"], found["again"]
    slowest = max(entered["median"], again["median"]) * 1000
    return Measured(
        f"{words} {named} < {_GOAL_MS} ms",
        f"{slowest:.0f} ms",
        slowest < _GOAL_MS,
        f"median of the first request after a document was entered (least "
        f"{entered['least'] * 1000:.0f}, most {entered['most'] * 1000:.0f} ms); nothing changed: "
        f"median {again['median'] * 1000:.0f} ms; never asked before: "
        f"{found['never_asked'] * 1000:.0f} ms",
    )
