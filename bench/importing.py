"""How fast bills come in, in how much memory, and what it costs to put a file in force."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from bench.focus_lines import csv_files, parquet_files
from bench.measuring import FOLDER, Measured, in_own_process

_RATE = 250_000
_PEAK_MB = 2048


def home_of(rows: int) -> Path:
    """The data folder that holds so many imported lines, kept for the other measurements."""
    return FOLDER / f"home-{rows}"


def fill_home(rows: int) -> dict[str, Any]:
    """Imports so many lines from Parquet into an empty data folder."""
    parquet_files(rows)
    shutil.rmtree(home_of(rows), ignore_errors=True)
    return in_own_process("bench.import_once", "parquet", str(rows), home=home_of(rows))


def measure_imports(rows: int, *, csv_rows: int) -> list[Measured]:
    """From gzipped CSV, then from Parquet into the folder that later measurements read."""
    csv_files(csv_rows)
    spare = FOLDER / "home-csv"
    shutil.rmtree(spare, ignore_errors=True)
    text = in_own_process("bench.import_once", "csv", str(csv_rows), home=spare)
    shutil.rmtree(spare)
    binary = fill_home(rows)
    rate = text["rows"] / text["seconds"]
    most = max(text["peak_mb"], binary["peak_mb"])
    return [
        Measured(
            f"import csv.gz ≥ {_RATE:,} lines/s",
            f"{rate:,.0f} lines/s",
            rate >= _RATE,
            f"{text['rows']:,} lines, {text['input_mb']:,} MB gzipped, {text['rejected']} rejected",
        ),
        Measured(
            "import Parquet (no goal)",
            f"{binary['rows'] / binary['seconds']:,.0f} lines/s",
            None,
            f"{binary['rows']:,} lines, {binary['input_mb']:,} MB, {binary['rejected']} rejected",
        ),
        Measured(
            "import peak memory < 2 GB",
            f"{most:,} MB",
            most < _PEAK_MB,
            f"whole process; csv.gz {text['peak_mb']:,} MB, Parquet {binary['peak_mb']:,} MB",
        ),
    ]
