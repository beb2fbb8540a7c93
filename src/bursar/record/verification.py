"""Checking the record: files, control totals and dimensions agree with one another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from django.conf import settings

from bursar.core.refusal import Refused
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import CUBE_DAY, CUBE_MONTH, DIMENSION, DIMENSION_COLUMNS
from bursar.lake.cubes import Summing, summing
from bursar.lake.dimensions import fingerprint
from bursar.lake.errors import UNREADABLE
from bursar.office.journal.check import Check
from bursar.office.manifest.checking import check_files
from bursar.office.manifest.models import LakeFile
from bursar.office.manifest.writing import files_of
from bursar.record.corrections.checking import check_corrections
from bursar.record.documents.verification import check_attachments, check_settled
from bursar.record.models import Batch
from bursar.record.outcome import totals_json

_READ_ROWS = 50_000


def checks() -> list[Check]:
    """Every check of this room, and of the files that all rooms keep in the lake."""
    return [
        *check_files(),
        check_in_force(),
        check_totals(),
        check_usage(),
        check_dimensions(),
        check_corrections(),
        check_settled(),
        check_attachments(),
    ]


def check_in_force() -> Check:
    """Whether exactly the batches in force have their files in force, each in its period."""
    name = "batches and files in force"
    held: dict[str, set[tuple[str, bool]]] = {}
    for owner, period, out in LakeFile.objects.values_list("owner", "period", "superseded_at"):
        held.setdefault(owner, set()).add((period, out is None))
    count = 0
    for batch in Batch.objects.order_by("batch_id").iterator():
        count += 1
        expected = {(batch.period, batch.superseded_at is None)}
        if (found := held.get(batch.batch_id, set())) != expected:
            state = "in force" if batch.superseded_at is None else "replaced"
            problem = f"is {state} for {batch.period}, its files are not ({_states(found)})."
            return Check(name, False, f"Batch {batch.batch_id} {problem}")
    return Check(name, True, f"{count} batches, each with its files")


def _states(found: set[tuple[str, bool]]) -> str:
    return ", ".join(
        f"{period}: {'in force' if counts else 'replaced'}" for period, counts in sorted(found)
    )


def check_totals() -> Check:
    """Whether lines, both cubes and the stored control totals of every batch are equal."""
    name, count = "control totals of batches", 0
    if not Batch.objects.filter(kind=COST_LINE.name).exists():
        return Check(name, True, "0 batches")
    with summing(settings.LAKE_FOLDER) as engine:
        for batch in Batch.objects.filter(kind=COST_LINE.name).order_by("batch_id").iterator():
            count += 1
            if problem := _totals_problem(batch, engine):
                return Check(name, False, f"Batch {batch.batch_id}: {problem}")
    return Check(name, True, f"{count} batches: lines, day cubes, month cubes and totals are equal")


def check_usage() -> Check:
    """Whether every batch of measures holds as many rows as were accepted."""
    name, count = "rows of measures", 0
    for batch in Batch.objects.exclude(kind=COST_LINE.name):
        count += 1
        held = sum(file.rows for file in files_of(batch.batch_id, batch.kind))
        if held != batch.rows_accepted:
            problem = f"{held} rows in the lake, {batch.rows_accepted} accepted."
            return Check(name, False, f"Batch {batch.batch_id}: {problem}")
    return Check(name, True, f"{count} batches")


def check_dimensions() -> Check:
    """Whether every dimension id is the fingerprint of its content, hence unique."""
    name, seen = "dimension ids", set()
    for file in LakeFile.objects.filter(table=DIMENSION.name).order_by("path").iterator():
        try:
            for found, expected in _fingerprints(Path(settings.LAKE_FOLDER) / file.path):
                if found != expected:
                    problem = f"id {found} is not the fingerprint of its columns"
                    return Check(name, False, f"{file.path}: {problem}.")
                seen.add(found)
        except (*UNREADABLE, KeyError) as error:
            return Check(name, False, f"{file.path} cannot be read ({error}).")
    return Check(name, True, f"{len(seen)} ids, each the fingerprint of its columns")


def _totals_problem(batch: Batch, engine: Summing) -> str | None:
    lake = Path(settings.LAKE_FOLDER)

    def paths(table: str) -> list[Path]:
        return [lake / file.path for file in files_of(batch.batch_id, table)]

    stated = (batch.rows_accepted, batch.totals)
    try:
        for table in (CUBE_DAY.name, CUBE_MONTH.name):
            rows, totals = engine.totals(paths(table))
            if (rows, totals_json(totals)) != stated:
                return f"{table} holds {rows} lines with {totals_json(totals)}, stored: {stated}."
        rows, totals = engine.line_totals(paths(COST_LINE.name))
    except (*UNREADABLE, Refused, duckdb.Error) as error:
        return f"cannot be summed ({error})."
    if (rows, totals_json(totals)) != stated:
        return f"its lines are {rows} with {totals_json(totals)}, stored: {stated}."
    return None


def _fingerprints(path: Path) -> Iterator[tuple[int, int]]:
    with pq.ParquetFile(path) as file:
        for part in file.iter_batches(batch_size=_READ_ROWS):
            columns = {name: part.column(name).to_pylist() for name in part.schema.names}
            ids = columns.pop("dim_id")
            fixed = [columns.pop(name) for name in DIMENSION_COLUMNS]
            for row, found in enumerate(ids):
                promoted = [(name, values[row]) for name, values in columns.items()]
                yield found, fingerprint([values[row] for values in fixed], promoted)
