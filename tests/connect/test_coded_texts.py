"""Texts that repeat come as codes; what they say is the same."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from tests.connect.samples import read, row, write

from bursar.connect import text
from bursar.connect.coding import CODED
from bursar.connect.reading import open_reading

ROWS = [
    row(
        ResourceId=f"i-{number}",
        BillingCurrency=("usd", "USD", " Usd")[number % 3],
        ChargePeriodStart=f"2026-01-{number % 4 + 1:02d}",
        Tags=("{'team': 'web'}", '{"team": "web"}', "null", "nonsense")[number % 4],
    )
    for number in range(200)
]


def test_repeating_texts_are_coded(tmp_path: Path) -> None:
    (chunk,) = open_reading([write(tmp_path / "bill.csv", ROWS)]).chunks()
    kinds = dict(zip(chunk.lines.schema.names, chunk.lines.schema.types, strict=True))
    assert kinds["service_name"] == kinds["billing_currency"] == kinds["tags"] == CODED
    assert kinds["resource_id"] == pa.string()
    currency = chunk.lines["billing_currency"].chunk(0)
    assert currency.dictionary.to_pylist() == ["USD"]


def test_blocks_and_parts_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where blocks differ in what repeats, the first one of the reading decides for all."""
    first = write(tmp_path / "1.csv", ROWS)
    second = write(tmp_path / "2.csv", [one | {"ServiceName": f"s-{n}"} for n, one in
                                        enumerate(ROWS)])  # fmt: skip
    whole = read(first, second)
    monkeypatch.setattr(text, "BLOCK", 1_000)
    pieces = read(first, second)
    assert len(whole.schemas) == len(pieces.schemas) == 1
    assert pieces.lines == whole.lines
    assert pieces.codes == whole.codes == []
    assert [line["resource_id"] for line in whole.lines[:200]] == [f"i-{n}" for n in range(200)]
    assert {line["tags"] for line in whole.lines} == {'{"team": "web"}', None, "nonsense"}
    assert "import.tags_unreadable" in whole.warning_codes


def test_bad_words_and_days_are_found_at_their_rows(tmp_path: Path) -> None:
    rows = [dict(one) for one in ROWS]
    for place in (3, 90, 91):
        rows[place]["BillingCurrency"] = "EURO"
        rows[place]["ChargePeriodEnd"] = "2026-02-30"
    found = read(write(tmp_path / "bill.csv", rows))
    assert found.codes == [
        (place + 1, column, code)
        for place in (3, 90, 91)
        for column, code in (
            ("BillingCurrency", "import.currency_unknown"),
            ("ChargePeriodEnd", "import.date_invalid"),
        )
    ]
