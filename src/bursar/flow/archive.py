"""The shape of a backup: one compressed tar with a list of contents, a database and the lake.

Members, in order: `bursar-backup.json`, the database, then `lake/…` for each file of the
manifest and `attachments/…` for each file attached to a document. Names are ours alone, so a
restore takes no path from the archive itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from bursar.flow.errors import NotABackup

FORMAT = 1
LIST_NAME = "bursar-backup.json"
DATABASE_NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Part:
    """One file in a backup; `path` is its member name."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Contents:
    """The list that opens every backup."""

    bursar: str
    made_at: str
    engine: str
    database: Part
    lake: list[Part] = field(default_factory=list)
    attachments: list[Part] = field(default_factory=list)
    migrations: list[str] = field(default_factory=list)
    format: int = FORMAT

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> Contents:
        """Raises NotABackup unless it is a list as this module writes it."""
        try:
            data: dict[str, Any] = json.loads(text)
            return cls(
                bursar=str(data["bursar"]),
                made_at=str(data["made_at"]),
                engine=str(data["engine"]),
                database=Part(**data["database"]),
                lake=[_part_below("lake", part) for part in data["lake"]],
                attachments=[
                    _part_below("attachments", part) for part in data.get("attachments", [])
                ],
                migrations=[str(name) for name in data["migrations"]],
                format=int(data["format"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise NotABackup(
                f"The backup's list of contents cannot be read: {problem}."
            ) from problem


class HashingReader:
    """Passes bytes through and remembers their hash, so that each file is read once."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._source.read(size)
        self._hash.update(chunk)
        return chunk

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def part_of(file: Path, name: str) -> Part:
    """Size and hash of a file under its member name."""
    with file.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return Part(name, file.stat().st_size, digest)


def member(part: Part) -> tarfile.TarInfo:
    """The tar header of a part: nobody's, readable by its owner, the same on each machine."""
    info = tarfile.TarInfo(part.path)
    info.size = part.bytes
    info.mode = 0o600
    return info


def copy_member(source: IO[bytes], target: Path) -> Part:
    """Write one member to a file; the part that it turned out to be."""
    digest, size = hashlib.sha256(), 0
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            handle.write(chunk)
    return Part("", size, digest.hexdigest())


@contextmanager
def opened(file: Path) -> Iterator[tarfile.TarFile]:
    """The archive for reading from front to back. Raises NotABackup where it is none."""
    try:
        with tarfile.open(file, "r|gz") as archive:
            yield archive
    except (tarfile.TarError, EOFError, OSError) as problem:
        if isinstance(problem, OSError) and problem.filename is not None:
            raise
        raise NotABackup(
            f"{file} is not a backup of Bursar, or only a part of one: {problem}. "
            "Give the file that `bursar backup` wrote, copied in full."
        ) from problem


def _part_below(folder: str, data: dict[str, Any]) -> Part:
    part = Part(**data)
    pure = PurePosixPath(part.path)
    if pure.is_absolute() or ".." in pure.parts or pure.parts[:1] != (folder,):
        raise NotABackup(f"The backup names a file outside the {folder}: {part.path!r}.")
    return part
