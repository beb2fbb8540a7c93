"""Orphans: files in the lake that no manifest row names, left by acts that did not finish."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bursar.lake.files import remove_empty_folders

GRACE_SECONDS = 3600
"""An act still running owns files that are not registered yet; younger ones are left alone."""


@dataclass(frozen=True)
class Orphan:
    """One file that nothing refers to; `path` is relative to the lake's folder."""

    path: str
    bytes: int
    age_seconds: float


def find_orphans(lake: Path, registered: Iterable[str], *, now: float) -> list[Orphan]:
    """Every file in the lake, temporary ones too, that is not among the registered paths."""
    known = set(registered)
    found = []
    for path in sorted(lake.rglob("*")):
        relative = path.relative_to(lake).as_posix()
        if relative in known or not path.is_file():
            continue
        with suppress(FileNotFoundError):  # settled or swept while we looked
            state = path.stat()
            found.append(Orphan(relative, state.st_size, max(0.0, now - state.st_mtime)))
    return found


def sweep_orphans(lake: Path, orphans: Iterable[Orphan], *, grace_seconds: float) -> list[Orphan]:
    """Remove those orphans that are older than the grace time; returns what was removed."""
    removed = []
    for orphan in orphans:
        if orphan.age_seconds < grace_seconds:
            continue
        path = lake / orphan.path
        path.unlink(missing_ok=True)
        remove_empty_folders(path.parent, up_to=lake)
        removed.append(orphan)
    return removed
