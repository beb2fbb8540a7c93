"""The ledger in memory: cubes and dimensions in force, asked in one small family of queries.

A `Ledger` is made for one version of the manifest and never changes. Reports and runs ask it for
exact sums; lines themselves stay in their files and are scanned only when a question is about
something that dimensions do not hold. Engines sum here and do nothing else to money.
"""

# ruff: noqa: S608 - identifiers are constants or quoted, every value is a parameter

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from bursar.core.refusal import InvariantBroken
from bursar.core.tables.cube import CUBE_DAY, CUBE_MONTH, DIMENSION
from bursar.lake.cubes import overflow_refusal
from bursar.lake.engines.duckdb import connect, listed
from bursar.lake.errors import damage_refusals
from bursar.lake.lines import LineFiles
from bursar.lake.questions import Condition, measure_of, where_clause


@dataclass(frozen=True)
class LedgerFiles:
    """The files in force that a ledger is made of, and the manifest's version they belong to."""

    version: int
    dimension: Sequence[Path] = field(default=())
    cube_month: Sequence[Path] = field(default=())
    cube_day: Sequence[Path] = field(default=())
    cost_line: Sequence[tuple[str, Path]] = field(default=())
    """Batch id and file of lines."""


class Ledger:
    """Exact sums over everything in force; safe to share between threads."""

    def __init__(self, files: LedgerFiles) -> None:
        self.version = files.version
        self._files = files
        self._database = connect(memory_limit="4GB")
        self._lock = threading.Lock()
        self._has_days = False
        self.lines = LineFiles(self._database, files.cost_line)
        self._load("dimension", files.dimension, DIMENSION.schema)
        self._load("cube_month", files.cube_month, CUBE_MONTH.schema)
        self._join_dimensions()

    def close(self) -> None:
        self._database.close()

    @property
    def dimension_names(self) -> list[str]:
        """Columns that `sums` may group and filter by, promoted ones included."""
        return [name for name in self._columns("dimension") if name != "dim_id"]

    def periods(self) -> list[str]:
        """Posting periods that hold lines, in order."""
        rows = self._rows("SELECT DISTINCT posting_period FROM cube_month ORDER BY 1")
        return [row[0] for row in rows]

    def dimensions(self, period: str | None = None) -> pa.Table:
        """Every distinct dimension (of one posting period) with all promoted columns."""
        if period is None:
            return self._table("SELECT * FROM dimension ORDER BY dim_id")
        used = "SELECT dim_id FROM cube_month WHERE posting_period = $period"
        query = f"SELECT * FROM dimension WHERE dim_id IN ({used}) ORDER BY dim_id"
        return self._table(query, {"period": period})

    def cells(self, period: str, basis: str) -> pa.Table:
        """Exact sums of a posting period: dim_id, currency, amount; zero sums are left in."""
        measure = measure_of(basis)
        return self._table(
            f"SELECT dim_id, currency, sum({measure}) AS amount FROM cube_month "
            f"WHERE posting_period = $period AND {measure} IS NOT NULL "
            "GROUP BY 1, 2 ORDER BY 1, 2",
            {"period": period},
        )

    def sums(
        self,
        *,
        by: Sequence[str] = (),
        basis: str = "effective",
        periods: Iterable[str] | None = None,
        where: Sequence[Condition] = (),
    ) -> pa.Table:
        """Exact sums by dimension columns, `posting_period`, `day` or `currency`.

        The result has the columns of `by`, then `currency` (amounts of two currencies are never
        added), `amount` and `lines`.
        """
        source = self._source(by, where)
        names = [name for name in dict.fromkeys(by) if name != "currency"]
        self._known([*names, *(c.column for c in where)])
        conditions, values = where_clause(where, periods)
        keys = listed([*names, "currency"])
        query = (
            f"SELECT {keys}, sum({measure_of(basis)}) AS amount, "
            f"sum(lines)::BIGINT AS lines FROM {source} WHERE {conditions} "
            f"GROUP BY {keys} ORDER BY {keys}"
        )
        return self._table(query, values)

    def sum_by_node(self, period: str, basis: str, classified: pa.Table) -> pa.Table:
        """Exact sums per node and currency: `classified` gives each dim_id its node_id.

        A dimension of the period that is not classified is a defect, not a missing amount.
        """
        measure = measure_of(basis)
        with self._registered({"classified": classified.select(["dim_id", "node_id"])}) as cursor:
            found = _answer(
                cursor,
                f"SELECT c.node_id, m.currency, sum(m.{measure}) AS amount, "
                "sum(m.lines)::BIGINT AS lines "
                "FROM cube_month m LEFT JOIN classified c USING (dim_id) "
                f"WHERE m.posting_period = $period AND m.{measure} IS NOT NULL "
                "GROUP BY 1, 2 ORDER BY 1, 2",
                {"period": period},
            )
        if found["node_id"].null_count:
            raise InvariantBroken(f"period {period}: dimensions of the ledger have no node")
        return found

    def _source(self, by: Sequence[str], where: Sequence[Condition]) -> str:
        """The month cube answers, unless the question is about days."""
        if "day" not in by and all(condition.column != "day" for condition in where):
            return "facts_by_month"
        with self._lock:
            if not self._has_days:
                self._load("cube_day", self._files.cube_day, CUBE_DAY.schema)
                self._view("facts_by_day", "cube_day")
                self._has_days = True
        return "facts_by_day"

    def _load(self, table: str, files: Sequence[Path], schema: pa.Schema) -> None:
        cursor = self._database.cursor()
        if files:
            distinct = "DISTINCT" if table == "dimension" else ""
            with damage_refusals(f"A file of {table}"):
                cursor.execute(
                    f"CREATE TABLE {table} AS SELECT {distinct} * "
                    "FROM read_parquet($files, union_by_name = true, hive_partitioning = false)",
                    {"files": [str(path) for path in files]},
                )
        else:
            cursor.register("nothing", schema.empty_table())
            cursor.execute(f"CREATE TABLE {table} AS SELECT * FROM nothing")
            cursor.unregister("nothing")
        cursor.close()

    def _join_dimensions(self) -> None:
        rows, distinct = self._rows("SELECT count(*), count(DISTINCT dim_id) FROM dimension")[0]
        if rows != distinct:
            raise InvariantBroken(
                f"{rows - distinct} dimension ids stand for more than one combination of columns"
            )
        self._view("facts_by_month", "cube_month")

    def _view(self, name: str, cube: str) -> None:
        """Joins only what a query asks for: DuckDB drops columns and joins that are not used."""
        self._database.cursor().execute(
            f"CREATE VIEW {name} AS SELECT c.*, d.* EXCLUDE (dim_id) "
            f"FROM {cube} c LEFT JOIN dimension d USING (dim_id)"
        )

    def _columns(self, table: str) -> list[str]:
        return [row[0] for row in self._rows(f"DESCRIBE {table}")]

    def _known(self, names: Sequence[str]) -> None:
        allowed = {*self.dimension_names, "posting_period", "day", "currency", "dim_id"}
        for name in names:
            if name not in allowed:
                raise KeyError(name)

    def _rows(self, query: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        cursor = self._database.cursor()
        try:
            return cursor.execute(query, values or {}).fetchall()
        finally:
            cursor.close()

    def _table(self, query: str, values: Mapping[str, Any] | None = None) -> pa.Table:
        cursor = self._database.cursor()
        try:
            return _answer(cursor, query, values or {})
        finally:
            cursor.close()

    @contextmanager
    def _registered(self, tables: Mapping[str, pa.Table]) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._database.cursor()
        try:
            for name, table in tables.items():
                cursor.register(name, table)
            yield cursor
        finally:
            for name in tables:
                cursor.unregister(name)
            cursor.close()


def _answer(cursor: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any]) -> pa.Table:
    with overflow_refusal():
        return cursor.sql(query, params=dict(values)).to_arrow_table()
