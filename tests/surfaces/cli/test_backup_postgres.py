"""Backups of a ledger whose decisions live in PostgreSQL."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import Program, call, program

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="no PostgreSQL: DATABASE_URL"),
]


@pytest.fixture
def databases() -> Iterator[list[str]]:
    """Addresses of two empty databases, dropped afterwards."""
    import psycopg

    server = os.environ["DATABASE_URL"]
    names = [f"cli_{uuid.uuid4().hex[:12]}" for _ in range(2)]
    with closing(psycopg.connect(server, autocommit=True)) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name}")
        yield [f"{server.rpartition('/')[0]}/{name}" for name in names]
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def saved(databases: list[str], bill: Path, tmp_path: Path) -> tuple[Program, Path]:
    bursar, file = program(tmp_path / "home"), tmp_path / "saved.tar.gz"
    bursar("init", DATABASE_URL=databases[0]).done()
    bursar("import", bill, DATABASE_URL=databases[0]).done()
    bursar("backup", file, DATABASE_URL=databases[0]).done()
    return bursar, file


def test_everything_comes_back(
    saved: tuple[Program, Path], databases: list[str], tmp_path: Path
) -> None:
    bursar, file = saved
    home = tmp_path / "other"
    call("restore", file, home=home, DATABASE_URL=databases[1]).done()
    call("verify", home=home, DATABASE_URL=databases[1]).done()
    before = bursar("batches", "--json", DATABASE_URL=databases[0]).done().json
    assert call("batches", "--json", home=home, DATABASE_URL=databases[1]).done().json == before


def test_a_used_database_or_the_other_kind_is_refused(
    saved: tuple[Program, Path], databases: list[str], tmp_path: Path
) -> None:
    _, file = saved
    home = tmp_path / "other"
    call("restore", file, home=home, DATABASE_URL=databases[0]).refused("restore.home_not_empty")
    call("restore", file, home=home).refused("restore.other_database")


def test_without_the_tools_of_postgresql_a_backup_is_refused(
    saved: tuple[Program, Path], databases: list[str], tmp_path: Path
) -> None:
    bursar, _ = saved
    file = tmp_path / "second.tar.gz"
    told = bursar("backup", file, DATABASE_URL=databases[0], PATH=str(tmp_path))
    told.refused("backup.tool_failed")
    assert not file.exists()
