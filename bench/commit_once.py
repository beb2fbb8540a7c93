"""Putting 50,000 lines in force, against writing the same Parquet file and nothing else.

Usage: python -m bench.commit_once   (BURSAR_HOME names a folder to use and throw away)
"""

# ruff: noqa: PLC0415 - Django is set up before anything of Bursar is imported

from __future__ import annotations

import json
import os
from itertools import count
from pathlib import Path

import django
import pyarrow.parquet as pq

from bench.focus_lines import parquet_files
from bench.measuring import fastest

_LINES = 50_000
_TIMES = 15


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.db import transaction

    from bursar.flow.setup import initialise
    from bursar.lake.files import write_file
    from bursar.office.journal.writing import record_act
    from bursar.office.manifest.writing import publish

    initialise()
    lake = Path(settings.LAKE_FOLDER)
    lines = pq.read_table(parquet_files(1_000_000)[0]).slice(0, _LINES)
    numbers = count()

    def bare(*, durable: bool) -> None:
        path = lake / f"bare-{next(numbers)}.parquet"
        pq.write_table(lines, path, compression="zstd", compression_level=1)
        if durable:
            with path.open("rb+") as handle:
                os.fsync(handle.fileno())

    def commit() -> None:
        number = next(numbers)
        path = f"bench/b{number}/lines.parquet"
        record = write_file(lake, path, lines, table="cost_line", period="2026-01")
        with transaction.atomic():
            publish([record], f"b{number}")
            record_act(act="bench.commit", subject=path, actor=None, detail={"rows": _LINES})

    plain, _ = fastest(lambda: bare(durable=False), times=_TIMES)
    durable, _ = fastest(lambda: bare(durable=True), times=_TIMES)
    committed, _ = fastest(commit, times=_TIMES)
    print(json.dumps({"plain": plain, "durable": durable, "committed": committed}))


if __name__ == "__main__":
    main()
