"""Putting written batches into force in place of those they replace, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bursar.lake.batch_files import WrittenBatch
from bursar.office.calendar.models import PeriodState
from bursar.office.calendar.periods import ensure_periods
from bursar.office.calendar.queries import state_of, states
from bursar.office.manifest.writing import publish, supersede
from bursar.office.reference.entities import ensure_entity
from bursar.record.errors import ConcurrentImport, PeriodClosed
from bursar.record.models import Batch, Import, Source
from bursar.record.outcome import totals_json

InForce = dict[tuple[str, str, str], str]
"""Source name, kind and period → id of the batch in force."""


def batches_in_force() -> InForce:
    rows = Batch.objects.filter(superseded_at__isnull=True, kept_at__isnull=True)
    keys = rows.values_list("source__name", "kind", "period", "batch_id")
    return {(source, kind, period): batch_id for source, kind, period, batch_id in keys}


@dataclass(frozen=True)
class Counts:
    """Rows of the import that a batch stands for; rejected ones are counted on one batch."""

    read: int
    accepted: int
    rejected: int


@dataclass(frozen=True)
class Publication:
    """Everything that replaces one batch; `seen` is what was in force when the act began."""

    made_by: Import
    source: Source
    kind: str
    promoted: tuple[str, ...]
    at: datetime
    seen: InForce
    unchanged: frozenset[tuple[str, str]] = frozenset()
    """Postings whose lines the new batch holds exactly as the old one; they may be closed."""

    def replace(self, written: WrittenBatch, counts: Counts) -> Batch:
        """Supersede the batch of the same source and period, and publish this one.

        The caller holds the manifest's lock. Refusals: import.concurrent, import.period_closed.
        """
        old = self._replaced(written.period)
        postings = set(written.postings)
        if old is not None:
            postings |= {(entity, period) for entity, period in old.postings}
        refuse_closed(postings - self.unchanged)
        return self.put(written, counts, [old] if old is not None else [])

    def put(self, written: WrittenBatch, counts: Counts, replaced: Sequence[Batch]) -> Batch:
        """Put a batch in force in place of these, whose periods the caller has looked at."""
        self.take_out(replaced)
        self._open_periods(written.postings)
        batch = self._create(written, counts)
        self._succeed(replaced, batch)
        publish(written.records, batch.batch_id, at=self.at)
        return batch

    def hold(
        self,
        written: WrittenBatch,
        counts: Counts,
        closed: Iterable[tuple[str, str]],
        replaced: Sequence[Batch],
    ) -> Batch:
        """Record a batch without putting it in force: these closed periods keep their figures."""
        self.take_out(replaced)
        held_for = sorted(map(list, closed))
        batch = self._create(written, counts, held_for=held_for, late=True, superseded_at=self.at)
        self._succeed(replaced, batch)
        publish(written.records, batch.batch_id, at=self.at)
        supersede([batch.batch_id], at=self.at)
        return batch

    def take_out(self, replaced: Sequence[Batch]) -> None:
        """Take batches out of force; the caller has looked at their periods."""
        for old in replaced:
            old.superseded_at = self.at
            old.save(update_fields=["superseded_at"])
        if replaced:
            supersede([old.batch_id for old in replaced], at=self.at)

    def _succeed(self, replaced: Sequence[Batch], batch: Batch) -> None:
        for old in replaced:
            old.superseded_by = batch
            old.save(update_fields=["superseded_by"])

    def withdraw(self, period: str) -> Batch | None:
        """Take the batch of this source and period out of force, with nothing in its place.

        The caller holds the manifest's lock. Refusals: import.concurrent, import.period_closed.
        """
        old = self._replaced(period)
        if old is None:
            return None
        refuse_closed({(entity, posted) for entity, posted in old.postings})
        self.take_out([old])
        return old

    def _replaced(self, period: str) -> Batch | None:
        old = Batch.objects.filter(
            source=self.source,
            kind=self.kind,
            period=period,
            superseded_at__isnull=True,
            kept_at__isnull=True,
        ).first()
        seen = self.seen.get((self.source.name, self.kind, period))
        if (old.batch_id if old else None) != seen:
            raise ConcurrentImport(
                f"Source '{self.source.name}' got another batch for {period} while this file was "
                "being read. Nothing was recorded; look at what is there and import again."
            )
        return old

    def _open_periods(self, postings: Iterable[tuple[str, str]]) -> None:
        for entity, period in sorted(postings):
            if entity:
                ensure_periods(ensure_entity(entity), [period])

    def _create(self, written: WrittenBatch, counts: Counts, **standing: Any) -> Batch:
        return Batch.objects.create(
            batch_id=written.batch_id,
            made_by=self.made_by,
            source=self.source,
            kind=self.kind,
            period=written.period,
            rows_read=counts.read,
            rows_accepted=counts.accepted,
            rows_rejected=counts.rejected,
            totals=totals_json(written.totals),
            postings=sorted(map(list, written.postings)),
            promoted=sorted(self.promoted),
            published_at=self.at,
            **standing,
        )


def refuse_closed(postings: Iterable[tuple[str, str]]) -> None:
    """Refuse a change to a closed period; a posting without an entity concerns all of them."""
    for entity, period in sorted(postings):
        found = {entity: state_of(period, entity)} if entity else states(period)
        closed = [code for code, state in found.items() if state == PeriodState.CLOSED]
        if closed:
            raise PeriodClosed(
                f"Period {period} of {', '.join(closed)} is closed, and this file would change "
                "it. Nothing was recorded. Reopen the period with a reason, or leave its lines out."
            )
