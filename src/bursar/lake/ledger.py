"""The ledger in memory: cubes and dimensions in force, asked in one small family of queries.

A `Ledger` is made for one version of the manifest and one moment of the live rows, and never
changes. Reports and runs ask it for exact sums; lines themselves stay in their files and are
scanned only when a question is about something that dimensions do not hold. Engines sum here and
do nothing else to money. Live rows join the cubes when a question is asked, so that a ledger with
other live rows shares the cubes of the former one.
"""

# ruff: noqa: S608 - identifiers are constants or quoted, every value is a parameter

from __future__ import annotations

import copy
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from bursar.core.refusal import InvariantBroken
from bursar.core.tables.cube import BASES, COST_COLUMN, CUBE_DAY, CUBE_MONTH, DIMENSION
from bursar.lake.engines.duckdb import listed, own_database, quoted
from bursar.lake.errors import damage_refusals, overflow_refusal
from bursar.lake.lines import LineFiles
from bursar.lake.live import LIVE, LiveRows
from bursar.lake.questions import Condition, measure_of, where_clause
from bursar.lake.rollups import RollUps

_MORE_STANDS_HERE = "/* more */"
_FEW_ROWS = 500
_MOST_PARTS = 256
"""Answers over live rows that are kept; the pages of one day ask for far fewer questions."""


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
        self.live = LiveRows()
        self._files = files
        self._database = own_database(memory_limit="4GB")
        self._days = _Days()
        self._live_parts: dict[tuple[Any, ...], tuple[int, pa.Table]] = {}
        self._roll_ups = RollUps(self._database, "facts_by_month")
        self.lines = LineFiles(self._database, files.cost_line)
        self._load("dimension", files.dimension, DIMENSION.schema)
        self._load("cube_month", files.cube_month, CUBE_MONTH.schema)
        self._join_dimensions()

    def close(self) -> None:
        self._database.close()

    def is_of(self, files: LedgerFiles) -> bool:
        """Whether its cubes are of exactly these files, whatever the manifest's number."""
        return replace(self._files, version=files.version) == files

    def with_live(self, live: LiveRows) -> Ledger:
        """The same cubes with these live rows."""
        if live is self.live:
            return self
        other = copy.copy(self)
        other.live = live
        return other

    @property
    def dimension_names(self) -> list[str]:
        """Columns that `sums` may group and filter by, promoted ones included."""
        further = self.live.promoted if self.live.lines.num_rows else ()
        return list(dict.fromkeys([*self._filed_names, *further]))

    @cached_property
    def _filed_names(self) -> list[str]:
        return [name for name in self._columns("dimension") if name != "dim_id"]

    def periods(self) -> list[str]:
        """Posting periods that hold lines, in order."""
        return sorted({*self._filed_periods, *self.live.periods})

    def bases(self) -> frozenset[str]:
        """Bases on which some line states a cost."""
        lines = self.live.lines
        stated = {b for b in BASES if lines[COST_COLUMN[b]].null_count < lines.num_rows}
        return self._filed_bases | stated

    @cached_property
    def _filed_bases(self) -> frozenset[str]:
        counts = ", ".join(f"count({quoted(COST_COLUMN[basis])})" for basis in BASES)
        found = self._rows(f"SELECT {counts} FROM cube_month")[0]
        return frozenset(b for b, lines in zip(BASES, found, strict=True) if lines)

    @cached_property
    def _filed_periods(self) -> list[str]:
        rows = self._rows("SELECT DISTINCT posting_period FROM cube_month ORDER BY 1")
        return [row[0] for row in rows]

    def dimensions(self, period: str | None = None) -> pa.Table:
        """Every distinct dimension (of one posting period) with all promoted columns."""
        where, values = "", {}
        if period is not None:
            used = "SELECT dim_id FROM cube_month WHERE posting_period = $period"
            where, values = f"WHERE dim_id IN ({used})", {"period": period}
        query = f"SELECT * FROM dimension {where} ORDER BY dim_id"
        if not self.live.lines.num_rows:
            return self._table(query, values)
        both = (
            f"SELECT DISTINCT ON (dim_id) * FROM (SELECT * FROM dimension {where} "
            f"UNION ALL BY NAME SELECT * FROM {LIVE}) ORDER BY dim_id"
        )
        return self._table(both, values, {LIVE: self.live.dimensions(period)})

    def cells(self, period: str, basis: str) -> pa.Table:
        """Exact sums of a posting period: dim_id, currency, amount; zero sums are left in."""
        found = self.sums(by=["dim_id"], basis=basis, periods=[period])
        return found.filter(found["amount"].is_valid()).drop_columns(["lines"])

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
        names = [name for name in dict.fromkeys(by) if name != "currency"]
        asked = list(dict.fromkeys([*names, *(c.column for c in where)]))
        self._known(asked)
        conditions, values = where_clause(where, periods)
        keys, measure = listed([*names, "currency"]), measure_of(basis)
        source = self._source(asked, basis, (keys, conditions, measure))
        query = (
            f"SELECT {keys}, sum({measure}) AS amount, sum(lines)::BIGINT AS lines "
            f"FROM {source} GROUP BY {keys} ORDER BY {keys}"
        )
        if not self.live.lines.num_rows:
            return self._table(query, values)
        needed = dict.fromkeys([*asked, "posting_period", "currency", "lines", COST_COLUMN[basis]])
        part, more = self._live_part(list(needed), (keys, conditions, measure), values)
        if more.num_rows:
            columns = f"{keys}, {measure}, lines"
            query = query.replace(
                _MORE_STANDS_HERE, f" UNION ALL SELECT {columns} FROM more WHERE {conditions}"
            )
        return self._table(query.replace(_MORE_STANDS_HERE, ""), values, {LIVE: part, "more": more})

    def _live_part(
        self, needed: Sequence[str], part: tuple[str, str, str], values: Mapping[str, Any]
    ) -> tuple[pa.Table, pa.Table]:
        """What the live rows add up to for one question, and a few that came since.

        After a document was entered, its rows join the former answer as they are; when they have
        become many, the answer is worked out once more.
        """
        keys, conditions, measure = part
        live, rows = self.live.facts, self.live.lines.num_rows
        asked = (self.live.lineage, *part, repr(values))
        known = self._live_parts.get(asked)
        if known is not None and 0 <= rows - known[0] <= _FEW_ROWS:
            return known[1], self._live_columns(live.slice(known[0]), needed)
        found = self._table(
            f"SELECT {keys}, sum({measure}) AS {measure}, sum(lines)::BIGINT AS lines "
            f"FROM {LIVE} WHERE {conditions} GROUP BY {keys}",
            values,
            {LIVE: self._live_columns(live, needed)},
        )
        if len(self._live_parts) >= _MOST_PARTS:
            self._live_parts.clear()
        self._live_parts[asked] = rows, found
        return found, self._live_columns(live.slice(rows), needed)

    def sum_by_node(self, period: str, basis: str, classified: pa.Table) -> pa.Table:
        """Exact sums per node and currency: `classified` gives each dim_id its node_id.

        A dimension of the period that is not classified is a defect, not a missing amount.
        """
        cells = self.sums(by=["dim_id"], basis=basis, periods=[period])
        tables = {"cells": cells, "classified": classified.select(["dim_id", "node_id"])}
        found = self._table(
            "SELECT c.node_id, m.currency, sum(m.amount) AS amount, "
            "sum(m.lines)::BIGINT AS lines FROM cells m LEFT JOIN classified c USING (dim_id) "
            "WHERE m.amount IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2",
            {},
            tables,
        )
        if found["node_id"].null_count:
            raise InvariantBroken(f"period {period}: dimensions of the ledger have no node")
        return found

    def _source(self, asked: Iterable[str], basis: str, part: tuple[str, str, str]) -> str:
        """What is summed: the smallest table that knows every column, and the live rows."""
        keys, conditions, measure = part
        columns = f"{keys}, {measure}, lines"
        filed = self._filed(asked, basis)
        lacking = set(self.dimension_names) - set(self._filed_names)
        if lacking & set(asked):
            nulls = ", ".join(f"NULL::VARCHAR AS {quoted(name)}" for name in sorted(lacking))
            filed = f"(SELECT *, {nulls} FROM {filed})"
        whole = f"SELECT {columns} FROM {filed} WHERE {conditions}"
        if self.live.lines.num_rows:
            whole += f" UNION ALL SELECT {columns} FROM {LIVE}{_MORE_STANDS_HERE}"
        return f"({whole})"

    def _filed(self, asked: Iterable[str], basis: str) -> str:
        """A roll-up where it is small, else the month cube, unless the question is about days."""
        known = [n for n in asked if n in self._filed_names or n in ("posting_period", "currency")]
        if "day" not in asked:
            small = None if "dim_id" in asked else self._roll_ups.table(known, basis)
            return small or "facts_by_month"
        with self._days.lock:
            if not self._days.loaded:
                self._load("cube_day", self._files.cube_day, CUBE_DAY.schema)
                self._view("facts_by_day", "cube_day")
                self._days.loaded = True
        return "facts_by_day"

    def _live_columns(self, live: pa.Table, names: Sequence[str]) -> pa.Table:
        """Of the live rows what a question reads; a column that they lack says nothing there."""
        rows = live.num_rows
        known = set(live.column_names)
        nothing = pa.nulls(rows, pa.string())
        return pa.table({name: live[name] if name in known else nothing for name in names})

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

    def _table(
        self,
        query: str,
        values: Mapping[str, Any] | None = None,
        tables: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        """The answer of one question; `tables` are known to it alone."""
        cursor = self._database.cursor()
        try:
            for name, table in (tables or {}).items():
                cursor.register(name, table)
            with overflow_refusal():
                return cursor.sql(query, params=dict(values or {})).to_arrow_table()
        finally:
            for name in tables or ():
                cursor.unregister(name)
            cursor.close()


@dataclass
class _Days:
    """Whether the day cubes are in memory; they are loaded by the first question about days."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    loaded: bool = False
