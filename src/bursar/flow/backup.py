"""Writing a backup: database and lake as they are at one moment, in one file."""

from __future__ import annotations

import gzip
import io
import os
import secrets
import tarfile
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from bursar.flow.archive import (
    DATABASE_NAMES,
    LIST_NAME,
    Contents,
    HashingReader,
    Part,
    member,
    part_of,
)
from bursar.flow.errors import BackupFileExists, BackupNotWritten, DamagedLake
from bursar.flow.snapshot import take_snapshot

Progress = Callable[[str], None]


def write_backup(file: Path, *, progress: Progress | None = None) -> dict[str, Any]:
    """Write the backup beside its final name and rename it when whole.

    The database is copied first: every lake file that this copy names is immutable, so others
    may go on working. Keys are not in a backup: a restored installation makes its own, and
    people sign in again.

    Refuses: backup.file_exists, backup.not_written, backup.damaged_lake, backup.tool_failed.
    """
    file = file.expanduser().absolute()
    if file.exists():
        raise BackupFileExists(f"{file} exists already: name a new file.")
    partial = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        _write(partial, progress or (lambda _: None))
        whole = part_of(partial, file.name)
        os.link(partial, file)  # unlike a rename, refuses a file that appeared meanwhile
    except FileExistsError as problem:
        raise BackupFileExists(f"{file} exists already: name a new file.") from problem
    except OSError as problem:
        raise BackupNotWritten(
            f"{file} cannot be written: {problem.strerror or problem}. Choose a folder that "
            "exists, is writable and has room."
        ) from problem
    finally:
        partial.unlink(missing_ok=True)
    return {"file": str(file), "bytes": whole.bytes, "sha256": whole.sha256}


def _write(partial: Path, progress: Progress) -> None:
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(descriptor, "wb") as handle,
        tempfile.TemporaryDirectory(dir=settings.BURSAR_HOME, prefix=".backup-") as folder,
    ):
        database = Path(folder) / "database"
        lake, attachments = take_snapshot(database)
        contents = Contents(
            bursar=version("bursar"),
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            engine=connection.vendor,
            database=part_of(database, DATABASE_NAMES[connection.vendor]),
            lake=lake,
            attachments=attachments,
            migrations=applied_migrations(),
        )
        # Facts are compressed already; the fastest level is for the database.
        with (
            gzip.GzipFile("", "wb", compresslevel=1, fileobj=handle, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w|") as archive,
        ):
            listing = contents.to_bytes()
            info = tarfile.TarInfo(LIST_NAME)
            info.size, info.mode = len(listing), 0o600
            archive.addfile(info, io.BytesIO(listing))
            _add(archive, contents.database, database)
            files = [*contents.lake, *contents.attachments]
            for number, part in enumerate(files, start=1):
                progress(f"{number} of {len(files)} files")
                _add(archive, part, _place_of(part))
        handle.flush()
        os.fsync(handle.fileno())


def _place_of(part: Part) -> Path:
    if part.path.startswith("lake/"):
        return Path(settings.LAKE_FOLDER) / part.path.removeprefix("lake/")
    return Path(settings.BURSAR_HOME) / part.path


def _add(archive: tarfile.TarFile, part: Part, source: Path) -> None:
    damage = f"{source} is missing or differs from the manifest"
    try:
        with source.open("rb") as handle:
            if os.fstat(handle.fileno()).st_size != part.bytes:
                raise DamagedLake(f"{damage} (its size): run `bursar verify`.")
            reader = HashingReader(handle)
            archive.addfile(member(part), reader)
    except FileNotFoundError as problem:
        raise DamagedLake(f"{damage}: run `bursar verify`.") from problem
    if reader.hexdigest() != part.sha256:
        raise DamagedLake(f"{damage} (its content): run `bursar verify`.")


def applied_migrations() -> list[str]:
    """Every migration that the database has, by name."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)
