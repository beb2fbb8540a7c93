"""DuckDB as the engine of one machine: how a connection is opened and how SQL is put together.

Identifiers are quoted here and values always travel as parameters, so no text that came from
a file or a page ever becomes SQL.
"""

from __future__ import annotations

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


def connect(
    *, memory_limit: str = "1GB", spill: Path | None = None, threads: int | None = None
) -> duckdb.DuckDBPyConnection:
    """A private in-memory database; `spill` is the folder it may use when memory is short."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "temp_directory": str(spill) if spill else "",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
    }
    if threads:
        config["threads"] = threads
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET parquet_metadata_cache = true")  # footers of files that never change
    return connection


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
                    self._read(relation).create_view(name, replace=True)
                for name, table in given.items():
                    self._connection.register(name, table)
                return self._connection.sql(query, params=values).to_arrow_table().cast(shape)
        finally:
            for name in given:
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
