"""Golden FOCUS files, one per version, against totals that a person can add up.

Rules I10, I11 and I24 of docs/spec/import.md.
"""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from tests.connect.samples import read

GOLDEN = Path(__file__).parents[1] / "golden" / "focus"
with (GOLDEN / "EXPECTED.csv").open(encoding="utf-8") as file:
    EXPECTED = list(csv.DictReader(file))
COSTS = ("billed_cost", "effective_cost", "list_cost", "contracted_cost")


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda row: f"{row['file']}-{row['currency']}")
def test_totals(expected: dict[str, str]) -> None:
    found = read(GOLDEN / expected["file"])
    currency = expected["currency"]
    assert found.reading.format == "focus"
    assert found.reading.format_version == expected["version"]
    assert found.rejected == []
    assert Counter(found.column("billing_currency"))[currency] == int(expected["rows"])
    for cost in COSTS:
        assert found.totals(cost)[currency] == Decimal(expected[cost]), cost


def test_provider_comes_from_its_older_name() -> None:
    found = read(GOLDEN / "focus_1.0.csv")
    assert set(found.column("service_provider_name")) == {"Example Cloud"}
    assert set(found.column("publisher_name")) == {"Example Cloud, Inc."}


def test_newer_provider_wins_and_older_fills_its_gaps() -> None:
    found = read(GOLDEN / "focus_1.3.csv")
    assert found.column("service_provider_name") == ["Cluster Seller", "Example Cloud"]


def test_tags_in_three_spellings() -> None:
    assert read(GOLDEN / "focus_1.3.csv").column("tags") == ['{"team": "web"}', '{"team": "data"}']
    without_braces = read(GOLDEN / "focus_1.1.csv").column("tags")
    assert without_braces == ['{"env": "prod", "team": "data"}', None]


def test_own_and_unknown_columns_are_kept_as_text() -> None:
    assert read(GOLDEN / "focus_1.2.csv").column("x_cost_code") == ["K-10", "K-11", "K-12"]
    assert read(GOLDEN / "focus_1.0.csv").column("Id") == ["1", "2", "3"]


def test_line_breaks_inside_quotes_stay() -> None:
    found = read(GOLDEN / "focus_1.4.csv")
    assert found.column("charge_description")[0] == "A description\nover two lines"
    assert found.rows == [1, 2]


def test_zones_are_turned_to_utc() -> None:
    start = read(GOLDEN / "focus_1.2.csv").column("charge_period_start")[0]
    assert str(start) == "2025-04-07 00:00:00+00:00"
