"""The sums of a year by class on each engine, from cubes and from lines; all must be equal.

Usage: python -m bench.engines_once   (BURSAR_HOME names the imported folder, BENCH_POSTGRES a URL)
"""

# ruff: noqa: PLC0415 - Django is set up before anything of Bursar is imported

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import django
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.focus_lines import MONTHS

if TYPE_CHECKING:
    from bursar.allocate.facts import Facts

PERIODS = [f"{year}-{month:02d}" for year, month in MONTHS]
_CLASSES = 500
_CLUSTER = "local-cluster[2,1,1024]"
_ASKED = (("cubes", False), ("lines", True), ("again", True))
"""PostgreSQL copies what it reads at the first question; a second one has it there."""


def main() -> None:
    django.setup()
    from django.conf import settings

    from bursar.allocate.facts import Facts, FrozenFiles
    from bursar.lake.engines.known import ENGINES, EngineAddresses, open_engine

    lake = Path(settings.LAKE_FOLDER)
    files = FrozenFiles({t: _files(lake, t) for t in ("cube_month", "cost_line", "dimension")}, {})
    addresses = EngineAddresses(os.environ["BENCH_POSTGRES"], _CLUSTER, lake)
    found: dict[str, dict[str, float]] = {"size": _size(lake)}
    sums: list[pa.Table] = []
    for name in ENGINES:
        begin = time.perf_counter()
        with open_engine(name, addresses) as engine:
            found[name] = {"opening": time.perf_counter() - begin}
            facts = Facts(engine, files)
            classes = _classes(facts)
            for path, lines in _ASKED:
                begin = time.perf_counter()
                sums.append(facts.sums_by_class(PERIODS, "effective", classes, lines=lines))
                found[name][path] = time.perf_counter() - begin
    assert sums[0].num_rows
    assert all(table.equals(sums[0]) for table in sums), "the engines differ"
    print(json.dumps(found))


def _files(lake: Path, table: str) -> dict[str, tuple[str, ...]]:
    """Every file of a table by batch; only these batches were ever imported here."""
    found: dict[str, list[str]] = {}
    name = "lines*" if table == "cost_line" else table
    for path in sorted((lake / "cost_line").rglob(f"{name}.parquet")):
        found.setdefault(path.parent.name, []).append(str(path.relative_to(lake)))
    return {batch: tuple(paths) for batch, paths in found.items()}


def _size(lake: Path) -> dict[str, float]:
    rows = {"lines": 0.0, "cells": 0.0}
    for kind, table in (("lines", "cost_line"), ("cells", "cube_month")):
        for paths in _files(lake, table).values():
            rows[kind] += sum(pq.read_metadata(lake / path).num_rows for path in paths)
    return rows


def _classes(facts: Facts) -> pa.Table:
    """Every dimension in one of some hundred classes, as a model would put them."""
    dims = facts.known_by([])["dim_id"].combine_chunks()
    numbers = pc.bit_wise_and(pc.shift_right(dims, 3), 1023)
    over = pc.greater_equal(numbers, _CLASSES)
    folded = pc.if_else(over, pc.subtract(numbers, _CLASSES), numbers)
    return pa.table({"dim_id": dims, "class_id": folded})


if __name__ == "__main__":
    main()
