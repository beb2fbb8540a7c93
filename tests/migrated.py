"""Databases with all migrations carried out, made once and copied for whoever needs one."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

MIGRATED = "BURSAR_MIGRATED"
"""Names the folder of what this session has made already."""


def environment_of(home: Path, url: str) -> dict[str, str]:
    """Of a process that works on an installation of its own."""
    return {
        **os.environ,
        "BURSAR_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "bursar.project.settings",
        "DATABASE_URL": url,
    }


def migrated_home(folder: Path) -> None:
    """A data folder with an empty SQLite database."""
    _migrate(environment_of(folder, ""))


def migrated_server(folder: Path, url: str) -> None:
    """An empty database beside that of a PostgreSQL's URL; its name is in the folder's `name`.

    It stays for the sessions to come, and goes with the private server that tests run on.
    """
    name = f"bursar_{secrets.token_hex(6)}"
    _order(url, f'CREATE DATABASE "{name}" TEMPLATE "template1"')
    _migrate(environment_of(folder, beside(url, name)))
    (folder / "name").write_text(name)


@contextmanager
def copied_database(url: str, name: str, *, template: str) -> Iterator[str]:
    """A copy of a database on the same server while it is needed, by its URL."""
    _order(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _order(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield beside(url, name)
    finally:
        _order(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def beside(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _migrate(environment: dict[str, str]) -> None:
    migrate = [sys.executable, "-m", "django", "migrate", "-v", "0"]
    subprocess.run(migrate, env=environment, check=True)


def _order(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
