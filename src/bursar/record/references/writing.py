"""Writing the side tables of FOCUS: one batch per month.

They hold no cost, so they post to no period: a list may come after its period was closed.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from bursar.connect.focus_side import MONTH_OF
from bursar.core.tables.table import Table
from bursar.lake.batch_files import WrittenBatch
from bursar.record.clusters.writing import MonthlyWriter, by_month


class ReferenceWriter(MonthlyWriter):
    """Takes chunks of one side table."""

    def __init__(self, lake: Path, table: Table) -> None:
        super().__init__(lake)
        self._table = table

    def add(self, lines: pa.Table) -> None:
        for period, part in by_month(lines, MONTH_OF[self._table.name]):
            self.write(self._table, period, part)

    def finish(self) -> list[WrittenBatch]:
        return [replace(batch, postings=frozenset()) for batch in super().finish()]
