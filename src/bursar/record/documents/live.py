"""The live rows of this moment: lines of documents that no batch holds yet, kept in memory.

A document only adds rows, so after one was entered only the new ones are read. Settling takes
rows out, and promoting gives them other dimensions: then all are read again.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc
from django.db.models import Max

from bursar.lake.dimensions import LineDimensions
from bursar.lake.live import LiveRows, in_dimensions, no_rows
from bursar.record.documents.lines import live_lines
from bursar.record.models import Settlement
from bursar.record.promotion import promoted_columns


@dataclass(frozen=True)
class Held:
    """Live rows, and what tells whether further ones may simply be added to them."""

    rows: LiveRows
    promoted: tuple[str, ...]
    settled: int
    last: int
    """The highest id among rows that were ever read; the lock of live rows keeps them in order."""
    dimensions: LineDimensions


def read_live(version: int, before: Held | None) -> Held:
    """The live rows as of a version; `before` is what was held of an earlier one."""
    promoted = promoted_columns()
    settled = Settlement.objects.aggregate(last=Max("pk"))["last"] or 0
    if before is not None and (before.promoted, before.settled) == (promoted, settled):
        if before.rows.version == version:
            return before
    else:
        before = Held(no_rows(version, promoted), promoted, settled, 0, LineDimensions(promoted))
    more = live_lines(before.last)
    last = max(before.last, pc.max(more["source_row"]).as_py() or 0)
    placed = in_dimensions(more, before.dimensions, promoted) if more.num_rows else more
    rows = before.rows.then(version, placed)
    return Held(rows, promoted, settled, last, before.dimensions)
