"""Putting a planned placement in force, inside the transaction of the act that stated it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bursar.lake.batch_files import WrittenBatch
from bursar.office.calendar.queries import states_of
from bursar.record.corrections.lines import Correction
from bursar.record.corrections.planning import Placement, correction_batches, direct_batches
from bursar.record.errors import ConcurrentImport
from bursar.record.models import Batch, Import, Source
from bursar.record.models.imports import DERIVED
from bursar.record.publishing import Counts, Publication


@dataclass(frozen=True)
class Placed:
    """What one placement published: the act's own batches, and the corrections it caused."""

    batches: tuple[Batch, ...]
    corrections: tuple[Batch, ...]


def place(
    publication: Publication,
    placement: Placement,
    counting: Callable[[WrittenBatch], Counts],
) -> Placed:
    """Publish, hold, keep and correct as planned. The caller holds the manifest's lock.

    Refusals: import.concurrent.
    """
    if placement.is_plain and placement.written is not None:
        batch = publication.replace(placement.written, counting(placement.written))
        return Placed((batch,), ())
    _refuse_changed(publication.source.name, placement)
    kept = Batch.objects.filter(pk__in=[batch.pk for batch in placement.kept])
    kept.filter(kept_at__isnull=True).update(kept_at=publication.at)
    return Placed(_own(publication, placement, counting), _correct(publication, placement))


def _refuse_changed(source: str, placement: Placement) -> None:
    """The plan was made for these batches and these states; nothing else may be there now."""
    now = {b.batch_id for b in direct_batches(source, placement.period)}
    now |= {b.batch_id for b in correction_batches(source, placement.period)}
    then = {
        b.batch_id
        for b in (*placement.kept, *placement.replaced, *placement.booked, *placement.reopened)
    }
    if now != then or states_of(placement.states) != placement.states:
        raise ConcurrentImport(
            f"Source '{source}' got another batch for {placement.period}, or a period was closed "
            "or reopened, while this file was being read. Nothing was recorded; import again."
        )


def _own(
    publication: Publication,
    placement: Placement,
    counting: Callable[[WrittenBatch], Counts],
) -> tuple[Batch, ...]:
    made = []
    replaced: Sequence[Batch] = placement.replaced
    if placement.written is not None:
        made.append(publication.put(placement.written, counting(placement.written), replaced))
        replaced = ()
    if placement.held is not None:
        held, closed = placement.held, placement.closed & placement.held.postings
        made.append(publication.hold(held, counting(held), closed, replaced))
        replaced = ()
    publication.take_out(replaced)
    return tuple(made)


def _correct(publication: Publication, placement: Placement) -> tuple[Batch, ...]:
    """Corrections that are still open are replaced; those of periods since closed stand."""
    left = {batch.source.name: batch for batch in placement.reopened}
    made = []
    for correction in placement.corrections:
        old = left.pop(correction.source, None)
        source = _source_of(correction, publication.source)
        rows = correction.written.rows
        of_its_own = replace(
            publication, source=source, made_by=_import_of(publication, correction, source)
        )
        made.append(of_its_own.put(correction.written, Counts(rows, rows, 0), _listed(old)))
    publication.take_out(list(left.values()))
    return tuple(made)


def _listed(batch: Batch | None) -> list[Batch]:
    return [] if batch is None else [batch]


def _source_of(correction: Correction, corrected: Source) -> Source:
    wanted = {"format": DERIVED, "corrects": corrected}
    source, _ = Source.objects.get_or_create(name=correction.source, defaults=wanted)
    if source.corrects_id != corrected.pk:
        raise ConcurrentImport(
            f"There is a source named '{correction.source}' that files were imported under, and "
            "corrections would get the same name. Import those files under another source."
        )
    return source


def _import_of(publication: Publication, correction: Correction, source: Source) -> Import:
    rows = correction.written.rows
    return Import.objects.create(
        token=secrets.token_hex(8),
        file=f"({correction.source})",
        content_sha256=correction.written.record("cost_line").sha256,
        source=source,
        format=DERIVED,
        rows_read=rows,
        rows_accepted=rows,
        rows_rejected=0,
        imported_at=publication.at,
        imported_by=publication.made_by.imported_by,
    )


def told(placements: Iterable[Placement]) -> list[dict[str, str]]:
    """A warning for each closed period that a file would have changed."""
    warnings = []
    for placement in placements:
        if placement.held is None and not placement.kept:
            continue
        touched = {p for batch in placement.kept for p in batch.posted}
        touched |= placement.held.postings if placement.held else set()
        closed = sorted(placement.closed & touched)
        names = ", ".join(f"{period} of {entity}" for entity, period in closed)
        where = sorted({f"{c.posted_to} ({c.source})" for c in placement.corrections})
        what = (
            f"What the file changes is booked as corrections in {', '.join(where)}."
            if where
            else "The file changes nothing there."
        )
        text = f"Closed, so its figures stand: {names}. {what}"
        warnings.append({"code": "import.period_corrected", "message": text})
    return warnings
