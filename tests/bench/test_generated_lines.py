"""What the benchmarks measure on is what they say it is."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet
import pytest
from bench.model_text import RULES, rules
from bench.results import write_results

from bench import focus_lines, measuring


@pytest.fixture
def lines(tmp_path, monkeypatch) -> pa.Table:
    monkeypatch.setattr(focus_lines, "FOLDER", tmp_path)
    files = focus_lines.parquet_files(6_000)
    return pa.concat_tables([pa.parquet.read_table(file) for file in files])


def test_lines_have_45_columns_and_12_months(lines: pa.Table) -> None:
    assert (lines.num_rows, lines.num_columns) == (6_000, 45)
    assert len(lines["BillingPeriodStart"].unique()) == 12
    assert lines.schema.field("EffectiveCost").type == pa.decimal128(38, 10)


def test_some_tags_are_missing(lines: pa.Table) -> None:
    tags = [json.loads(text or "{}") for text in lines["Tags"].to_pylist()]
    missing = sum("cost_center" not in each for each in tags)
    assert 0.01 < missing / len(tags) < 0.06


def test_lines_are_the_same_each_time(lines: pa.Table, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(focus_lines, "FOLDER", tmp_path / "again")
    again = [pa.parquet.read_table(file) for file in focus_lines.parquet_files(6_000)]
    assert pa.concat_tables(again).equals(lines)


def test_the_model_has_200_rules_that_differ() -> None:
    texts = {(tuple(rule.when.items()), rule.layer) for rule in rules()}
    assert len(texts) == RULES


def test_results_name_goals_and_never_the_machine(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("bench.results.FOLDER", tmp_path)
    measured = [
        measuring.Measured("a ≤ 2x", "1.50x", True, "so"),
        measuring.Measured("b", "3", None, ""),
    ]
    text = write_results(measured, title="Benchmarks", seconds=61).read_text()
    assert "| a ≤ 2x | 1.50x | yes | so |" in text
    assert "1 of 1 goals met" in text
    import platform

    assert platform.node() not in text
