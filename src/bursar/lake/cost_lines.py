"""Writing cost lines: chunks come in, one batch of files per billing period comes out.

Memory stays bounded whatever the size of the file: lines wait in one buffer per billing period,
and the largest buffer is written as a sorted run when all of them together reach a limit. A run
is sorted by dimension, which makes the file a third smaller and lets a reader that looks for a
few dimensions skip most of it. Sorting and writing happen in a thread beside the reading.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bursar.core.calc.fiscal import FiscalCalendar, posting_periods
from bursar.core.refusal import InvariantBroken
from bursar.core.tables.cost_line import COST_LINE
from bursar.lake.batch_files import BatchFiles, RunWriter, WrittenBatch
from bursar.lake.cubes import summing
from bursar.lake.dimensions import LineDimensions
from bursar.lake.files import remove_files

_WORTHWHILE_ROWS = 65_536
_BUFFER_ROWS = 500_000
_BUFFER_BYTES = 256 * 1024 * 1024
_SETTLING_THREADS = 2  # one writes a file while the other one's sums are computed
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())
_WORTH_ENCODING = 0.5  # distinct values per row above which a dictionary only costs time
_DECLARED = {column.name: column.type for column in COST_LINE.columns}


@dataclass(frozen=True)
class LineDefaults:
    """What a line gets where its file says nothing."""

    source: str
    legal_entity: str
    calendar_of: Callable[[str], FiscalCalendar]


@dataclass
class _Buffer:
    tables: list[pa.Table] = field(default_factory=list)
    rows: int = 0
    bytes: int = 0

    def add(self, table: pa.Table) -> None:
        self.tables.append(table)
        self.rows += table.num_rows
        self.bytes += table.nbytes


class CostLineWriter:
    """Takes accepted lines and writes them with their dimensions, cubes and control totals.

    Use it as a context manager: whatever was written is removed unless `finish` succeeded.
    """

    def __init__(
        self, lake: Path, defaults: LineDefaults, *, promote: tuple[str, ...] = ()
    ) -> None:
        self._lake = lake
        self._defaults = defaults
        self._dimensions = LineDimensions(promote)
        self._waiting: list[pa.Table] = []
        self._buffers: dict[str, _Buffer] = {}
        self._batches: dict[str, RunWriter] = {}
        self._postings: dict[str, set[tuple[str, str]]] = {}
        self._encoded: dict[str, bool] = {}
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lake-writer")
        self._running: Future[None] | None = None
        self._finished: list[WrittenBatch] = []

    def __enter__(self) -> CostLineWriter:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._finished:
            self.abandon()

    def add(self, lines: pa.Table) -> None:
        """Take a table of accepted lines in cost-line columns.

        Small tables wait until they are worth the work that each table costs.
        """
        if lines.num_rows == 0:
            return
        if self._waiting and self._waiting[0].schema != lines.schema:
            self._take_waiting()
        self._waiting.append(lines)
        if sum(table.num_rows for table in self._waiting) >= _WORTHWHILE_ROWS:
            self._take_waiting()

    def _take_waiting(self) -> None:
        if not self._waiting:
            return
        lines = pa.concat_tables(self._waiting)
        self._waiting.clear()
        columns = {name: lines[name] for name in lines.column_names}
        columns = {n: self._prepared(n, c) for n, c in columns.items() if _kept(n, c)}
        self._fill(columns, lines.num_rows)
        table = pa.table(columns)
        for period, part in _by_period(table):
            self._wait_in_buffer(period, part)
        self._flush_when_full()

    def finish(self) -> list[WrittenBatch]:
        """Write what still waits, sum it and settle every file; batches by period."""
        self._take_waiting()
        for period in sorted(self._buffers):
            self._flush(period)
        self._join()
        self._worker.shutdown()
        with summing(self._lake) as engine, ThreadPoolExecutor(_SETTLING_THREADS) as pool:
            settling = [
                pool.submit(
                    BatchFiles(self._batches[period], engine.beside()).settle,
                    self._postings[period],
                )
                for period in sorted(self._batches)
            ]
        problems = [p for p in (future.exception() for future in settling) if p is not None]
        finished = [future.result() for future in settling if future.exception() is None]
        if problems:
            for written in finished:
                remove_files(self._lake, list(written.records))
            raise problems[0]
        self._finished = finished
        return finished

    def abandon(self) -> None:
        """Remove everything that was written so far."""
        with suppress(BaseException):
            self._join()
        self._worker.shutdown()
        for batch in self._batches.values():
            batch.abandon()

    def _prepared(self, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
        declared = _DECLARED.get(name, pa.string())
        if declared == pa.string():
            return self._text(name, column)
        return column if column.type == declared else column.cast(declared)

    def _text(self, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
        """Texts that repeat travel as codes: quicker to sort, to write and to keep in memory."""
        is_coded = column.type == _DICTIONARY
        if name not in self._encoded:
            self._encoded[name] = is_coded or _is_worth_encoding(column.cast(pa.string()))
        if not self._encoded[name]:
            return column.cast(pa.string())
        return column if is_coded else pc.dictionary_encode(column.cast(pa.string()))

    def _fill(self, columns: dict[str, pa.ChunkedArray], rows: int) -> None:
        columns["source"] = _constant(self._defaults.source, rows)
        entity = columns.get("legal_entity")
        if entity is None or entity.null_count == len(entity):
            columns["legal_entity"] = _constant(self._defaults.legal_entity, rows)
        elif entity.null_count:
            filled = entity.cast(pa.string()).fill_null(self._defaults.legal_entity)
            columns["legal_entity"] = pc.dictionary_encode(filled)
        self._encoded |= {"source": True, "legal_entity": True, "posting_period": True}
        if "posting_period" not in columns:
            columns["posting_period"] = self._posting(columns)

    def _posting(self, columns: dict[str, pa.ChunkedArray]) -> pa.Array:
        starts = columns["billing_period_start"].cast(pa.date32())
        ends = columns.get("billing_period_end")
        ends = pa.nulls(len(starts), pa.date32()) if ends is None else ends.cast(pa.date32())
        days = columns["charge_period_start"].cast(pa.date32())
        entities = columns["legal_entity"]
        posted = None
        for code in pc.unique(entities).to_pylist():
            found = posting_periods(self._defaults.calendar_of(code), days, starts, ends)
            posted = (
                found if posted is None else pc.if_else(pc.equal(entities, code), found, posted)
            )
        return pc.dictionary_encode(posted)

    def _wait_in_buffer(self, period: str, part: pa.Table) -> None:
        self._buffers.setdefault(period, _Buffer()).add(part)
        pairs = part.select(["legal_entity", "posting_period"]).group_by(
            ["legal_entity", "posting_period"]
        )
        seen = self._postings.setdefault(period, set())
        seen.update(
            (r["legal_entity"], r["posting_period"]) for r in pairs.aggregate([]).to_pylist()
        )

    def _flush_when_full(self) -> None:
        buffers = self._buffers.values()
        if (
            sum(b.rows for b in buffers) >= _BUFFER_ROWS
            or sum(b.bytes for b in buffers) >= _BUFFER_BYTES
        ):
            self._flush(max(self._buffers, key=lambda p: self._buffers[p].bytes))

    def _flush(self, period: str) -> None:
        """Hand a buffer to the writing thread; only one is under way, so memory stays bounded."""
        buffer = self._buffers.pop(period)
        self._join()
        if period not in self._batches:
            batch_id = "b" + secrets.token_hex(6)
            self._batches[period] = RunWriter(
                self._lake, self._dimensions, period=period, batch_id=batch_id
            )
        types = {name: self._type_of(name) for name in _DECLARED}
        run = self._batches[period]
        self._running = self._worker.submit(run.write, buffer.tables, types)

    def _type_of(self, name: str) -> pa.DataType:
        if _DECLARED[name] == pa.string() and self._encoded.setdefault(name, True):
            return _DICTIONARY
        return _DECLARED[name]

    def _join(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.result()


def _kept(name: str, column: pa.ChunkedArray) -> bool:
    """Declared columns without any value need no room in the buffers; they come back as nulls."""
    return name not in _DECLARED or column.null_count < len(column)


def _is_worth_encoding(texts: pa.ChunkedArray) -> bool:
    return bool(pc.count_distinct(texts).as_py() <= len(texts) * _WORTH_ENCODING)


def _constant(value: str, rows: int) -> pa.Array:
    indices = pa.array(np.zeros(rows, np.int32))
    return pa.DictionaryArray.from_arrays(indices, pa.array([value], pa.string()))


def _by_period(lines: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Each billing period with its lines."""
    days = lines["billing_period_start"].cast(pa.date32())
    distinct = pc.unique(days).to_pylist()
    if None in distinct:
        raise InvariantBroken("an accepted line has no start of its billing period")
    periods: dict[str, list[date]] = {}
    for day in distinct:
        periods.setdefault(f"{day.year:04d}-{day.month:02d}", []).append(day)
    if len(periods) == 1:
        yield next(iter(periods)), lines
        return
    whole = None
    for period, members in sorted(periods.items()):
        mask = pc.is_in(days, value_set=pa.array(members, pa.date32()))
        rows = pc.indices_nonzero(mask)
        first, count = rows[0].as_py(), len(rows)
        if rows[-1].as_py() - first + 1 == count:  # one period after the other, nothing to move
            yield period, lines.slice(first, count)
        else:
            if whole is None:
                whole = lines.unify_dictionaries().combine_chunks()
            yield period, whole.take(rows)
