"""Tar archives as cluster operators upload them: tables, and a manifest that names the cluster."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

_HEAD = 64 * 1024
_TABLES = (".csv", ".csv.gz")
_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1 << 20


@dataclass(frozen=True)
class Member:
    """One table inside an archive: its name, its first bytes, and whose it is."""

    name: str
    head: bytes
    owner: str


def is_archive(path: Path) -> bool:
    """Whether the file is a tar archive, plain or in gzip, that can be opened."""
    try:
        with path.open("rb") as file:
            head = file.read(263)
        if not (head.startswith(b"\x1f\x8b") or head[257:262] == b"ustar"):
            return False
        return tarfile.is_tarfile(path)
    except (OSError, EOFError):
        return False


def members_of(path: Path) -> list[Member]:
    """The tables of an archive, by name; empty where it holds none."""
    found = []
    with tarfile.open(path) as archive:
        files = [one for one in archive.getmembers() if one.isfile()]
        owner = _owner(archive, files)
        for one in sorted(files, key=lambda member: member.name):
            if one.name.lower().endswith(_TABLES) and one.size:
                stream = archive.extractfile(one)
                found.append(Member(one.name, stream.read(_HEAD) if stream else b"", owner))
    return found


def _owner(archive: tarfile.TarFile, files: list[tarfile.TarInfo]) -> str:
    """The cluster that the manifest names: by its alias, else by its id."""
    for one in files:
        if one.name.rsplit("/", 1)[-1] == _MANIFEST and one.size <= _LARGEST_MANIFEST:
            stream = archive.extractfile(one)
            try:
                told = json.loads(stream.read() if stream else b"")
            except ValueError:
                return ""
            if isinstance(told, dict):
                return str(told.get("cluster_alias") or told.get("cluster_id") or "")[:100]
    return ""


class OpenMember(io.RawIOBase):
    """The bytes of one member; closing it closes the archive too."""

    def __init__(self, path: Path, name: str) -> None:
        self._archive = tarfile.open(path)  # noqa: SIM115 - closed with this object
        stream = self._archive.extractfile(name)
        if stream is None:
            raise OSError(f"{name} is no file of the archive")
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._archive.close()
        super().close()
