"""Deciding what becomes of each billing period that an act states anew (rules P1-P8).

No transaction is open here (rule L32): files are split, compared and written first. What the plan
was made for is kept in it, and `placing.py` refuses where the books changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from bursar.core.tables.cost_line import COST_LINE
from bursar.lake.batch_files import WrittenBatch
from bursar.lake.contributions import Contributions
from bursar.lake.files import ManifestRecord, remove_files
from bursar.office.calendar.models import PeriodState
from bursar.office.calendar.queries import Posting, next_open, states_of
from bursar.office.manifest.writing import files_of
from bursar.record.corrections.lines import Correction, write_corrections
from bursar.record.corrections.splitting import Place, split
from bursar.record.models import Batch

NEW, KEPT, BOOKED = "new", "kept", "booked"


@dataclass
class Placement:
    """One billing period of a source: what goes in force, is held, stays, and what corrects it."""

    period: str
    written: WrittenBatch | None = None
    held: WrittenBatch | None = None
    kept: tuple[Batch, ...] = ()
    replaced: tuple[Batch, ...] = ()
    booked: tuple[Batch, ...] = ()
    """Corrections that stand, because what they are posted to is no longer open."""
    reopened: tuple[Batch, ...] = ()
    """Corrections that are worked out anew."""
    states: dict[Posting, PeriodState] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()

    @property
    def closed(self) -> frozenset[Posting]:
        return frozenset(p for p, state in self.states.items() if state == PeriodState.CLOSED)

    @property
    def is_plain(self) -> bool:
        """Whether the batch simply takes the place of the one before it.

        A batch that was kept while its period was closed gives way like any other once the period
        is open again, but never by itself: more than one may stand for a billing period then.
        """
        was_kept = any(batch.kept_at is not None for batch in self.replaced)
        return not (self.held or self.kept or self.booked or self.reopened or was_kept)

    @property
    def kind(self) -> str:
        """Its table of facts."""
        return self.written.kind if self.written is not None else COST_LINE.name

    @property
    def cause(self) -> str:
        """The batch that corrections point at."""
        for written in (self.held, self.written):
            if written is not None:
                return written.batch_id
        return self.kept[0].batch_id if self.kept else ""

    @property
    def records(self) -> list[ManifestRecord]:
        parts = [self.written, self.held, *(c.written for c in self.corrections)]
        return [record for part in parts if part for record in part.records]


def plan(
    source: str,
    stated: Sequence[WrittenBatch],
    promote: tuple[str, ...],
    *,
    withdrawn: Iterable[str] = (),
) -> list[Placement]:
    """A placement for every batch stated, and for billing periods no longer stated at all."""
    place = Place(Path(settings.LAKE_FOLDER), source, promote)
    waiting = list(stated)
    made: list[Placement] = []
    try:
        while waiting:
            made.append(_placed(place, waiting[0].period, waiting[0]))
            del waiting[0]
        made += [_placed(place, period, None) for period in sorted(set(withdrawn))]
    except BaseException:
        remove_plan(made)
        remove_files(place.lake, [r for batch in waiting for r in batch.records])
        raise
    return made


def remove_plan(placements: Iterable[Placement]) -> None:
    """Take the files back: the act was refused after all."""
    records = [record for placement in placements for record in placement.records]
    with suppress(OSError):
        remove_files(Path(settings.LAKE_FOLDER), records)


def _placed(place: Place, period: str, written: WrittenBatch | None) -> Placement:
    direct = direct_batches(place.source, period)
    standing = correction_batches(place.source, period)
    postings = set(written.postings) if written else set()
    postings |= {posting for batch in (*direct, *standing) for posting in batch.posted}
    found = Placement(period, written, states=states_of(postings))
    found.kept = tuple(b for b in direct if set(b.posted) & found.closed)
    found.replaced = tuple(b for b in direct if b not in found.kept)
    shut = {p for p, state in found.states.items() if state != PeriodState.OPEN}
    found.booked = tuple(b for b in standing if set(b.posted) & shut)
    found.reopened = tuple(b for b in standing if b not in found.booked)
    if written is not None:
        found.held, found.written = split(place, written, found.closed)
    if not found.is_plain:
        try:
            found.corrections = tuple(_corrections(place, found))
        except BaseException:
            remove_plan([found])
            raise
    return found


def direct_batches(source: str, period: str) -> list[Batch]:
    """What the source itself has in force for a billing period."""
    rows = Batch.objects.filter(
        source__name=source, kind=COST_LINE.name, period=period, superseded_at__isnull=True
    )
    return list(rows.select_related("made_by").order_by("published_at"))


def correction_batches(source: str, period: str) -> list[Batch]:
    """Corrections in force of that billing period of the source."""
    rows = Batch.objects.filter(
        source__corrects__name=source, period=period, superseded_at__isnull=True
    )
    return list(rows.select_related("source").order_by("batch_id"))


def _corrections(place: Place, found: Placement) -> list[Correction]:
    """What is missing in force of what is stated, as lines of the earliest open period."""
    with closing(Contributions(place.promote)) as sums:
        if found.held is not None:
            sums.add(place.files(found.held), NEW)
        for role, batches in ((KEPT, found.kept), (BOOKED, found.booked)):
            for batch in batches:
                sums.add(_files(place, batch), role)
        moves = [
            dict(zip(("role", "legal_entity", "posting_period", "corrected"), at, strict=True))
            | _move(at, found.closed)
            for at in sums.places()
        ]
        rows = sums.differences(moves)
        said = sums.dimensions(rows["dim_id"].to_pylist())
    return write_corrections(place, rows.to_pylist(), said, found.cause)


def _move(at: tuple[str, str, str, str | None], closed: frozenset[Posting]) -> dict[str, object]:
    """What a place is about, where a difference is posted, and whether it is said or held."""
    role, entity, posted, corrected = at
    about = posted if role != BOOKED or corrected is None else corrected
    sign = 1 if role == NEW else -1
    if (entity, about) in closed:
        return {"about": about, "post_to": next_open(entity, about), "sign": sign}
    if role == BOOKED:
        return {"about": about, "post_to": next_open(entity, posted), "sign": sign}
    return {"about": about, "post_to": posted, "sign": sign}


def _files(place: Place, batch: Batch) -> list[Path]:
    return [place.lake / file.path for file in files_of(batch.batch_id, COST_LINE.name)]
