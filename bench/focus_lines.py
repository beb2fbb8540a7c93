"""Generates FOCUS-like lines: 45 columns, 12 months, amounts to 1e-10, JSON tags, some missing.

One file per month, kept under var/bench so that a second run starts at once.
Usage: python -m bench.focus_lines 1000000
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from bench.measuring import FOLDER
from bench.profiles import COST_CENTERS, Profiles, profiles

MONTHS = [(2025 + (9 + n) // 12, (9 + n) % 12 + 1) for n in range(12)]
_CHUNK = 500_000
_LINES_PER_PROFILE = 83
_MOST_PROFILES = 120_000
"""An estate does not grow for ever. With charge and pricing categories, which belong to a dimension
too, ten million lines then hold some 300,000 dimensions."""


def parquet_files(rows: int) -> list[Path]:
    """The Parquet files of so many lines, made when they are not there yet."""
    return [_made(rows, number, "parquet") for number in range(len(MONTHS))]


def csv_files(rows: int) -> list[Path]:
    """The same lines as gzipped CSV."""
    return [_made(rows, number, "csv.gz") for number in range(len(MONTHS))]


def _made(rows: int, number: int, kind: str) -> Path:
    year, month = MONTHS[number]
    path = FOLDER / f"lines-{rows}" / f"{year}-{month:02d}.{kind}"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_name(f".{path.name}")
    if kind == "parquet":
        _write_parquet(rows, number, making)
    else:
        _write_csv(_made(rows, number, "parquet"), making)
    making.rename(path)
    return path


def _write_parquet(rows: int, number: int, path: Path) -> None:
    everyone = profiles(max(2_000, min(rows // _LINES_PER_PROFILE, _MOST_PROFILES)))
    left = rows // len(MONTHS) + (rows % len(MONTHS) if number == 0 else 0)
    chance = np.random.default_rng([number, rows])
    writer = None
    while left:
        count = min(left, _CHUNK)
        part = _lines(everyone, count, number=number, chance=chance)
        writer = writer or pq.ParquetWriter(path, part.schema, compression="zstd")
        writer.write_table(part)
        left -= count
    assert writer is not None
    writer.close()


def _write_csv(source: Path, path: Path) -> None:
    with pa.output_stream(path, compression="gzip") as sink:
        reader = pq.ParquetFile(source)
        names = reader.schema_arrow.names
        schema = pa.schema([(name, pa.string()) for name in names])
        with pa_csv.CSVWriter(sink, schema) as writer:
            for batch in reader.iter_batches(100_000):
                columns = [batch[name].cast(pa.string()) for name in names]
                writer.write_batch(pa.record_batch(columns, schema=schema))


def _lines(everyone: Profiles, count: int, *, number: int, chance: np.random.Generator) -> pa.Table:
    """A chunk of one month: some profiles are met often, most are rare."""
    year, month = MONTHS[number]
    start = date(year, month, 1)
    end = date(year + month // 12, month % 12 + 1, 1)
    picked = (everyone.count * chance.random(count) ** 2.2).astype(np.int64)
    day = chance.integers(0, (end - start).days, count)
    listed = chance.integers(1, 10**13, count) // chance.integers(1, 3_000, count)
    kind = chance.integers(0, 1000, count)
    signed = np.where(kind < 6, -listed, listed)  # credits and refunds
    effective = signed * everyone.price[picked] // 1000
    billed = np.where(kind > 880, 0, effective)  # covered by a commitment
    money = {"ListCost": signed, "ContractedCost": effective, "EffectiveCost": effective}
    columns: dict[str, pa.Array] = {
        **{name: _decimal(values, 10) for name, values in money.items()},
        "BilledCost": _decimal(billed, 10),
        "ListUnitPrice": _decimal(everyone.unit_price[picked], 10),
        "ContractedUnitPrice": _decimal(everyone.unit_price[picked] * 9 // 10, 10),
        "PricingQuantity": _decimal(listed // 1000, 6),
        "ConsumedQuantity": _decimal(listed // 1000, 6),
        "ChargeCategory": _choice(["Usage", "Credit"], (kind < 6).astype(np.int64)),
        "PricingCategory": _choice(["Standard", "Committed"], (kind > 880).astype(np.int64)),
        "ResourceId": _resources(everyone, picked, chance),
    }
    columns |= _moments(start, end, day)
    columns |= {name: values.take(pa.array(picked)) for name, values in everyone.columns.items()}
    return pa.table({name: columns[name] for name in sorted(columns)})


def _moments(start: date, end: date, day: np.ndarray) -> dict[str, pa.Array]:
    kind = pa.timestamp("us", "UTC")
    first = np.datetime64(start, "us")
    at = first + day.astype("timedelta64[D]")
    whole = np.full(len(day), first)
    return {
        "ChargePeriodStart": pa.array(at).cast(kind),
        "ChargePeriodEnd": pa.array(at + np.timedelta64(timedelta(days=1))).cast(kind),
        "BillingPeriodStart": pa.array(whole).cast(kind),
        "BillingPeriodEnd": pa.array(np.full(len(day), np.datetime64(end, "us"))).cast(kind),
    }


def _resources(everyone: Profiles, picked: np.ndarray, chance: np.random.Generator) -> pa.Array:
    names = pa.array([f"i-{number:012x}" for number in range(everyone.count * 2)])
    return names.take(pa.array(picked * 2 + chance.integers(0, 2, len(picked))))


def _choice(names: list[str], which: np.ndarray) -> pa.Array:
    return pa.array(names).take(pa.array(which))


def _decimal(units: np.ndarray, digits: int) -> pa.Array:
    units = units.astype(np.int64)
    words = np.ascontiguousarray(np.stack([units, units >> 63], axis=1))
    buffers = [None, pa.py_buffer(words)]
    return pa.Array.from_buffers(pa.decimal128(38, digits), len(units), buffers)


if __name__ == "__main__":
    files = parquet_files(int(sys.argv[1]))
    print(sum(pq.read_metadata(f).num_rows for f in files), "lines,", COST_CENTERS, "cost centers")
