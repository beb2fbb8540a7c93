"""Looking at watched places: what arrived whole is imported, what is refused stays visible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.arrivals.deliveries import Delivery, deliveries
from bursar.record.arrivals.places import Place
from bursar.record.arrivals.taking import take
from bursar.record.errors import PlaceUnreachable, UnknownWatch
from bursar.record.models import Arrival, ArrivalState, Watch

ACT = "record.poll_watches"
SETTLED_AFTER = timedelta(minutes=2)
"""A file that was not written for so long is whole, even on the first look."""

LOOKS_APART = timedelta(seconds=10)
"""Two looks so far apart that saw the same size and time say so too."""

_PASSING = frozenset({"import.concurrent", "lake.disk_full", "lake.not_writable"})
"""Refusals that say nothing about the file: it is tried again with the next look."""


@dataclass
class Polled:
    """What one look at one place found; names of deliveries by what became of them."""

    source: str
    imported: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    known: int = 0
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


def poll_watches(
    *,
    acting_user: User | None,
    source: str | None = None,
    retry: bool = False,
    now: datetime | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Polled]:
    """Look at every watched place, or that of one source; `retry` takes refused files again.

    Files are imported as by Bursar itself: whoever set up the watch was allowed to import.
    A file that is refused is an outcome, and so is a place that does not answer. Refusals:
    people.not_allowed, watch.unknown_watch.
    """
    require(acting_user, ACT)
    watches = Watch.objects.all()
    if source is not None:
        watches = watches.filter(source=source)
        if not watches.exists():
            raise UnknownWatch(f"Nothing is watched for '{source}'. See `bursar watch list`.")
    return [_Look(w, now or timezone.now(), retry, progress).look() for w in watches]


class _Look:
    """One look at one place."""

    def __init__(
        self, watch: Watch, now: datetime, retry: bool, progress: Callable[[str], None] | None
    ) -> None:
        self._watch, self._now, self._retry = watch, now, retry
        self._progress = progress
        self._told = Polled(watch.source)

    def look(self) -> Polled:
        watch = self._watch
        try:
            place = Place(watch.url)
            found = deliveries(place, watch.pattern)
            for delivery in found:
                self._consider(place, delivery)
            self._forget_gone({delivery.name for delivery in found})
            watch.problem = ""
        except PlaceUnreachable as problem:
            watch.problem = self._told.problem = problem.message[:400]
        watch.polled_at = self._now
        watch.save(update_fields=["problem", "polled_at"])
        return self._told

    def _consider(self, place: Place, delivery: Delivery) -> None:
        row = Arrival.objects.filter(watch=self._watch, name=delivery.name).first()
        if row is not None and row.mark == delivery.mark and self._is_handled(row):
            self._told.known += 1
            return
        row = self._seen(row, delivery)
        if delivery.missing:
            row.state = ArrivalState.INCOMPLETE
            row.message = (
                f"{len(delivery.missing)} of {len(delivery.parts) + len(delivery.missing)} parts "
                f"that the manifest lists are not there yet, such as {delivery.missing[0]}."
            )[:1000]
        elif not self._is_settled(row, delivery):
            row.state, row.message = ArrivalState.SETTLING, "It may still be written to."
        else:
            if self._progress is not None:
                self._progress(f"{self._watch.source}: {delivery.name}")
            take(place, delivery, row)
        row.handled_at = self._now
        row.save()
        self._tell(row)

    def _forget_gone(self, there: set[str]) -> None:
        """What was never imported and was taken away needs nobody's look any more."""
        rows = Arrival.objects.filter(watch=self._watch).exclude(state=ArrivalState.IMPORTED)
        rows.exclude(name__in=there).delete()

    def _is_handled(self, row: Arrival) -> bool:
        if row.state == ArrivalState.REFUSED:
            return not self._retry and row.code not in _PASSING
        return row.state == ArrivalState.IMPORTED

    def _seen(self, row: Arrival | None, delivery: Delivery) -> Arrival:
        """The row of a delivery, with what it weighs now."""
        if row is None:
            # Another process may look at the same moment: the row is made by one of them.
            row, _ = Arrival.objects.get_or_create(
                watch=self._watch,
                name=delivery.name,
                defaults={
                    "size": delivery.size,
                    "mark": delivery.mark,
                    "state": ArrivalState.SETTLING,
                    "first_seen_at": self._now,
                    "changed_at": self._now,
                },
            )
        if row.mark != delivery.mark:
            row.changed_at, row.mark, row.size = self._now, delivery.mark, delivery.size
        row.code = row.message = ""
        return row

    def _is_settled(self, row: Arrival, delivery: Delivery) -> bool:
        written = delivery.modified
        if written is not None and self._now - written >= SETTLED_AFTER:
            return True
        return self._now - row.changed_at >= LOOKS_APART

    def _tell(self, row: Arrival) -> None:
        told = {
            ArrivalState.IMPORTED: self._told.imported,
            ArrivalState.REFUSED: self._told.refused,
        }
        told.get(ArrivalState(row.state), self._told.waiting).append(row.name)
