"""Writing the lines of a batch that are posted to some periods as a batch of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bursar.core.tables.cost_line import COST_LINE
from bursar.lake.batch_files import WrittenBatch
from bursar.lake.cost_lines import CostLineWriter, LineDefaults
from bursar.lake.errors import damage_refusals
from bursar.lake.files import remove_files
from bursar.office.calendar.periods import calendar_of
from bursar.office.calendar.queries import Posting
from bursar.office.reference.entities import default_entity


@dataclass(frozen=True)
class Place:
    """Where lines are written, under which source and with which promoted columns."""

    lake: Path
    source: str
    promote: tuple[str, ...]

    def writer(self) -> CostLineWriter:
        calendars = lru_cache(maxsize=None)(calendar_of)
        defaults = LineDefaults(self.source, default_entity().code, calendars)
        return CostLineWriter(self.lake, defaults, promote=self.promote)

    def files(self, written: WrittenBatch) -> list[Path]:
        """The batch's files of lines."""
        return [self.lake / r.path for r in written.records if r.table == COST_LINE.name]


def split(
    place: Place, written: WrittenBatch, closed: frozenset[Posting]
) -> tuple[WrittenBatch | None, WrittenBatch | None]:
    """The part of a batch posted to closed periods, and the rest; either may be the batch itself.

    A batch that is both is written again as two, and its own files are removed.
    """
    there = written.postings & closed
    if not there:
        return None, written
    if there == written.postings:
        return written, None
    parts: list[WrittenBatch] = []
    try:
        for wanted in (True, False):
            with place.writer() as writer:
                for lines in _lines(place.files(written)):
                    mask = _posted_to(lines, there)
                    writer.add(lines.filter(mask if wanted else pc.invert(mask)))
                parts += writer.finish()
    except BaseException:
        remove_files(place.lake, [r for part in parts for r in part.records])
        raise
    remove_files(place.lake, list(written.records))
    return parts[0], parts[1]


def _lines(files: list[Path]) -> Iterator[pa.Table]:
    for path in files:
        with damage_refusals("A file of lines just written"), pq.ParquetFile(path) as file:
            for part in file.iter_batches():
                yield pa.Table.from_batches([part])


def _posted_to(lines: pa.Table, postings: frozenset[Posting]) -> pa.ChunkedArray:
    mask = pa.chunked_array([pa.array([False] * lines.num_rows)])
    for entity, period in postings:
        of_entity = pc.equal(lines["legal_entity"], entity)
        mask = pc.or_(mask, pc.and_(of_entity, pc.equal(lines["posting_period"], period)))
    return mask
