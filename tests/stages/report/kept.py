"""What the tests' database and lake hold, taken once and put back in a moment.

Importing and running the hand-worked company takes ten seconds, and many modules begin with it.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection

_NOT_OURS = {"django_migrations", "sqlite_sequence"}


@dataclass(frozen=True)
class Kept:
    """Rows by table, as they came from the database, and a copy of the data folder."""

    tables: dict[str, tuple[list[str], list[tuple[Any, ...]]]]
    home: Path

    @classmethod
    def taken(cls, home: Path, copy: Path) -> Kept:
        """Everything that there is now."""
        shutil.copytree(home, copy)
        return cls({name: _rows(name) for name in _tables()}, copy)

    def put_back(self, home: Path) -> None:
        """In the place of whatever the tables hold, inside of a transaction."""
        shutil.copytree(self.home, home, dirs_exist_ok=True)
        with connection.cursor() as cursor:
            # Rows come table by table, so they may name rows that come later.
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA defer_foreign_keys = ON")
            else:
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            for name, (columns, rows) in self.tables.items():
                if rows or _rows(name)[1]:
                    cursor.execute(f"DELETE FROM {_quoted(name)}")
                if rows:
                    listed = ", ".join(_quoted(column) for column in columns)
                    places = ", ".join(["%s"] * len(columns))
                    insert = f"INSERT INTO {_quoted(name)} ({listed}) VALUES ({places})"
                    cursor.executemany(insert, rows)
            models = apps.get_models(include_auto_created=True)
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)


KEPT: dict[str, Kept] = {}
"""What this process has taken, by name. Here, because a conftest can be there twice."""
COPIES = tempfile.TemporaryDirectory()


def _tables() -> list[str]:
    return [name for name in connection.introspection.table_names() if name not in _NOT_OURS]


def _rows(table: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {_quoted(table)}")
        columns = [column[0] for column in cursor.description]
        return columns, cursor.fetchall()


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
