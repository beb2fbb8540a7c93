"""Writing what clusters measured: one batch per kind of file and month."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.kubernetes import FACT
from bursar.core.tables.cluster_usage import CLUSTER_TABLES
from bursar.core.tables.table import Table
from bursar.lake.batch_files import WrittenBatch
from bursar.lake.files import FileInMaking

_BY_NAME = {table.name: table for table in CLUSTER_TABLES}


class MonthlyWriter:
    """Files of one table and month each, which become batches of their own."""

    def __init__(self, lake: Path) -> None:
        self._lake = lake
        self._files: dict[tuple[str, str], tuple[str, FileInMaking]] = {}

    def write(self, table: Table, period: str, lines: pa.Table) -> None:
        """Append lines; columns that they lack are null."""
        key = (table.name, period)
        if key not in self._files:
            batch_id = "b" + secrets.token_hex(6)
            path = f"{table.name}/{period}/{batch_id}/lines.parquet"
            making = FileInMaking(self._lake, path, table=table.name, period=period)
            self._files[key] = (batch_id, making)
        self._files[key][1].add(shaped(lines, table))

    def finish(self) -> list[WrittenBatch]:
        return [
            WrittenBatch(
                batch_id=batch_id,
                period=period,
                records=(making.settle(),),
                rows=making.rows,
                totals={},
                postings=frozenset({("", period)}),
            )
            for (_, period), (batch_id, making) in sorted(self._files.items())
        ]

    def abandon(self) -> None:
        for _, making in self._files.values():
            making.abandon()


class ClusterUsageWriter(MonthlyWriter):
    """Takes chunks of usage files of one cluster, whatever kinds they mix."""

    def __init__(self, lake: Path, cluster: str) -> None:
        super().__init__(lake)
        self._cluster = cluster

    def add(self, lines: pa.Table) -> None:
        for fact in pc.unique(lines[FACT]).to_pylist():
            of_kind = lines.filter(pc.equal(lines[FACT], fact))
            for period, part in by_month(of_kind, "interval_start"):
                named = pa.array([self._cluster] * part.num_rows, pa.string())
                self.write(_BY_NAME[fact], period, part.append_column("cluster", named))


def by_month(lines: pa.Table, column: str) -> Sequence[tuple[str, pa.Table]]:
    """Each month with its lines."""
    months = pc.strftime(lines[column], "%Y-%m")
    found = sorted(pc.unique(months).to_pylist())
    return [(month, lines.filter(pc.equal(months, month))) for month in found]


def shaped(lines: pa.Table, table: Table) -> pa.Table:
    """The lines in a table's columns and types."""
    given: Mapping[str, pa.ChunkedArray] = {n: lines[n] for n in lines.column_names}
    rows = lines.num_rows
    columns = [
        given[c.name].cast(c.type) if c.name in given else pa.nulls(rows, c.type)
        for c in table.columns
    ]
    return pa.table(columns, schema=table.schema)
