"""Opening the ledger that belongs to what the manifest says now."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import CUBE_DAY, CUBE_MONTH, DIMENSION
from bursar.lake.ledger import Ledger, LedgerFiles
from bursar.office.manifest.writing import in_force, version

_LOCK = threading.Lock()
_KEPT: dict[str, _Kept] = {}


@dataclass(frozen=True)
class _Kept:
    version: int
    files: LedgerFiles
    ledger: Ledger


def open_ledger() -> Ledger:
    """The ledger in force, kept in memory while its files are the ones in force.

    A ledger that somebody still uses while a newer one is made stays valid for her. The manifest
    also changes when a run is published; the ledger is then kept, because its files are the same.
    """
    lake = Path(settings.LAKE_FOLDER)
    key = f"{lake} {settings.DATABASES['default']['NAME']}"
    with _LOCK:
        kept = _KEPT.get(key)
        number = version()
        if kept is None or kept.version != number:
            files = _files(lake, number)
            same = kept is not None and replace(kept.files, version=files.version) == files
            ledger = kept.ledger if kept is not None and same else Ledger(files)
            _KEPT.clear()
            kept = _KEPT[key] = _Kept(files.version, files, ledger)
        return kept.ledger


def _files(lake: Path, number: int) -> LedgerFiles:
    """Files in force as of a version; read again if a publication came between."""
    while True:
        rows = list(in_force().order_by("path").values_list("table", "path", "owner"))
        again = version()
        if again == number:
            break
        number = again

    def of(table: str) -> list[Path]:
        return [lake / path for kind, path, _ in rows if kind == table]

    return LedgerFiles(
        version=number,
        dimension=of(DIMENSION.name),
        cube_month=of(CUBE_MONTH.name),
        cube_day=of(CUBE_DAY.name),
        cost_line=[(owner, lake / path) for kind, path, owner in rows if kind == COST_LINE.name],
    )
