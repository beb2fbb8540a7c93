"""A dashboard's question, warm, over imported lines and live rows.

Live rows stand for documents entered by hand: rows of a database table that join the cubes when
the question is asked. Bursar has no such table yet, so one is made here, in a SQLite file beside
the ledger. The database sums whole cents; the sums join the cubes' as an Arrow table.
Usage: python -m bench.dashboard_once LIVE_ROWS   (BURSAR_HOME names the imported folder)
"""

# ruff: noqa: PLC0415 - Django is set up before anything of Bursar is imported

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path

import django
import numpy as np
import pyarrow as pa

from bench.focus_lines import MONTHS
from bench.measuring import fastest
from bench.profiles import SERVICES


def main(live_rows: int) -> None:
    django.setup()
    from django.conf import settings

    from bursar.lake.engines.duckdb import connect
    from bursar.office.people.scope import Scope
    from bursar.record.ledger import open_ledger
    from bursar.report.costs import costs
    from bursar.report.overview import overview

    held = open_ledger()
    database = _live(Path(settings.BURSAR_HOME) / "live.sqlite3", live_rows)
    engine = connect(memory_limit="1GB")

    def cubes() -> pa.Table:
        return held.sums(by=["posting_period", "service_category"], basis="effective")

    def question() -> pa.Table:
        facts, live = cubes(), _read(database)
        engine.register("facts", facts)
        engine.register("live", live)
        query = (
            "SELECT posting_period, service_category, sum(amount) AS amount FROM ("
            "SELECT posting_period, service_category, amount FROM facts UNION ALL BY NAME "
            "SELECT posting_period, service_category, "
            "cents::DECIMAL(18, 0) * 0.01::DECIMAL(3, 2) AS amount FROM live"
            ") GROUP BY 1, 2 ORDER BY 1, 2"
        )
        return engine.sql(query).to_arrow_table()

    from_cubes, _ = fastest(cubes, times=20)
    reading, _ = fastest(lambda: _read(database), times=20)
    whole, answer = fastest(question, times=20)
    page, _ = fastest(lambda: overview(Scope.all()), times=10)
    pivot, _ = fastest(lambda: costs(Scope.all(), by=["cost_pool", "tower"]), times=10)
    found = {
        "cubes": from_cubes,
        "reading": reading,
        "whole": whole,
        "rows": answer.num_rows,
        "overview": page,
        "pivot": pivot,
    }
    print(json.dumps(found))


def _live(path: Path, rows: int) -> sqlite3.Connection:
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE live (period TEXT, category TEXT, cents INTEGER)")
    chance = np.random.default_rng(7)
    months = [f"{year}-{month:02d}" for year, month in MONTHS]
    categories = sorted({category for category, _ in SERVICES})
    drawn = zip(
        chance.integers(0, len(months), rows).tolist(),
        chance.integers(0, len(categories), rows).tolist(),
        chance.integers(1, 10**7, rows).tolist(),
        strict=True,
    )
    values = [(months[m], categories[c], cents) for m, c, cents in drawn]
    database.executemany("INSERT INTO live VALUES (?, ?, ?)", values)
    database.commit()
    return database


def _read(database: sqlite3.Connection) -> pa.Table:
    query = "SELECT period, category, sum(cents) FROM live GROUP BY 1, 2"
    periods, categories, cents = zip(*database.execute(query), strict=True)
    return pa.table(
        {
            "posting_period": pa.array(periods, pa.string()),
            "service_category": pa.array(categories, pa.string()),
            "cents": pa.array(cents, pa.int64()),
        }
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
