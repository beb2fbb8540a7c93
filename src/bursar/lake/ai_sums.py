"""What was asked of AI models, summed by day, principal, team and model."""

# ruff: noqa: S608 - identifiers are constants, every value is a parameter

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from bursar.core.tables.ai_usage import AI_USAGE_LINE, TOKEN_CLASSES
from bursar.lake.engines.duckdb import connect
from bursar.lake.errors import damage_refusals

_SUMS = ", ".join(
    f"sum({name})::BIGINT AS {name}"
    for name in [*(f"{c}_tokens" for c in TOKEN_CLASSES), "requests"]
)
_KEYS = "feed, used_at::DATE AS day, principal, team, provider, model"


def ai_sums(paths: Sequence[Path]) -> pa.Table:
    """Exact sums per feed, day, principal, team, provider and model."""
    database = connect()
    with damage_refusals(f"A file of {AI_USAGE_LINE.name}"):
        if not paths:
            database.register("nothing", AI_USAGE_LINE.schema.empty_table())
        scanned = "read_parquet($files, hive_partitioning = false)" if paths else "nothing"
        values = {"files": [str(path) for path in paths]} if paths else {}
        query = f"SELECT {_KEYS}, {_SUMS} FROM {scanned} GROUP BY ALL ORDER BY ALL"
        found = database.sql(query, params=values).to_arrow_table()
    database.close()
    return found
