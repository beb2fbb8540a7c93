"""One import in a process of its own: rate and peak memory.

Usage: python -m bench.import_once csv|parquet ROWS   (BURSAR_HOME names an empty data folder)
"""

# ruff: noqa: PLC0415 - Django is set up before anything of Bursar is imported

from __future__ import annotations

import json
import sys
import time

import django

from bench.focus_lines import csv_files, parquet_files
from bench.measuring import peak_megabytes


def main(kind: str, rows: int) -> None:
    django.setup()
    from bench.model_text import model_text
    from bursar.allocate.actions.apply_model import apply_model
    from bursar.flow.setup import initialise
    from bursar.record.actions.import_files import import_files

    initialise()
    apply_model(text=model_text(), acting_user=None)
    files = csv_files(rows) if kind == "csv" else parquet_files(rows)
    before = peak_megabytes()
    begin = time.perf_counter()
    outcome = import_files(paths=files, acting_user=None, source="bench")
    seconds = time.perf_counter() - begin
    answer = {
        "seconds": seconds,
        "rows": outcome.rows_accepted,
        "rejected": outcome.rows_rejected,
        "peak_mb": peak_megabytes(),
        "before_mb": before,
        "input_mb": sum(f.stat().st_size for f in files) // 1024**2,
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
