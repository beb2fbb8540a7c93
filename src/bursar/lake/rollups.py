"""Sums of the month cube kept for questions that come again and again.

A ledger never changes, so what the whole cube sums to by some columns is worked out once; any
question over these columns, whatever its periods and filters, then reads some thousand rows
instead of some million. Only roll-ups that stay small are kept.
"""

# ruff: noqa: S608 - identifiers are constants or quoted, every value is a parameter

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import lru_cache

import duckdb

from bursar.core.tables.cube import COST_COLUMN
from bursar.lake.engines.duckdb import listed, quoted
from bursar.lake.errors import overflow_refusal

MOST_ROWS = 100_000
MOST_KEPT = 48
_ALWAYS = ("posting_period", "currency")


class RollUps:
    """The roll-ups of one ledger; safe to share between threads."""

    def __init__(self, database: duckdb.DuckDBPyConnection, view: str) -> None:
        self._database = database
        self._view = view
        self._lock = threading.Lock()
        self._kept: dict[tuple[frozenset[str], str], tuple[str, int]] = {}
        self._made = 0
        self._distinct = lru_cache(maxsize=None)(self._counted)

    def table(self, names: Iterable[str], basis: str) -> str | None:
        """The table that answers a question over these columns; None where it would be large."""
        wanted = frozenset(names).union(_ALWAYS)
        with self._lock:
            fitting = [
                (rows, table)
                for (columns, of), (table, rows) in self._kept.items()
                if of == basis and wanted <= columns
            ]
            if fitting:
                return min(fitting)[1]
            if len(self._kept) >= MOST_KEPT or self._expected(wanted) > MOST_ROWS:
                return None
            return self._make(wanted, basis)

    def _make(self, wanted: frozenset[str], basis: str) -> str:
        self._made += 1
        name = f"roll_up_{self._made}"
        keys, measure = listed(sorted(wanted)), quoted(COST_COLUMN[basis])
        cursor = self._database.cursor()
        try:
            with overflow_refusal():
                cursor.execute(
                    f"CREATE TABLE {name} AS SELECT {keys}, sum({measure}) AS {measure}, "
                    f"sum(lines)::BIGINT AS lines FROM {self._view} GROUP BY {keys}"
                )
            rows = cursor.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
        finally:
            cursor.close()
        self._kept[wanted, basis] = name, rows
        return name

    def _expected(self, wanted: frozenset[str]) -> int:
        """At most so many rows: the product of what each column distinguishes."""
        product = 1
        for name in sorted(wanted):
            product *= self._distinct(name) + 1
            if product > MOST_ROWS:
                break
        return product

    def _counted(self, name: str) -> int:
        table = "cube_month" if name in _ALWAYS else "dimension"
        cursor = self._database.cursor()
        try:
            query = f"SELECT count(DISTINCT {quoted(name)}) FROM {table}"
            return int(cursor.execute(query).fetchall()[0][0])
        finally:
            cursor.close()
