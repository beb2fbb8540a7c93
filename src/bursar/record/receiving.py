"""Receiving a reading into the lake: files are written, nothing is in force yet.

No database transaction is open here: a large file may take minutes, and nobody shall wait.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.ai_usage import AI_USAGE_FORMAT
from bursar.connect.focus_side import SIDE_TABLE_OF
from bursar.connect.kubernetes import KUBERNETES_FORMAT
from bursar.connect.reading import BILL_NAMES, Chunk, Reading
from bursar.core.tables.ai_usage import AI_USAGE_LINE
from bursar.core.tables.control_balance import CONTROL_BALANCE
from bursar.core.tables.rejected_line import REJECTED_LINE
from bursar.core.tables.usage_line import USAGE_LINE
from bursar.lake.batch_files import WrittenBatch
from bursar.lake.cost_lines import CostLineWriter, LineDefaults
from bursar.lake.files import FileInMaking, ManifestRecord, remove_files
from bursar.office.calendar.periods import calendar_of
from bursar.record.ai.writing import AiUsageWriter, without_raw
from bursar.record.clusters.writing import ClusterUsageWriter
from bursar.record.control.writing import ControlWriter
from bursar.record.corrections.planning import Placement
from bursar.record.references.writing import ReferenceWriter
from bursar.record.sources import BillNaming, name_of_file
from bursar.record.vat import with_vat_as_cost

REJECTED_SHOWN = 10_000
"""An outcome lists this many reasons; the file of rejected lines holds them all."""

_ENDING = {"azure-amortised": "amortised"}
"""A bill that comes as two files has a source for each; they fill different bases."""

Progress = Callable[[int], None]


@dataclass
class Received:
    """What one reading left in the lake."""

    source: str
    batches: list[WrittenBatch]
    kind: str
    token: str
    rows_read: int = 0
    rows_accepted: int = 0
    rejected_total: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    rejected_file: ManifestRecord | None = None
    names: dict[str, str] = field(default_factory=dict)
    """Pseudonym → name, of whom the lines speak."""
    placements: list[Placement] = field(default_factory=list)
    """What becomes of each batch, once that is planned; its files are then listed here."""

    @property
    def stated(self) -> list[WrittenBatch]:
        """What the file says, by billing period: in force, or held for a closed period."""
        planned = [w for p in self.placements for w in (p.written, p.held) if w is not None]
        return [*self.batches, *planned]

    @property
    def rows_rejected(self) -> int:
        return self.rows_read - self.rows_accepted

    def remove(self, lake: Path) -> None:
        """Take the files back: the import was refused after all."""
        records = [r for batch in self.batches for r in batch.records]
        records += [r for placement in self.placements for r in placement.records]
        remove_files(lake, [*records, *([self.rejected_file] if self.rejected_file else [])])


@dataclass(frozen=True)
class Receiving:
    """How to receive: where to, under which name, and whom to tell how far it is."""

    lake: Path
    paths: Sequence[Path]
    legal_entity: str
    promote: tuple[str, ...]
    source: str | None = None
    progress: Progress | None = None
    control: bool = False
    """Whether the rows are balances of the general ledger to compare with."""

    def receive(self, reading: Reading) -> Received:
        """Read to the end and write; the files are whole and durable when this returns.

        The default name of a bill is known only when all of it was read, yet every line carries
        it. The first chunk nearly always tells; where a later one knows better, the reading is
        done once more with the right name.
        """
        if reading.format not in BILL_NAMES:
            named = self.source or reading.source_name or name_of_file(self.paths)
            return self._pass(reading, named, None)
        guess = self.source
        while True:
            naming = None if self.source else BillNaming(self.paths, _ENDING.get(reading.format))
            received = self._pass(reading, guess, naming)
            if naming is None or naming.name() == received.source:
                return received
            guess = naming.name()
            received.remove(self.lake)

    def _pass(self, reading: Reading, source: str | None, naming: BillNaming | None) -> Received:
        received = Received(source or "", [], "cost_line", secrets.token_hex(8))
        sink: _Sink | None = None
        rejects = _RejectedLines(self.lake, received)
        try:
            for read in reading.chunks():
                chunk = self._with_vat(read, reading.format)
                if naming is not None:
                    naming.add(chunk.lines)
                if sink is None and chunk.lines.num_rows:
                    received.source = received.source or (naming.name() if naming else "")
                    sink = self._sink(reading.format, received)
                if sink is not None:
                    sink.add(chunk.lines)
                rejects.add(without_raw(chunk) if reading.format == AI_USAGE_FORMAT.name else chunk)
                if self.progress:
                    self.progress(received.rows_read)
            if sink is not None:
                received.batches = sink.finish()
                received.names = getattr(sink, "names", {})
            received.source = received.source or name_of_file(self.paths)
            rejects.settle()
        except BaseException:
            if sink is not None:
                sink.abandon()
            rejects.abandon()
            received.remove(self.lake)
            raise
        return received

    def _with_vat(self, chunk: Chunk, kind: str) -> Chunk:
        """Bills in FOCUS carry tax as lines of their own; other cost lines may state their VAT."""
        return chunk if kind == "focus" else with_vat_as_cost(chunk, self.legal_entity)

    def _sink(self, kind: str, received: Received) -> _Sink:
        if kind == "usage":
            received.kind = "usage_line"
            return UsageWriter(self.lake)
        if kind == AI_USAGE_FORMAT.name:
            received.kind = AI_USAGE_LINE.name
            return AiUsageWriter(self.lake, received.source)
        if kind == KUBERNETES_FORMAT.name:
            received.kind = "cluster_usage"
            return ClusterUsageWriter(self.lake, received.source)
        if kind in SIDE_TABLE_OF:
            received.kind = SIDE_TABLE_OF[kind].name
            return ReferenceWriter(self.lake, SIDE_TABLE_OF[kind])
        calendars = lru_cache(maxsize=None)(calendar_of)
        if self.control:
            received.kind = CONTROL_BALANCE.name
            return ControlWriter(self.lake, self.legal_entity, calendars)
        defaults = LineDefaults(received.source, self.legal_entity, calendars)
        return CostLineWriter(self.lake, defaults, promote=self.promote)


class UsageWriter:
    """Writes measured quantities, one batch per period."""

    def __init__(self, lake: Path) -> None:
        self._lake = lake
        self._files: dict[str, tuple[str, FileInMaking]] = {}

    def add(self, lines: pa.Table) -> None:
        for period in pc.unique(lines["period"]).to_pylist():
            part = lines.filter(pc.equal(lines["period"], period))
            if period not in self._files:
                batch_id = "b" + secrets.token_hex(6)
                path = f"{USAGE_LINE.name}/{period}/{batch_id}/lines.parquet"
                making = FileInMaking(self._lake, path, table=USAGE_LINE.name, period=period)
                self._files[period] = (batch_id, making)
            self._files[period][1].add(part.select(USAGE_LINE.names).cast(USAGE_LINE.schema))

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
            for period, (batch_id, making) in sorted(self._files.items())
        ]

    def abandon(self) -> None:
        for _, making in self._files.values():
            making.abandon()


_Sink = (
    CostLineWriter
    | UsageWriter
    | ClusterUsageWriter
    | ControlWriter
    | ReferenceWriter
    | AiUsageWriter
)


class _RejectedLines:
    """Counts what is read and keeps every rejected row with its reason."""

    def __init__(self, lake: Path, received: Received) -> None:
        path = f"{REJECTED_LINE.name}/{received.token}.parquet"
        self._file = FileInMaking(lake, path, table=REJECTED_LINE.name)
        self._received = received

    def add(self, chunk: Chunk) -> None:
        received = self._received
        received.rows_read += chunk.rows_read
        received.rows_accepted += chunk.rows_accepted
        received.rejected_total += chunk.rejected.num_rows
        if chunk.rejected.num_rows == 0:
            return
        self._file.add(chunk.rejected.select(REJECTED_LINE.names).cast(REJECTED_LINE.schema))
        room = REJECTED_SHOWN - len(received.rejected)
        received.rejected += chunk.rejected.slice(0, max(0, room)).to_pylist()

    def settle(self) -> None:
        if self._file.rows:
            self._received.rejected_file = self._file.settle()

    def abandon(self) -> None:
        self._file.abandon()
