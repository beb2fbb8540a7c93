"""Finding lines of documents: one by its id, and those that a run does not know."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from bursar.lake.dimensions import LineDimensions
from bursar.lake.live import LiveRows, in_dimensions, no_rows
from bursar.record.documents.lines import SOURCE, lines_where
from bursar.record.models import Batch, Settlement
from bursar.record.promotion import promoted_columns

_LINE_ID = re.compile(r"d([0-9]{1,18})-([0-9]{1,9})")


def document_line(line_id: str) -> dict[str, Any] | None:
    """The line of that id, with the number of its document; None where there is none.

    A settled line keeps its id, and tells where it lies.
    """
    match = _LINE_ID.fullmatch(line_id)
    if match is None:
        return None
    found = lines_where("d.id = %s AND l.place = %s", [int(match[1]), int(match[2])])
    if not found.num_rows:
        return None
    promoted = promoted_columns()
    placed = in_dimensions(found, LineDimensions(promoted), promoted)
    row: dict[str, Any] = placed.to_pylist()[0]
    settled = Settlement.objects.filter(documents__pk=int(match[1])).select_related("batch").first()
    holder = _last(settled.batch) if settled else None
    return {
        **row,
        "batch_id": holder.batch_id if holder else None,
        "in_force": holder is None or holder.superseded_at is None,
    }


def batch_among(line_id: str, batch_ids: Iterable[str]) -> str | None:
    """Which of these batches, as a run froze them, holds a line entered by hand."""
    match = _LINE_ID.fullmatch(line_id)
    if match is None:
        return None
    settled = Settlement.objects.filter(documents__pk=int(match[1])).first()
    if settled is None:
        return None
    frozen = Batch.objects.filter(
        source__name=SOURCE, period=settled.month, batch_id__in=list(batch_ids)
    ).first()
    known = frozen is not None and _settlement(frozen) >= settled.pk
    return frozen.batch_id if frozen is not None and known else None


def settled_since(period: str, batch_ids: Iterable[str]) -> LiveRows:
    """Lines of a period that were settled after a run froze these batches.

    They are in force, and the run does not know them.
    """
    promoted = promoted_columns()
    rows = Batch.objects.filter(source__name=SOURCE, superseded_at__isnull=True)
    in_force = [b for b in rows if period in {posted for _, posted in b.postings}]
    frozen = {b.period: b for b in Batch.objects.filter(
        source__name=SOURCE, batch_id__in=list(batch_ids)
    )}  # fmt: skip
    found = no_rows(0, promoted)
    dimensions = LineDimensions(promoted)
    for batch in in_force:
        known = frozen.get(batch.period)
        if known is not None and known.batch_id == batch.batch_id:
            continue
        lines = _after(period, batch.period, _settlement(known))
        if lines.num_rows:
            found = found.then(0, in_dimensions(lines, dimensions, promoted))
    return found


def _after(period: str, month: str, settlement: int) -> pa.Table:
    return lines_where(
        "d.posting_period = %s AND d.month = %s AND d.settlement_id > %s",
        [period, month, settlement],
    )


def _settlement(batch: Batch | None) -> int:
    """The number of the settlement that a batch is of; a reindexed batch is of an earlier one's."""
    while batch is not None:
        found = Settlement.objects.filter(batch=batch).first()
        if found is not None:
            return found.pk
        batch = batch.supersedes.order_by("-pk").first()
    return 0


def _last(batch: Batch) -> Batch:
    """The batch that stands in this one's place now."""
    while batch.superseded_by is not None:
        batch = batch.superseded_by
    return batch
