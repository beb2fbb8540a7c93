"""What runs published, without what differs from run to run: their names and their times."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bursar.allocate.actions.run_model import run_model
from bursar.allocate.models import RunPeriod, Statement
from bursar.allocate.publishing import owner_of
from bursar.office.manifest.models import LakeFile

_OF_THE_RUN = {"run_id"}


class _Undone(Exception):
    """Ends a trial."""


def in_force(periods: Sequence[str]) -> dict[str, Any]:
    """Statements, balances, inputs and the digest of every file's rows of these periods."""
    rows = RunPeriod.objects.filter(period__in=periods, superseded_at__isnull=True)
    columns = ("period", "consumer", "legal_entity", "currency", "total", "document_total", "lines")
    statements = Statement.objects.filter(run_period__in=rows).order_by(*columns[:4])
    owners = [owner_of(row.run.run_id, row.period) for row in rows.select_related("run")]
    files = LakeFile.objects.filter(owner__in=owners).order_by("period", "table")
    told = ("period", "scale", "input_hash", "balance", "problems")
    return {
        "periods": list(rows.order_by("period").values(*told)),
        "statements": list(statements.values(*columns)),
        "files": {f"{file.period} {file.table}": _digest(file.path) for file in files},
    }


def _digest(path: str) -> str:
    """Of all rows in their order."""
    table = pq.ParquetFile(Path(settings.LAKE_FOLDER) / path).read()
    table = table.drop_columns([name for name in table.column_names if name in _OF_THE_RUN])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema.remove_metadata()) as stream:
        stream.write_table(table.replace_schema_metadata(None).combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()


def tried(engine: str, periods: Sequence[str]) -> dict[str, Any]:
    """What a fresh run of these periods on this engine publishes; then all is as it was."""
    found: dict[str, Any] = {}
    try:
        with transaction.atomic():
            standing = RunPeriod.objects.filter(period__in=periods, superseded_at__isnull=True)
            standing.update(superseded_at=timezone.now())
            run_model(acting_user=None, periods=periods, engine=engine)
            found = in_force(periods)
            raise _Undone
    except _Undone:
        return found
