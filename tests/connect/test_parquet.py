"""Parquet files: typed columns are taken exactly, and text columns as in CSV.

Rule I22 of docs/spec/import.md.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.connect.samples import Result, read, row


def read_parquet(folder: Path, rows: int = 1, **columns: pa.Array) -> Result:
    texts = {name: pa.array([text] * rows) for name, text in row().items()}
    path = folder / "bill.parquet"
    pq.write_table(pa.table(texts | columns), path)
    return read(path)


def test_text_columns(tmp_path: Path) -> None:
    found = read_parquet(tmp_path, 3, BilledCost=pa.array(["1.5E1", "(5)", "2"]))
    assert found.codes == [(2, "BilledCost", "import.amount_brackets")]
    assert found.totals("billed_cost") == {"USD": Decimal(17)}


@pytest.mark.parametrize(
    "column",
    [
        pa.array([Decimal("7.11225253807")], pa.decimal128(20, 11)),
        pa.array([Decimal("7.11225253807")], pa.decimal128(38, 30)),
        pa.array([Decimal("7.11225253807")], pa.decimal256(60, 11)),
        pa.array(["7.11225253807"], pa.large_string()),
        pa.array(["7.11225253807"]).dictionary_encode(),
        pa.array([7.11225253807], pa.float64()),
    ],
    ids=str,
)
def test_amount_types(tmp_path: Path, column: pa.Array) -> None:
    found = read_parquet(tmp_path, BilledCost=column)
    assert found.rejected == []
    assert found.totals("billed_cost") == {"USD": Decimal("7.11225253807")}
    assert ("import.float_money" in found.warning_codes) == pa.types.is_floating(column.type)


@pytest.mark.parametrize("kind", [pa.int8(), pa.int64(), pa.uint64(), pa.decimal128(5, 0)])
def test_whole_amounts(tmp_path: Path, kind: pa.DataType) -> None:
    found = read_parquet(tmp_path, BilledCost=pa.array([12], kind))
    assert found.totals("billed_cost") == {"USD": Decimal(12)}


def test_amounts_that_do_not_fit(tmp_path: Path) -> None:
    values = [Decimal(10) ** 15, Decimal("1e-30"), Decimal("0.5"), None]
    found = read_parquet(tmp_path, 4, BilledCost=pa.array(values, pa.decimal256(60, 30)))
    assert [(row, code) for row, _, code in found.codes] == [
        (1, "import.amount_too_large"),
        (2, "import.amount_too_precise"),
        (4, "import.amount_missing"),
    ]


def test_floats_that_are_no_numbers(tmp_path: Path) -> None:
    values = [float("nan"), float("inf"), 1e300, 1e-7, 0.1]
    found = read_parquet(tmp_path, 5, BilledCost=pa.array(values))
    assert [code for _, _, code in found.codes] == [
        "import.amount_not_a_number",
        "import.amount_not_a_number",
        "import.amount_too_large",
    ]
    assert found.totals("billed_cost") == {"USD": Decimal("0.1000001")}


@pytest.mark.parametrize(
    "column",
    [
        pa.array([date(2026, 1, 5)]).cast(pa.timestamp("ns")),
        pa.array([datetime(2026, 1, 5, tzinfo=UTC)], pa.timestamp("ms", tz="UTC")),
        pa.array([datetime(2026, 1, 5, tzinfo=UTC)], pa.timestamp("us", tz="America/New_York")),
        pa.array([date(2026, 1, 5)]),
        pa.array(["2026-01-05"]),
    ],
    ids=lambda column: str(column.type),
)
def test_moment_types(tmp_path: Path, column: pa.Array) -> None:
    found = read_parquet(tmp_path, ChargePeriodStart=column)
    assert found.column("charge_period_start") == [datetime(2026, 1, 5, tzinfo=UTC)]


def test_tags_as_map_struct_and_list(tmp_path: Path) -> None:
    spellings = [
        pa.array([[("team", "web")]], pa.map_(pa.string(), pa.string())),
        pa.array([{"team": "web"}]),
        pa.array([[{"key": "team", "value": "web"}]]),
    ]
    for column in spellings:
        assert read_parquet(tmp_path, Tags=column).column("tags") == ['{"team": "web"}']


def test_unknown_columns_become_text(tmp_path: Path) -> None:
    found = read_parquet(tmp_path, x_seats=pa.array([12]), x_flag=pa.array([True]))
    assert (found.lines[0]["x_seats"], found.lines[0]["x_flag"]) == ("12", "true")


def test_rows_are_numbered_over_batches(tmp_path: Path) -> None:
    found = read_parquet(tmp_path, 70_000)
    assert found.rows == list(range(1, 70_001))


def test_a_ledger_in_parquet(tmp_path: Path) -> None:
    columns = {
        "posting_date": pa.array([date(2026, 1, 31), None]),
        "period": pa.array([None, "2026-02"]),
        "amount": pa.array([Decimal("12.30"), Decimal("-1.00")], pa.decimal128(12, 2)),
        "currency": pa.array(["EUR", "eur"]).dictionary_encode(),
        "service_end": pa.array([datetime(2026, 1, 31, tzinfo=UTC), None]),
    }
    pq.write_table(pa.table(columns), tmp_path / "ledger.parquet")
    found = read(tmp_path / "ledger.parquet")
    assert (found.reading.format, found.rejected) == ("ledger", [])
    assert found.totals("billed_cost") == {"EUR": Decimal("11.3")}
    assert [str(end)[:10] for end in found.column("charge_period_end")] == [
        "2026-02-01",
        "2026-03-01",
    ]


def test_usage_in_parquet(tmp_path: Path) -> None:
    columns = {
        "driver": pa.array(["seats", "seats"]),
        "period": pa.array(["2026-01", "2026-01"]),
        "to": pa.array(["Retail", "Online"]),
        "quantity": pa.array([300, 0]),
        "day": pa.array([None, date(2026, 1, 7)]),
    }
    pq.write_table(pa.table(columns), tmp_path / "drivers.parquet")
    found = read(tmp_path / "drivers.parquet")
    assert (found.reading.format, found.rejected) == ("usage", [])
    assert found.column("quantity") == [Decimal(300), Decimal(0)]
    assert found.column("day") == [None, date(2026, 1, 7)]
