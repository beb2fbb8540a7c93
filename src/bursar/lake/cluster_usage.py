"""What clusters measured, summed by day: nodes with their namespaces and capacity, and volumes."""

# ruff: noqa: S608 - identifiers are constants or quoted, every value is a parameter

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from bursar.core.tables.cluster_usage import (
    NAMESPACE_LABEL_LINE,
    POD_USAGE_LINE,
    VOLUME_USAGE_LINE,
)
from bursar.core.tables.table import Table
from bursar.lake.day_sums import LAST_SEGMENT
from bursar.lake.engines.duckdb import connect
from bursar.lake.errors import damage_refusals

_NODE = LAST_SEGMENT.format("coalesce(resource_id, node)")
_VOLUME = LAST_SEGMENT.format("coalesce(volume_handle, volume)")

_QUERIES: Mapping[str, tuple[Table, str]] = {
    # A pod may change its labels within a day; then it is two entries, each with its own use.
    "uses": (
        POD_USAGE_LINE,
        f"SELECT {_NODE} AS node_key, interval_start::DATE AS day, namespace, "
        "coalesce(labels, '') AS labels, sum(cpu_effective) AS cpu, "
        "sum(memory_effective) AS memory FROM facts GROUP BY ALL ORDER BY ALL",
    ),
    # Every pod's row repeats its node's capacity: it counts once in each interval.
    "capacities": (
        POD_USAGE_LINE,
        "SELECT node_key, any_value(node) AS node, day, sum(cpu) AS cpu, sum(memory) AS memory "
        f"FROM (SELECT {_NODE} AS node_key, max(node) AS node, interval_start::DATE AS day, "
        "interval_start, max(cpu_capacity) AS cpu, max(memory_capacity) AS memory "
        "FROM facts GROUP BY 1, 3, 4) GROUP BY node_key, day ORDER BY node_key, day",
    ),
    # A claim may be mounted by several pods: it counts once in each interval.
    "claims": (
        VOLUME_USAGE_LINE,
        "SELECT volume_key, day, namespace, labels, sum(requested) AS storage FROM ("
        f"SELECT {_VOLUME} AS volume_key, interval_start::DATE AS day, interval_start, "
        "namespace, claim, coalesce(max(labels), '') AS labels, "
        "max(coalesce(storage_requested, storage_capacity)) AS requested "
        "FROM facts GROUP BY 1, 2, 3, 4, 5) "
        "WHERE volume_key IS NOT NULL GROUP BY ALL ORDER BY ALL",
    ),
    "namespace_labels": (
        NAMESPACE_LABEL_LINE,
        "SELECT namespace, arg_max(labels, interval_start) AS labels FROM facts "
        "WHERE labels IS NOT NULL GROUP BY namespace ORDER BY namespace",
    ),
}


def cluster_sums(files: Mapping[str, Sequence[Path]]) -> dict[str, pa.Table]:
    """Answers `uses`, `capacities`, `claims` and `namespace_labels` over these tables' files."""
    database = connect()
    answers = {}
    for name, (table, query) in _QUERIES.items():
        paths = [str(path) for path in files.get(table.name, ())]
        with damage_refusals(f"A file of {table.name}"):
            if paths:
                database.execute(
                    "CREATE OR REPLACE TEMP VIEW facts AS SELECT * FROM read_parquet("
                    f"[{', '.join(_literal(path) for path in paths)}], hive_partitioning = false)"
                )
            else:
                database.execute("DROP VIEW IF EXISTS facts")
                database.register("facts", table.schema.empty_table())
            answers[name] = database.sql(query).to_arrow_table()
            if not paths:
                database.unregister("facts")
    database.close()
    return answers


def _literal(path: str) -> str:
    """A view cannot take parameters; paths are the lake's own."""
    return "'" + path.replace("'", "''") + "'"
