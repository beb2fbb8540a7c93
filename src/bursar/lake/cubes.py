"""Cubes and control totals of one batch, summed from its written lines.

They are computed from the file as it lies in the lake, not from what went into it, so that
comparing them with the totals counted on the way in shows that the file holds every line.
"""

# ruff: noqa: S608 - identifiers are constants or quoted, every value is a parameter

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa

from bursar.core.tables.cube import BASES, COST_COLUMN
from bursar.core.tables.table import Table
from bursar.lake.engines.duckdb import connect, quoted
from bursar.lake.errors import SumOverflow, overflow_refusal
from bursar.lake.files import ROW_GROUP_ROWS, FileInMaking, ManifestRecord

LARGEST = Decimal(10) ** 14
Totals = dict[str, dict[str, Decimal | None]]
"""Per currency, the exact sum of each basis; None where no line states that basis."""

_MEASURES = [COST_COLUMN[basis] for basis in BASES]
_SUMS = ", ".join(f"sum({quoted(m)}) AS {quoted(m)}" for m in _MEASURES)
_SOURCES = {
    "cube_day": "SELECT posting_period, charge_period_start::DATE AS day, dim_id, "
    f"billing_currency AS currency, count(*) AS lines, {_SUMS} "
    "FROM read_parquet($files, union_by_name = true) "
    "GROUP BY 1, 2, 3, 4 ORDER BY dim_id, day, posting_period, currency",
    "cube_month": "SELECT posting_period, dim_id, currency, sum(lines)::BIGINT AS lines, "
    f"{_SUMS} FROM read_parquet($files) GROUP BY 1, 2, 3 ORDER BY dim_id, posting_period, currency",
    "invoice_total": "SELECT invoice_id, billing_currency AS currency, count(*) AS lines, "
    f"{_SUMS} FROM read_parquet($files) GROUP BY 1, 2 ORDER BY 1, 2",
}
_TOTALS = (
    f"SELECT currency, sum(lines)::BIGINT AS lines, {_SUMS} FROM read_parquet($files) "
    "GROUP BY 1 ORDER BY 1"
)
_LINE_TOTALS = (
    f"SELECT billing_currency AS currency, count(*) AS lines, {_SUMS} "
    "FROM read_parquet($files, union_by_name = true) GROUP BY 1 ORDER BY 1"
)


class Summing:
    """A session for summing files of the lake."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, lake: Path) -> None:
        self._connection = connection
        self._lake = lake

    def beside(self) -> Summing:
        """The same engine for another thread."""
        return Summing(self._connection.cursor(), self._lake)

    def write(
        self, table: Table, files: Sequence[Path], *, path: str, period: str
    ) -> ManifestRecord:
        """Write one of the derived tables from these files beside them."""
        making = FileInMaking(self._lake, path, table=table.name, period=period)
        try:
            for part in self._parts(table, files):
                making.add(part)
            if making.schema is None:
                making.add(table.schema.empty_table())
            return making.settle()
        except BaseException:
            making.abandon()
            raise

    def totals(self, cubes: Sequence[Path]) -> tuple[int, Totals]:
        """How many lines the cubes stand for, and their exact sums per currency."""
        return self._totals(_TOTALS, cubes)

    def line_totals(self, files: Sequence[Path]) -> tuple[int, Totals]:
        """The same from files of lines."""
        return self._totals(_LINE_TOTALS, files)

    def _totals(self, query: str, files: Sequence[Path]) -> tuple[int, Totals]:
        with overflow_refusal():
            rows = self._connection.execute(query, _parameters(files)).fetchall()
        totals = {row[0]: dict(zip(BASES, row[2:], strict=True)) for row in rows}
        for currency, sums in totals.items():
            for amount in sums.values():
                _within_ledger(amount, currency)
        return sum(row[1] for row in rows), totals

    def dimension_ids(self, cubes: Sequence[Path]) -> list[int]:
        query = "SELECT DISTINCT dim_id FROM read_parquet($files) ORDER BY 1"
        rows = self._connection.execute(query, _parameters(cubes)).fetchall()
        return [row[0] for row in rows]

    def _parts(self, table: Table, files: Sequence[Path]) -> Iterator[pa.Table]:
        with overflow_refusal():
            query = self._connection.sql(_SOURCES[table.name], params=_parameters(files))
            reader = query.to_arrow_reader(ROW_GROUP_ROWS)
            while True:
                try:
                    batch = reader.read_next_batch()
                except StopIteration:
                    return
                yield pa.Table.from_batches([batch]).cast(table.schema)


@contextmanager
def summing(lake: Path, *, memory_limit: str = "700MB") -> Iterator[Summing]:
    """Sums over files of the lake; where memory is short, in a hidden folder beside them."""
    connection = connect(memory_limit=memory_limit, spill=lake / f".spill-{os.getpid()}")
    try:
        yield Summing(connection, lake)
    finally:
        connection.close()


def _within_ledger(amount: Decimal | None, currency: str) -> None:
    if amount is not None and abs(amount) >= LARGEST:
        raise SumOverflow(
            f"The amounts in {currency} add up to {amount}, more than 14 digits before the point, "
            "which is more than the ledger holds. Check the file's amounts and currency."
        )


def _parameters(files: Sequence[Path]) -> dict[str, list[str]]:
    return {"files": [str(path) for path in files]}
