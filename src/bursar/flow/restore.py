"""Restoring a backup: only into an empty place, only whole, then upgraded to this version."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from bursar.flow.archive import (
    FORMAT,
    LIST_NAME,
    Contents,
    Part,
    copy_member,
    opened,
    part_of,
)
from bursar.flow.errors import (
    DamagedBackup,
    HomeNotEmpty,
    NewerBackup,
    NotABackup,
    OtherDatabase,
)
from bursar.flow.setup import initialise
from bursar.flow.snapshot import return_snapshot
from bursar.office.journal.writing import record_act

Progress = Callable[[str], None]

# What a data folder may hold before anything was recorded in it.
_EMPTY_HOME = {"secret_key", "lake", "static", "logs"}


def restore_backup(file: Path, *, progress: Progress | None = None) -> dict[str, Any]:
    """Check everything in a folder of its own first, then move it into place.

    Refuses: restore.home_not_empty, restore.not_a_backup, restore.damaged,
    restore.other_database, restore.newer_backup, backup.tool_failed, setup.*.
    """
    file = file.expanduser().absolute()
    home = Path(settings.BURSAR_HOME)
    if not file.is_file():
        raise NotABackup(f"There is no file {file}.")
    require_empty(home)
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as folder:
        contents = _unpack(file, Path(folder), progress or (lambda _: None))
        lake = Path(settings.LAKE_FOLDER)
        if lake.exists():
            lake.rmdir()  # it is empty, as required above
        (Path(folder) / "lake").mkdir(exist_ok=True)
        os.replace(Path(folder) / "lake", lake)
        if (attached := Path(folder) / "attachments").exists():
            os.replace(attached, home / "attachments")
        try:
            return_snapshot(Path(folder) / contents.database.path)
        except BaseException:
            shutil.rmtree(lake)
            shutil.rmtree(home / "attachments", ignore_errors=True)
            raise
    _upgrade_and_note(contents)
    whole = part_of(file, file.name)
    return {
        "file": str(file),
        "bytes": whole.bytes,
        "sha256": whole.sha256,
        "home": str(home),
        "files": len(contents.lake),
    }


def require_empty(home: Path) -> None:
    """Raises HomeNotEmpty unless nothing was ever recorded in the folder and its database."""
    found = {path.name for path in home.iterdir()} - _EMPTY_HOME if home.exists() else set()
    lake = Path(settings.LAKE_FOLDER)
    if lake.exists() and any(lake.iterdir()):
        found.add("lake")
    if found:
        raise HomeNotEmpty(
            f"{home} holds {', '.join(sorted(found)[:5])}: restore into a new folder (--home DIR), "
            "so that nothing is overwritten."
        )
    if connection.vendor != "sqlite" and connection.introspection.table_names():
        raise HomeNotEmpty(
            "The database of DATABASE_URL has tables: restore into a new, empty database."
        )


def _unpack(file: Path, folder: Path, progress: Progress) -> Contents:
    with opened(file) as archive:
        first = archive.next()
        if first is None or first.name != LIST_NAME:
            raise NotABackup(f"{file} does not begin with the list that a backup begins with.")
        listing = archive.extractfile(first)
        contents = Contents.from_bytes(listing.read() if listing else b"")
        _require_fitting(contents)
        parts = (contents.database, *contents.lake, *contents.attachments)
        waiting = {part.path: part for part in parts}
        total = len(waiting)
        while (info := archive.next()) is not None:
            # A name is used as a path only when the checked list holds it.
            part = waiting.pop(info.name, None)
            source = archive.extractfile(info) if part and info.isreg() else None
            if part is None or source is None:
                raise DamagedBackup(f"{file} holds {info.name!r}, which its list does not.")
            progress(f"{total - len(waiting)} of {total} files")
            _require_same(copy_member(source, folder / part.path), part)
    if waiting:
        raise DamagedBackup(
            f"{file} lacks {len(waiting)} files of its list, such as {min(waiting)}."
        )
    return contents


def _require_same(found: Part, expected: Part) -> None:
    if replace(found, path=expected.path) != expected:
        raise DamagedBackup(
            f"{expected.path} differs from what was backed up: use another copy of the backup."
        )


def _require_fitting(contents: Contents) -> None:
    if contents.database.path not in ("database.sqlite3", "database.pgdump"):
        raise NotABackup(f"The backup names its database {contents.database.path!r}.")
    if contents.engine != connection.vendor:
        raise OtherDatabase(
            f"The backup was made on {contents.engine}, this installation uses "
            f"{connection.vendor}: "
            + (
                "set DATABASE_URL to an empty PostgreSQL database."
                if contents.engine == "postgresql"
                else "unset DATABASE_URL."
            )
        )
    ours = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    unknown = sorted(set(contents.migrations) - ours)
    if contents.format > FORMAT or unknown:
        raise NewerBackup(
            f"The backup was made by Bursar {contents.bursar}, which is newer than this one: "
            "install that version first."
        )


def _upgrade_and_note(contents: Contents) -> None:
    initialise()
    with transaction.atomic():
        record_act(
            act="flow.restore",
            subject="backup",
            actor=None,
            detail={"made_at": contents.made_at, "bursar": contents.bursar},
        )
