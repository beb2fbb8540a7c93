"""Dashboards over imported lines and live rows: the product's own reports and documents.

The folder gets documents of so many lines, entered by the product's act. Each question is then
asked three times over: by a process that has its ledger in memory and was never asked it, on the
first request after one more document was entered, and again with nothing changed.
Usage: python -m bench.dashboard_once LIVE_ROWS   (BURSAR_HOME names the imported folder)
"""

# ruff: noqa: PLC0415 - Django is set up before anything of Bursar is imported

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import django
import numpy as np

from bench.focus_lines import MONTHS

_TIMES = 25
_LINES = 2_500
"""Lines of one document: twenty of them make the live rows of the goal."""


def main(live_rows: int) -> None:
    django.setup()
    from bursar.flow.setup import initialise
    from bursar.office.people.scope import Scope
    from bursar.record.ledger import open_ledger
    from bursar.report.costs import costs
    from bursar.report.overview import overview

    initialise()
    _fill(live_rows)
    everything = Scope.all()
    questions: dict[str, Callable[[], Any]] = {
        "months": lambda: costs(everything, by=["period", "service_category"]),
        "overview": lambda: overview(everything),
        "pivot": lambda: costs(everything, by=["cost_pool", "tower"]),
    }
    begin = time.perf_counter()
    ledger = open_ledger()
    ledger.sums(basis="list")
    loading = time.perf_counter() - begin
    found: dict[str, Any] = {
        name: {
            "never_asked": _seconds(ask),
            "after_entering": _spread(lambda ask=ask: _after_entering(ask)),  # type: ignore[misc]
            "again": _spread(lambda ask=ask: _seconds(ask)),  # type: ignore[misc]
        }
        for name, ask in questions.items()
    }
    found |= {"loading": loading, "live": open_ledger().live.lines.num_rows}
    print(json.dumps(found))


def _seconds(ask: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    ask()
    return time.perf_counter() - begin


def _after_entering(ask: Callable[[], Any]) -> float:
    """The question's time right after a document came; entering it is not counted."""
    _enter(1, seed=time.perf_counter_ns())
    return _seconds(ask)


def _spread(act: Callable[[], float]) -> dict[str, float]:
    times = [act() for _ in range(_TIMES)]
    return {"least": min(times), "median": statistics.median(times), "most": max(times)}


def _fill(live_rows: int) -> None:
    """Documents until so many lines are live; a folder that has them is left as it is."""
    from bursar.record.documents.lines import live_lines

    lacking = live_rows - live_lines().num_rows
    for number in range(0, max(0, lacking), _LINES):
        _enter(min(_LINES, lacking - number), seed=number)


def _enter(count: int, *, seed: int) -> None:
    from bursar.record.actions.enter_document import enter_document
    from bursar.record.documents.draft import Draft, DraftLine

    chance = np.random.default_rng(seed)
    year, month = MONTHS[int(chance.integers(len(MONTHS)))]
    cents = chance.integers(1, 10**7, count).tolist()
    account, center, vendor = (chance.integers(0, most, count).tolist() for most in (60, 400, 900))
    lines = tuple(
        DraftLine(
            Decimal(cents[n]).scaleb(-2),
            gl_account=f"{6000 + account[n]}",
            cost_center=f"CC{center[n]}",
            vendor=f"Vendor {vendor[n]}",
            treatment="opex",
        )
        for n in range(count)
    )
    draft = Draft("cost", date(year, month, 15), "USD", "Entered by the benchmark", lines)
    enter_document(acting_user=None, draft=draft)


if __name__ == "__main__":
    main(int(sys.argv[1]))
