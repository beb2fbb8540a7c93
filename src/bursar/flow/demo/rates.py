"""The exchange rates that the company keeps: monthly means and its plan's, as one file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bursar.flow.demo.company import CURRENCY, MONTHS

COLUMNS = ("date", "from", "to", "rate", "type")
Row = tuple[str, str, str, str, str]


def write_rates(path: Path) -> Path:
    """Writes the file in the columns that an import of rates takes."""
    text = Path(__file__).with_name("rates.yaml").read_text(encoding="utf-8")
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_rows(yaml.safe_load(text)))
    return path


def _rows(kept: dict[str, Any]) -> Iterator[Row]:
    for currency, rates in kept["average"].items():
        for month, rate in zip(MONTHS, rates, strict=True):
            yield month.code, CURRENCY, currency, rate, "average"
    for year, rates in kept["plan"].items():
        for currency, rate in rates.items():
            yield f"{year}-01-01", CURRENCY, currency, rate, "plan"
