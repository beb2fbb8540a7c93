"""Reading what a run wrote: its tables, one period at a time, in force or superseded."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from bursar.allocate.models import RunPeriod
from bursar.allocate.publishing import owner_of
from bursar.core.tables.allocation import (
    ALLOCATED_LINE,
    ALLOCATION_EXCHANGE,
    ALLOCATION_NODE,
    ALLOCATION_TRACE,
    CLASSIFIED_DIMENSION,
)
from bursar.core.tables.table import Table
from bursar.lake.errors import FileMissing, damage_refusals
from bursar.office.manifest.models import LakeFile

TABLES = {
    table.name: table
    for table in (
        CLASSIFIED_DIMENSION,
        ALLOCATION_NODE,
        ALLOCATION_TRACE,
        ALLOCATED_LINE,
    )
}

OPTIONAL_TABLES = {ALLOCATION_EXCHANGE.name: ALLOCATION_EXCHANGE}
"""Written only where a run has something to tell in them."""
ALL_TABLES = (*TABLES, *OPTIONAL_TABLES)


def read_run(run_period: RunPeriod, table: Table) -> pa.Table:
    """One table of one period of a run. Refuses `lake.file_missing`, `lake.file_damaged`."""
    file = LakeFile.objects.filter(
        owner=owner_of(run_period.run.run_id, run_period.period), table=table.name
    ).first()
    if file is None and table.name in OPTIONAL_TABLES:
        return table.schema.empty_table()
    if file is None or not (path := Path(settings.LAKE_FOLDER) / file.path).is_file():
        raise FileMissing(
            f"The file of {table.name} of run {run_period.run.run_id}, {run_period.period}, is "
            "gone. Restore it from a backup, or run the period again."
        )
    with damage_refusals(f"The file {file.path}"):
        return pq.ParquetFile(path).read().cast(table.schema)


def run_folder(run_id: str, period: str) -> str:
    """Where the files of one period of a run lie, below the lake's folder."""
    return f"run/{run_id}/{period}"
