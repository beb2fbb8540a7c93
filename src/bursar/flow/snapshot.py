"""A consistent copy of the database in one file, taken while others work, and its return."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import connection, transaction

from bursar.flow.archive import Part
from bursar.flow.errors import ToolMissing
from bursar.office.manifest.models import LakeFile
from bursar.record.documents.attachments import FOLDER
from bursar.record.models import Attachment

Named = tuple[list[Part], list[Part]]
"""The lake's files and the attachments that a copy of the database names."""


def take_snapshot(target: Path) -> Named:
    """Copy the database into the target file; the files that this copy names."""
    if connection.vendor == "sqlite":
        return _take_sqlite(target)
    return _take_postgresql(target)


def return_snapshot(source: Path) -> None:
    """Put a copied database in the place of the empty one that the settings name."""
    if connection.vendor == "sqlite":
        target = Path(str(connection.settings_dict["NAME"]))
        connection.close()
        for side in ("-wal", "-shm", "-journal"):
            Path(f"{target}{side}").unlink(missing_ok=True)
        os.replace(source, target)
        return
    connection.close()
    _run_tool("pg_restore", "--no-owner", "--no-acl", "--exit-on-error", str(source), flag="-d")


def _take_sqlite(target: Path) -> Named:
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)
        # The copy travels alone, so nothing of it may stay behind in a write-ahead log.
        copy.execute("PRAGMA journal_mode=DELETE")
        rows = copy.execute("SELECT path, bytes, sha256 FROM manifest_lakefile ORDER BY path")
        lake = [Part(f"lake/{path}", size, sha256) for path, size, sha256 in rows]
        files = copy.execute("SELECT DISTINCT sha256, bytes FROM record_attachment ORDER BY 1")
        return lake, [_attached(sha256, size) for sha256, size in files]


def _take_postgresql(target: Path) -> Named:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
        _run_tool("pg_dump", "-Fc", f"--snapshot={snapshot}", "-f", str(target), flag="-d")
        rows = LakeFile.objects.order_by("path").values_list("path", "bytes", "sha256")
        lake = [Part(f"lake/{path}", size, sha256) for path, size, sha256 in rows]
        files = Attachment.objects.order_by("sha256").values_list("sha256", "bytes").distinct()
        return lake, [_attached(sha256, size) for sha256, size in files]


def _attached(sha256: str, size: int) -> Part:
    return Part(f"{FOLDER}/{sha256[:2]}/{sha256}", size, sha256)


def _run_tool(tool: str, *arguments: str, flag: str) -> None:
    program = shutil.which(tool)
    if program is None:
        raise ToolMissing(
            f"{tool} is not installed here: install PostgreSQL's client tools of the server's "
            "version (Debian: postgresql-client)."
        )
    parts = connection.settings_dict
    environment = {
        **os.environ,
        "PGHOST": str(parts["HOST"]),
        "PGPORT": str(parts["PORT"]),
        "PGUSER": str(parts["USER"]),
        "PGPASSWORD": str(parts["PASSWORD"]),
    }
    done = subprocess.run(  # noqa: S603 - a fixed program, its arguments are ours
        [program, flag, str(parts["NAME"]), *arguments],
        env={name: value for name, value in environment.items() if value},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ToolMissing(f"{tool} failed: {done.stderr.strip()}")
