"""Comparing the lake's folder with the manifest: nothing missing, altered or left over."""

from __future__ import annotations

import time
from pathlib import Path

from django.conf import settings

from bursar.lake.files import sha256_of
from bursar.lake.orphans import Orphan, find_orphans
from bursar.office.journal.check import Check
from bursar.office.manifest.models import LakeFile

_NAMED = 3  # a message names this many files and counts the rest


def check_files() -> list[Check]:
    """Whether every registered file is there, whole, and nothing else is."""
    missing, altered, count = _compare(settings.LAKE_FOLDER)
    return [
        Check(
            "no lake file missing",
            not missing,
            _told(missing, "missing; restore them from a backup") if missing else f"{count} files",
        ),
        Check(
            "lake files unaltered",
            not altered,
            _told(altered, "not as written; restore them from a backup")
            if altered
            else f"{count - len(missing)} files with their size and sha256",
        ),
        _orphan_check(),
    ]


def orphans() -> list[Orphan]:
    """Files in the lake that no manifest row names."""
    registered = LakeFile.objects.values_list("path", flat=True)
    lake: Path = settings.LAKE_FOLDER
    return find_orphans(lake, registered, now=time.time()) if lake.is_dir() else []


def _compare(lake: Path) -> tuple[list[str], list[str], int]:
    missing, altered, count = [], [], 0
    for file in LakeFile.objects.order_by("path").iterator():
        count += 1
        path = lake / file.path
        if not path.is_file():
            missing.append(file.path)
        elif path.stat().st_size != file.bytes or sha256_of(path) != file.sha256:
            altered.append(file.path)
    return missing, altered, count


def _orphan_check() -> Check:
    """Orphans are no fault: an act under way has some, and one that was killed leaves some."""
    found = orphans()
    if not found:
        return Check("orphan files", True, "0 files")
    size = sum(orphan.bytes for orphan in found)
    told = _told([o.path for o in found], "in no batch or run; `bursar sweep` removes them")
    return Check("orphan files", True, f"{told} ({size} bytes)")


def _told(paths: list[str], what: str) -> str:
    named = ", ".join(paths[:_NAMED])
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return f"{len(paths)} files {what}: {named}{more}"
