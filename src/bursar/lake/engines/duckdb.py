"""DuckDB as the engine of one machine: how a connection is opened and how SQL is put together.

Identifiers are quoted here and values always travel as parameters, so no text that came from
a file or a page ever becomes SQL.
"""

from __future__ import annotations

from pathlib import Path

import duckdb


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
    return connection


def quoted(name: str) -> str:
    """A column's or table's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: list[str]) -> str:
    return ", ".join(quoted(name) for name in names)
