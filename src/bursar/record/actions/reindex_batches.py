"""Promoting other columns: batches in force get new dimensions, their lines stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bursar.core.refusal import InvariantBroken
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import DIMENSION
from bursar.lake.batch_files import WrittenBatch
from bursar.lake.cost_lines import CostLineWriter, LineDefaults
from bursar.lake.errors import disk_refusals
from bursar.lake.files import remove_files
from bursar.office.calendar.models import PeriodState
from bursar.office.calendar.periods import calendar_of
from bursar.office.calendar.queries import state_of
from bursar.office.journal.writing import record_act
from bursar.office.manifest.writing import files_of, raise_version
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.reference.entities import default_entity
from bursar.record.models import Batch, PromotedColumn
from bursar.record.outcome import totals_json
from bursar.record.promotion import promoted_names
from bursar.record.publishing import Counts, InForce, Publication, batches_in_force

ACT = "record.reindex_batches"


@dataclass(frozen=True)
class Reindexed:
    """What promoting did: the columns now promoted and the batches that were rewritten."""

    promoted: tuple[str, ...]
    batches: tuple[str, ...]
    replaced: tuple[str, ...]


def reindex_batches(*, promote: Sequence[str], acting_user: User | None) -> Reindexed:
    """Make exactly these tag keys and `x_` columns part of dimensions, now and in later imports.

    Batches posted to a closed period keep the dimensions they were closed with. Refusals:
    people.not_allowed, record.bad_promotion, import.concurrent, lake.disk_full,
    lake.not_writable.
    """
    require(acting_user, ACT)
    names = promoted_names(promote)
    seen = batches_in_force()
    pending = [batch for batch in _cost_batches() if tuple(batch.promoted) != names]
    written: list[tuple[Batch, WrittenBatch | None]] = []
    try:
        for batch in pending:
            if not _is_closed(batch):
                written.append((batch, _rewritten(batch, names)))
        with transaction.atomic():
            return _publish(written, names, seen, acting_user)
    except BaseException:
        records = [r for _, new in written if new for r in new.records]
        remove_files(settings.LAKE_FOLDER, records)
        raise


def _cost_batches() -> list[Batch]:
    rows = Batch.objects.filter(kind=COST_LINE.name, superseded_at__isnull=True)
    return list(rows.select_related("source", "made_by"))


def _is_closed(batch: Batch) -> bool:
    return batch.kept_at is not None or any(
        state_of(p, entity) == PeriodState.CLOSED for entity, p in batch.postings
    )


def _rewritten(batch: Batch, names: tuple[str, ...]) -> WrittenBatch | None:
    """The batch written again; None where no line has a value in what changes."""
    lake = Path(settings.LAKE_FOLDER)
    calendars = lru_cache(maxsize=None)(calendar_of)
    defaults = LineDefaults(batch.source.name, default_entity().code, calendars)
    with CostLineWriter(lake, defaults, promote=names) as writer:
        for file in files_of(batch.batch_id, COST_LINE.name):
            with disk_refusals(lake), pq.ParquetFile(lake / file.path) as lines:
                for part in lines.iter_batches():
                    writer.add(pa.Table.from_batches([part]))
        written = writer.finish()[0]
    if totals_json(written.totals) != batch.totals or written.rows != batch.rows_accepted:
        remove_files(lake, list(written.records))
        raise InvariantBroken(f"batch {batch.batch_id} has other sums when read again")
    if _dimensions(batch.batch_id) == _ids(lake / written.record(DIMENSION.name).path):
        remove_files(lake, list(written.records))
        return None
    return written


def _dimensions(batch_id: str) -> pa.ChunkedArray:
    file = files_of(batch_id, DIMENSION.name).get()
    return _ids(Path(settings.LAKE_FOLDER) / file.path)


def _ids(path: Path) -> pa.ChunkedArray:
    return pq.ParquetFile(path).read(columns=["dim_id"])["dim_id"]


def _publish(
    written: list[tuple[Batch, WrittenBatch | None]],
    names: tuple[str, ...],
    seen: InForce,
    acting_user: User | None,
) -> Reindexed:
    raise_version()
    before = list(PromotedColumn.objects.values_list("name", flat=True))
    PromotedColumn.objects.exclude(name__in=names).delete()
    for name in names:
        PromotedColumn.objects.get_or_create(name=name)
    made, replaced = [], []
    for old, new in written:
        if new is None:
            old.promoted = list(names)
            old.save(update_fields=["promoted"])
            continue
        publication = Publication(
            made_by=old.made_by,
            source=old.source,
            kind=old.kind,
            promoted=names,
            at=timezone.now(),
            seen=seen,
        )
        counts = Counts(old.rows_read, old.rows_accepted, old.rows_rejected)
        made.append(publication.replace(new, counts).batch_id)
        replaced.append(old.batch_id)
    if made or set(before) != set(names):
        detail = {"promoted": names, "before": before, "batches": made, "replaced": replaced}
        record_act(act=ACT, subject="dimensions", actor=acting_user, detail=detail)
    return Reindexed(names, tuple(made), tuple(replaced))
