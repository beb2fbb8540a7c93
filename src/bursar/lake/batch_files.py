"""The files of one batch: sorted runs of lines, then dimensions, cubes and control totals."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from bursar.core.money.amount import EXACT
from bursar.core.refusal import InvariantBroken
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import (
    BASES,
    COST_COLUMN,
    CUBE_DAY,
    CUBE_MONTH,
    DIMENSION,
    INVOICE_TOTAL,
)
from bursar.lake.cubes import Summing, Totals
from bursar.lake.dimensions import LineDimensions
from bursar.lake.files import FileInMaking, ManifestRecord, remove_files, write_file
from bursar.lake.sums import sums_by_currency


@dataclass(frozen=True)
class WrittenBatch:
    """One batch as it lies in the lake, not yet in force."""

    batch_id: str
    period: str
    records: tuple[ManifestRecord, ...]
    rows: int
    totals: Totals
    postings: frozenset[tuple[str, str]]
    """Legal entity and posting period of its lines."""

    @property
    def kind(self) -> str:
        """The table of facts that the batch holds; its file comes first."""
        return self.records[0].table

    def record(self, table: str) -> ManifestRecord:
        return next(r for r in self.records if r.table == table)


class RunWriter:
    """Appends sorted runs to a batch's file of lines and counts what goes in."""

    def __init__(
        self, lake: Path, dimensions: LineDimensions, *, period: str, batch_id: str
    ) -> None:
        self.lake = lake
        self.dimensions = dimensions
        self.period = period
        self.batch_id = batch_id
        self.folder = f"{COST_LINE.name}/{period}/{batch_id}"
        self.files: list[FileInMaking] = []
        self.rows = 0
        self.totals: Totals = {}

    def write(self, tables: list[pa.Table], types: dict[str, pa.DataType]) -> None:
        """Sort the buffered tables into one run and append it; `types` fixes declared columns."""
        joined = pa.concat_tables(tables, promote_options="default")
        tables.clear()
        joined = joined.unify_dictionaries().combine_chunks()
        ids = pa.array(self.dimensions.ids(joined))
        run = _with_column(joined, "dim_id", ids).take(pc.sort_indices(ids))
        run = _in_declared_order(run, types)
        self._count(run)
        self._file_for(run.schema).add(run)
        self.rows += run.num_rows

    def abandon(self) -> None:
        for making in self.files:
            making.abandon()

    def _file_for(self, schema: pa.Schema) -> FileInMaking:
        """The open file, or a further one when parts of the import have other own columns."""
        if not self.files or self.files[-1].schema != schema:
            if self.files:
                self.files[-1].close()
            name = f"lines-{len(self.files) + 1}.parquet" if self.files else "lines.parquet"
            path = f"{self.folder}/{name}"
            self.files.append(
                FileInMaking(self.lake, path, table=COST_LINE.name, period=self.period)
            )
        return self.files[-1]

    def _count(self, run: pa.Table) -> None:
        measures = {basis: _one_array(run[COST_COLUMN[basis]]) for basis in BASES}
        sums = sums_by_currency(_one_array(run["billing_currency"]), measures)
        for currency, amounts in sums.items():
            known = self.totals.setdefault(currency, dict.fromkeys(BASES))
            for basis in BASES:
                amount, before = amounts[basis], known[basis]
                if amount is not None:
                    known[basis] = amount if before is None else EXACT.add(before, amount)


class BatchFiles:
    """Completes a batch: what stands beside its lines is computed from the file just written."""

    def __init__(self, run: RunWriter, engine: Summing) -> None:
        self._run = run
        self._engine = engine
        self._records: list[ManifestRecord] = []

    def settle(self, postings: set[tuple[str, str]]) -> WrittenBatch:
        run = self._run
        try:
            lines = [making.settle() for making in run.files]
            self._records += lines
            paths = [run.lake / record.path for record in lines]
            day = self._derive(CUBE_DAY.name, paths)
            self._derive(CUBE_MONTH.name, [day])
            self._derive(INVOICE_TOTAL.name, paths)
            self._write_dimensions(day)
            self._compare(day)
        except BaseException:
            remove_files(run.lake, self._records)
            raise
        return WrittenBatch(
            batch_id=run.batch_id,
            period=run.period,
            records=tuple(self._records),
            rows=run.rows,
            totals=run.totals,
            postings=frozenset(postings),
        )

    def _derive(self, table: str, files: list[Path]) -> Path:
        shape = {t.name: t for t in (CUBE_DAY, CUBE_MONTH, INVOICE_TOTAL)}[table]
        record = self._engine.write(
            shape, files, path=f"{self._run.folder}/{table}.parquet", period=self._run.period
        )
        self._records.append(record)
        return self._run.lake / record.path

    def _write_dimensions(self, cube: Path) -> None:
        used = self._engine.dimension_ids([cube])
        self._records.append(
            write_file(
                self._run.lake,
                f"{self._run.folder}/{DIMENSION.name}.parquet",
                self._run.dimensions.table(used),
                table=DIMENSION.name,
                period=self._run.period,
            )
        )

    def _compare(self, cube: Path) -> None:
        rows, totals = self._engine.totals([cube])
        if rows != self._run.rows or totals != self._run.totals:
            raise InvariantBroken(
                f"batch {self._run.batch_id}: {self._run.rows} lines went in with sums "
                f"{self._run.totals}, but the cube holds {rows} with {totals}"
            )


def _with_column(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    """The table with this column, in place of one of that name."""
    others = table.drop_columns([name]) if name in table.column_names else table
    return others.append_column(name, column)


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _in_declared_order(run: pa.Table, types: dict[str, pa.DataType]) -> pa.Table:
    empty = {kind: pa.nulls(run.num_rows, kind) for kind in set(types.values())}
    known = set(run.column_names)
    columns = {name: run[name] if name in known else empty[kind] for name, kind in types.items()}
    for name in sorted(known - set(types)):
        columns[name] = run[name]
    return pa.table(columns)
