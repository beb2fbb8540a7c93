"""Opening the ledger that belongs to what the manifest says now, with the rows that are live."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import CUBE_DAY, CUBE_MONTH, DIMENSION
from bursar.lake.ledger import Ledger, LedgerFiles
from bursar.lake.live import LiveRows
from bursar.office.manifest.writing import in_force, versions
from bursar.record.documents.live import Held, read_live

_LOCK = threading.Lock()
_LOADING = threading.Lock()
_MOMENTS: dict[str, Moment] = {}
_LEDGERS: dict[str, Ledger] = {}


@dataclass(frozen=True)
class Moment:
    """What counts at one moment: the files in force and the live rows, of one reading."""

    key: str
    numbers: tuple[int, int]
    """The manifest's number and that of the live rows."""
    rows: tuple[tuple[str, str, str], ...]
    """Table, path below the lake and owner of each file in force."""
    files: LedgerFiles
    held: Held

    @property
    def live(self) -> LiveRows:
        return self.held.rows


def moment() -> Moment:
    """This moment; nothing is read where neither files nor live rows changed since the last one.

    Numbers are compared before and after, so that a settlement between two readings is never
    seen by half: rows are in the batch or live, and never both or neither (rule D13).
    """
    lake = Path(settings.LAKE_FOLDER)
    key = f"{lake} {settings.DATABASES['default']['NAME']}"
    with _LOCK:
        kept = _MOMENTS.get(key)
        numbers = versions()
        while kept is None or kept.numbers != numbers:
            same = kept is not None and kept.numbers[0] == numbers[0]
            rows = kept.rows if kept is not None and same else _rows()
            files = kept.files if kept is not None and same else _files(lake, numbers[0], rows)
            held = read_live(numbers[1], kept.held if kept else None)
            made = Moment(key, numbers, rows, files, held)
            numbers = versions()
            if made.numbers == numbers:
                _MOMENTS.clear()
                kept = _MOMENTS[key] = made
        return kept


def open_ledger(at: Moment | None = None) -> Ledger:
    """The ledger of a moment (now, where none is given); its cubes stay in memory.

    A ledger that somebody still uses while a newer one is made stays valid for her. The manifest
    also changes when a run is published, and live rows when a document is entered; the cubes are
    then kept, because their files are the same.
    """
    at = at or moment()
    with _LOADING:
        kept = _LEDGERS.get(at.key)
        if kept is None or not kept.is_of(at.files):
            kept = Ledger(at.files)
            _LEDGERS.clear()
        kept = _LEDGERS[at.key] = kept.with_live(at.live)
    return kept


def _rows() -> tuple[tuple[str, str, str], ...]:
    """Files in force; the caller sees to it that they are of the number's moment."""
    return tuple(in_force().order_by("path").values_list("table", "path", "owner"))


def _files(lake: Path, number: int, rows: tuple[tuple[str, str, str], ...]) -> LedgerFiles:
    def of(table: str) -> list[Path]:
        return [lake / path for kind, path, _ in rows if kind == table]

    return LedgerFiles(
        version=number,
        dimension=of(DIMENSION.name),
        cube_month=of(CUBE_MONTH.name),
        cube_day=of(CUBE_DAY.name),
        cost_line=[(owner, lake / path) for kind, path, owner in rows if kind == COST_LINE.name],
    )
