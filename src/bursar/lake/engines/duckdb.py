"""DuckDB as the engine of one machine: how a connection is opened and how SQL is put together.

Identifiers are quoted here and values always travel as parameters, so no text that came from
a file or a page ever becomes SQL.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from bursar.lake.engines.relation import OWNER, Relation
from bursar.lake.errors import damage_refusals, overflow_refusal

_WORDS = {
    pa.int64(): "BIGINT",
    pa.string(): "VARCHAR",
    pa.decimal128(38, 24): "DECIMAL(38, 24)",
    pa.timestamp("us", "UTC"): "TIMESTAMPTZ",
}


def connect(*, memory_limit: str = "1GB", spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A session whose temporary tables and views are its own; close it when done.

    The database under it is in memory and holds nothing else: one for each limit and `spill`, the
    folder that may be used when memory is short. To make one takes longer than most questions do.
    """
    return _shared.session(memory_limit, spill)


def own_database(*, memory_limit: str) -> duckdb.DuckDBPyConnection:
    """A database for tables that are kept: its cursors see all of them."""
    return _opened(memory_limit, None)


def _opened(memory_limit: str, spill: Path | None) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "temp_directory": str(spill) if spill else "",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
    }
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    # Footers of files that never change.
    connection.execute("SET GLOBAL parquet_metadata_cache = true")
    return connection


class _Shared:
    """The databases that sessions run on; the least used makes room."""

    KEPT = 4

    def __init__(self) -> None:
        self._databases: OrderedDict[tuple[str, Path | None], duckdb.DuckDBPyConnection] = (
            OrderedDict()
        )
        self._lock = threading.Lock()

    def session(self, memory_limit: str, spill: Path | None) -> duckdb.DuckDBPyConnection:
        with self._lock:
            place = (memory_limit, spill)
            if place not in self._databases:
                self._databases[place] = _opened(memory_limit, spill)
            self._databases.move_to_end(place)
            while len(self._databases) > self.KEPT:
                self._databases.popitem(last=False)[1].close()
            # A database lives as long as one of its sessions, also where it had to make room.
            return self._databases[place].cursor()

    def forget(self) -> None:
        """A fork takes no threads along, so a child would wait for the database's forever."""
        for database in self._databases.values():
            database.close()
        self._databases.clear()

    def unlock(self) -> None:
        """In a child, where whoever held the lock is not."""
        self._lock = threading.Lock()


_shared = _Shared()
os.register_at_fork(before=_shared.forget, after_in_child=_shared.unlock)


def quoted(name: str) -> str:
    """A column's or table's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: list[str]) -> str:
    return ", ".join(quoted(name) for name in names)


class DuckDBEngine:
    """The default: inside this process, straight on the files."""

    name = "duckdb"

    def __init__(self, *, memory_limit: str = "2GB") -> None:
        self._connection = connect(memory_limit=memory_limit)

    def ask(
        self,
        query: str,
        shape: pa.Schema,
        relations: Mapping[str, Relation],
        *,
        given: Mapping[str, pa.Table] | None = None,
        values: Mapping[str, str] | None = None,
    ) -> pa.Table:
        given = given or {}
        try:
            with damage_refusals("A file of the batches that this needs"), overflow_refusal():
                for name, relation in relations.items():
                    self._connection.register(name, self._read(relation))
                for name, table in given.items():
                    self._connection.register(name, table)
                return self._connection.sql(query, params=values).to_arrow_table().cast(shape)
        finally:
            for name in (*relations, *given):
                self._connection.unregister(name)

    def close(self) -> None:
        self._connection.close()

    def _read(self, relation: Relation) -> duckdb.DuckDBPyRelation:
        found = self._connection.read_parquet(
            list(relation.files), union_by_name=relation.uneven, filename=True
        )
        there = set(found.columns)
        parts = [f"parse_path(filename)[-2] AS {quoted(OWNER)}"]
        for name, type_ in relation.columns:
            value = quoted(name) if name in there else f"NULL::{_WORDS[type_]}"
            parts.append(f"{value} AS {quoted(name)}")
        return found.project(", ".join(parts))
