"""Files of the lake: written once, under a temporary name, and never changed afterwards.

A file gets its own name only when all its bytes are on the disk, so a file that is there is
whole. Whether it counts is decided elsewhere: the manifest, in the database, names the files
in force. A file without a manifest row is an orphan of an act that did not finish.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bursar.lake.errors import disk_refusals

TEMPORARY = ".tmp"
_COMPRESSION = "zstd"
_LEVEL = 1  # higher levels cost import speed and win few bytes on dictionary-encoded columns
ROW_GROUP_ROWS = 131_072


@dataclass(frozen=True)
class ManifestRecord:
    """What the manifest must know of one file; `path` is relative to the lake's folder."""

    path: str
    table: str
    period: str
    rows: int
    bytes: int
    sha256: str


def sha256_of(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make names inside the folder durable, as fsync of a file does for its bytes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create the folder with its parents, each entry durable."""
    missing = [folder, *folder.parents]
    missing = [f for f in missing if not f.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in reversed(missing):
        sync_folder(made.parent)


class FileInMaking:
    """One Parquet file being written: tables are added, then it is settled or abandoned."""

    def __init__(self, lake: Path, path: str, *, table: str, period: str = "") -> None:
        self._lake = lake
        self._target = lake / path
        self._path = path
        self._table = table
        self._period = period
        self._rows = 0
        self._writer: pq.ParquetWriter | None = None
        self._temporary = self._target.with_name(
            f".{self._target.name}.{secrets.token_hex(4)}{TEMPORARY}"
        )

    @property
    def schema(self) -> pa.Schema | None:
        return self._writer.schema if self._writer else None

    @property
    def rows(self) -> int:
        return self._rows

    @property
    def temporary(self) -> Path:
        """Where the bytes lie until the file is settled."""
        return self._temporary

    def add(self, table: pa.Table) -> None:
        """Append a table of the file's schema; the first one decides it."""
        with disk_refusals(self._target.parent):
            if self._writer is None:
                make_folder(self._target.parent)
                self._writer = _open_writer(self._temporary, table.schema)
            self._writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
        self._rows += table.num_rows

    def close(self) -> None:
        """Complete the bytes under the temporary name."""
        if self._writer is not None:
            with disk_refusals(self._target.parent):
                self._writer.close()

    def settle(self) -> ManifestRecord:
        """Make the bytes durable, give the file its name and return what the manifest stores."""
        self.close()
        with disk_refusals(self._target.parent):
            with self._temporary.open("rb+") as handle:
                os.fsync(handle.fileno())
            record = ManifestRecord(
                path=self._path,
                table=self._table,
                period=self._period,
                rows=self._rows,
                bytes=self._temporary.stat().st_size,
                sha256=sha256_of(self._temporary),
            )
            self._temporary.rename(self._target)
            sync_folder(self._target.parent)
        return record

    def abandon(self) -> None:
        """Remove whatever was written; safe at any moment, even on a full disk."""
        if self._writer is not None:
            with suppress(OSError):
                self._writer.close()
        for path in (self._temporary, self._target):
            with suppress(OSError):
                path.unlink()
        remove_empty_folders(self._target.parent, up_to=self._lake)


def _open_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer that spends its time where readers gain from it.

    Texts repeat, so dictionaries shrink them; amounts seldom do. Nobody skips row groups by the
    least and greatest amount or name, only by ids, days and periods.
    """
    texts = [f.name for f in schema if _is_text(f.type)]
    skipped_by = [
        f.name for f in schema if f.name.endswith("period") or not _is_text_or_amount(f.type)
    ]
    return pq.ParquetWriter(
        path,
        schema,
        compression=_COMPRESSION,
        compression_level=_LEVEL,
        use_dictionary=texts,
        write_statistics=skipped_by,
        store_schema=False,  # readers get plain types, however the columns were encoded here
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_dictionary(kind))


def _is_text_or_amount(kind: pa.DataType) -> bool:
    return _is_text(kind) or pa.types.is_decimal(kind)


def write_file(
    lake: Path, path: str, content: pa.Table, *, table: str, period: str = ""
) -> ManifestRecord:
    """Write a whole table as one file of the lake."""
    making = FileInMaking(lake, path, table=table, period=period)
    return _finished(making, lambda: making.add(content))


def _finished(making: FileInMaking, write: Callable[[], None]) -> ManifestRecord:
    try:
        write()
        return making.settle()
    except BaseException:
        making.abandon()
        raise


def remove_files(lake: Path, records: list[ManifestRecord]) -> None:
    """Take back settled files of an act that was refused after all."""
    for record in records:
        path = lake / record.path
        with suppress(OSError):
            path.unlink()
        remove_empty_folders(path.parent, up_to=lake)


def remove_empty_folders(folder: Path, *, up_to: Path) -> None:
    """Remove the folder and its parents below the lake while they are empty."""
    while folder != up_to and up_to in folder.parents:
        try:
            folder.rmdir()
        except OSError:  # not empty, or gone already
            return
        folder = folder.parent
