"""Driver tables of a month: what was measured to share cost, in the columns of a usage file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bursar.flow.demo import chance, story
from bursar.flow.demo.company import APPS, HEADCOUNT, Month

COLUMNS = ("driver", "period", "from", "to", "quantity", "unit")
UNITS = {
    "staff_hours": "hours", "asset_value": "thousand EUR", "tower_usage": "units",
    "solution_usage": "units", "headcount": "people",
}  # fmt: skip
"""Every driver with its unit."""

_MEASURED_MONTHLY = ("tower_usage", "solution_usage")
_HIRING = 3


@cache
def _weights() -> dict[str, Any]:
    text = Path(__file__).with_name("drivers.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def write_driver(driver: str, month: Month, path: Path) -> int:
    """Writes one driver's month as CSV and says how many rows it has."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        rows = list(_rows(driver, month))
        writer.writerows(rows)
    return len(rows)


def _rows(driver: str, month: Month) -> Iterator[tuple[str, str, str, str, int, str]]:
    for source, target, quantity in _measured(driver, month):
        yield driver, month.code, source, target, quantity, UNITS[driver]


def _measured(driver: str, month: Month) -> Iterator[tuple[str, str, int]]:
    if driver == "headcount":
        for department, people in HEADCOUNT.items():
            yield "", department, people + people * month.index * _HIRING // 1000
        return
    for source, shares in _weights()[driver].items():
        for target, weight in shares.items():
            yield source, target, _moved(driver, month, source=source, target=target, weight=weight)


def _moved(driver: str, month: Month, *, source: str, target: str, weight: int) -> int:
    """A weight after the season of the solution that it belongs to, and a little noise."""
    noise = chance.one(f"{driver}/{source}/{target}/{month.code}", low=970, high=1030)
    if driver not in _MEASURED_MONTHLY:
        return weight * noise // 1000
    solution = source if driver == "solution_usage" else target
    app = next(app for app in APPS if app.solution == solution)
    season = story.SEASONS[app.season][month.start.month - 1]
    return weight * season * noise // 100_000
