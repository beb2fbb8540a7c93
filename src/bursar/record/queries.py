"""Reading the record: batches, their lines, rejected rows and control totals.

Who may call these is decided by the surfaces (`read.data`); lines of a statement's scope are
cut in `report`, which knows consumers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings

from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import INVOICE_TOTAL
from bursar.core.tables.rejected_line import REJECTED_LINE
from bursar.core.tables.usage_line import USAGE_LINE
from bursar.lake.engines.duckdb import connect, quoted
from bursar.lake.errors import FileMissing
from bursar.office.manifest.models import LakeFile
from bursar.office.manifest.writing import files_of, in_force
from bursar.record.documents.finding import document_line
from bursar.record.errors import UnknownBatch, UnknownLine
from bursar.record.models import Batch, Import
from bursar.record.models.imports import DERIVED, Acknowledgement
from bursar.record.outcome import batch_json
from bursar.record.undoing import import_of


def batches(*, superseded: bool = True, source: str | None = None) -> list[dict[str, Any]]:
    """Every batch as JSON, by source, period and time of publication."""
    rows = Batch.objects.select_related("made_by", "source").prefetch_related("supersedes")
    if not superseded:
        rows = rows.filter(superseded_at__isnull=True)
    if source is not None:
        rows = rows.filter(source__name=source)
    return [batch_json(row) for row in rows]


def batch(batch_id: str) -> dict[str, Any]:
    """One batch. Refusals: record.unknown_batch."""
    return batch_json(_batch(batch_id))


def imported(import_token: str) -> dict[str, Any]:
    """One import with its batches. Refusals: import.unknown_import."""
    found = import_of(import_token)
    rows = found.batches.select_related("made_by", "source").prefetch_related("supersedes")
    return {
        "import_token": found.token,
        "file": found.file,
        "content_sha256": found.content_sha256,
        "source": found.source.name,
        "format": found.format,
        "format_version": found.format_version,
        "profile": found.profile,
        "rows_read": found.rows_read,
        "rows_accepted": found.rows_accepted,
        "rows_rejected": found.rows_rejected,
        "warnings": found.warnings,
        "imported_at": found.imported_at.isoformat(),
        "imported_by": found.imported_by,
        "acknowledgement": _acknowledged(found),
        "undone_at": found.undone_at.isoformat() if found.undone_at else None,
        "undone_by": found.undone_by,
        "undone_reason": found.undone_reason,
        "batches": [batch_json(row) for row in rows.order_by("period", "published_at")],
    }


def _acknowledged(made_by: Import) -> dict[str, str] | None:
    """Who answered for the rejected lines of an import, and how."""
    said = Acknowledgement.objects.filter(made_by=made_by).first()
    return {"note": said.note, "by": said.by, "at": said.at.isoformat()} if said else None


def sources_of_bills() -> tuple[str, ...]:
    """Sources of cost in force that nothing derived, by name."""
    rows = Batch.objects.filter(kind=COST_LINE.name, superseded_at__isnull=True)
    names = rows.exclude(source__format=DERIVED).values_list("source__name", flat=True)
    return tuple(sorted(set(names)))


def rejected_lines(import_token: str) -> pa.Table:
    """Every rejected row of an import with its reasons. Refusals: record.unknown_batch."""
    if not Import.objects.filter(token=import_token).exists():
        raise UnknownBatch(f"There is no import '{import_token}'. See `bursar batches`.")
    files = files_of(import_token, REJECTED_LINE.name)
    tables = [read_lake_file(file) for file in files]
    return pa.concat_tables(tables) if tables else REJECTED_LINE.schema.empty_table()


def rejected_of_period(period: str) -> list[dict[str, Any]]:
    """Imports of cost in force in a posting period whose files had rows that could not be read."""
    rows = Batch.objects.filter(kind=COST_LINE.name, superseded_at__isnull=True)
    rows = rows.filter(made_by__rows_rejected__gt=0).select_related("made_by", "source")
    found = {
        batch.made_by.token: {
            "source": batch.source.name,
            "file": batch.made_by.file,
            "rows": batch.made_by.rows_rejected,
            "import_token": batch.made_by.token,
        }
        for batch in rows
        if any(posted == period for _, posted in batch.postings)
    }
    return sorted(found.values(), key=lambda row: (row["source"], row["import_token"]))


def invoice_totals(batch_id: str) -> pa.Table:
    """Control totals per invoice of one batch. Refusals: record.unknown_batch."""
    files = files_of(_batch(batch_id).batch_id, INVOICE_TOTAL.name)
    tables = [read_lake_file(file) for file in files]
    return pa.concat_tables(tables) if tables else INVOICE_TOTAL.schema.empty_table()


def batch_lines(
    batch_id: str, *, rows: list[int] | None = None, dim_ids: list[int] | None = None
) -> pa.Table:
    """Lines of a batch, in force or superseded, all or those of given source rows or dimensions.

    Refusals: record.unknown_batch.
    """
    found = _batch(batch_id)
    chosen = None
    if rows is not None:
        chosen = pc.field("source_row").isin(rows)
    if dim_ids is not None:
        of_dimension = pc.field("dim_id").isin(dim_ids)
        chosen = of_dimension if chosen is None else chosen & of_dimension
    tables = [read_lake_file(file, chosen) for file in files_of(batch_id, found.kind)]
    joined = pa.concat_tables(tables, promote_options="default")
    return joined.sort_by("source_row")


def line(line_id: str) -> dict[str, Any]:
    """One cost line by its id, with its batch's standing.

    The id is `<batch id>-<source row>`, or `d<document>-<line>` of a line entered by hand, which
    has no batch while it is live. Refusals: record.unknown_line.
    """
    if by_hand := document_line(line_id):
        return by_hand
    batch_id, _, row = line_id.rpartition("-")
    known = Batch.objects.filter(batch_id=batch_id, kind=COST_LINE.name).first()
    if known is None or not row.isdecimal():
        raise UnknownLine(f"There is no cost line '{line_id}'. Its id is <batch id>-<source row>.")
    found: list[dict[str, Any]] = batch_lines(batch_id, rows=[int(row)]).to_pylist()
    if not found:
        raise UnknownLine(f"Batch {batch_id} has no line from row {row} of its file.")
    place = {"line_id": line_id, "batch_id": batch_id, "in_force": known.superseded_at is None}
    return place | found[0]


@dataclass(frozen=True)
class LineFile:
    """A file of cost lines in force, with the names of its columns."""

    path: Path
    columns: tuple[str, ...]


def line_files() -> list[LineFile]:
    """Every file of cost lines in force. Refusals: lake.file_missing."""
    found = []
    for file in in_force(COST_LINE.name).order_by("period", "path"):
        path = Path(settings.LAKE_FOLDER) / file.path
        with _readable(file):
            found.append(LineFile(path, tuple(pq.read_schema(path).names)))
    return found


def filled_columns(files: Sequence[LineFile]) -> set[str]:
    """The columns in which some line of these files holds a value."""
    names = sorted({name for file in files for name in file.columns})
    if not names:
        return set()
    counts = ", ".join(f"count({quoted(name)})" for name in names)
    engine = connect(memory_limit="1GB")
    try:
        found = engine.execute(
            f"SELECT {counts} FROM read_parquet($files, union_by_name = true)",  # noqa: S608
            {"files": [str(file.path) for file in files]},
        ).fetchone()
    finally:
        engine.close()
    return {name for name, count in zip(names, found or (), strict=True) if count}


def lines_of(files: Iterable[LineFile], periods: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """The lines of these files in blocks, of the posting periods named where any are."""
    chosen = None if periods is None else pa.array(periods, pa.string())
    for file in files:
        with pq.ParquetFile(file.path) as lines:
            for part in lines.iter_batches():
                table = pa.Table.from_batches([part])
                if chosen is not None:
                    posted = table["posting_period"].cast(pa.string())
                    table = table.filter(pc.is_in(posted, value_set=chosen))
                if table.num_rows:
                    yield table


def usage_lines(period: str | None = None) -> pa.Table:
    """Measured quantities in force, of one period where given."""
    tables = [read_lake_file(file) for file in in_force(USAGE_LINE.name, period)]
    return pa.concat_tables(tables) if tables else USAGE_LINE.schema.empty_table()


def measures_of(file: LakeFile) -> list[str]:
    """Names of the measures of one file of usage lines."""
    with _readable(file):
        path = Path(settings.LAKE_FOLDER) / file.path
        column = pq.ParquetFile(path).read(columns=["measure"])["measure"]
    return sorted(pc.unique(column).to_pylist())


def read_lake_file(file: LakeFile, chosen: pc.Expression | None = None) -> pa.Table:
    """A registered file as a table. Refusals: lake.file_missing."""
    path = Path(settings.LAKE_FOLDER) / file.path
    with _readable(file):
        return (
            pq.ParquetFile(path).read()
            if chosen is None
            else pq.read_table(path, filters=chosen, partitioning=None)
        )


@contextmanager
def _readable(file: LakeFile) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowInvalid) as error:
        raise FileMissing(
            f"File {file.path} of the lake cannot be read ({error}). Run `bursar verify`, "
            "then restore it from a backup."
        ) from error


def _batch(batch_id: str) -> Batch:
    rows = Batch.objects.select_related("made_by", "source")
    found = rows.filter(batch_id=batch_id).first()
    if found is None:
        raise UnknownBatch(f"There is no batch '{batch_id}'. `bursar batches` lists them.")
    return found
