"""What undoing an import would do: which batches go, which come back, and what forbids it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from bursar.office.calendar.models import PeriodState
from bursar.office.calendar.queries import states_of
from bursar.record.errors import LaterImport, NotUndoable, PeriodClosed, UnknownImport
from bursar.record.models import Batch, Import
from bursar.record.models.imports import DERIVED
from bursar.record.publishing import refuse_closed


@dataclass(frozen=True)
class Undoing:
    """The import, its batches in force, and those of earlier imports that they replaced."""

    made_by: Import
    withdrawn: list[Batch]
    restored: list[Batch]


def import_of(token: str) -> Import:
    """Refusals: import.unknown_import."""
    found = Import.objects.select_related("source").filter(token=token).first()
    if found is None:
        raise UnknownImport(
            f"There is no import '{token}'. `bursar batches --json` names each batch's import."
        )
    return found


def plan_undoing(token: str) -> Undoing:
    """Refusals: import.unknown_import, import.not_undoable, import.replaced_since,
    import.period_closed."""
    made_by = import_of(token)
    if made_by.undone_at is not None:
        raise NotUndoable(f"The import of {made_by.file} was undone before; nothing is left of it.")
    if made_by.format == DERIVED:
        raise NotUndoable(
            f"{made_by.file} was worked out by Bursar, not imported. Undo the import or the "
            "decision that it follows from."
        )
    own = list(made_by.batches.select_related("source", "superseded_by__made_by"))
    _refuse_corrected(made_by, own)
    _refuse_replaced(made_by, own)
    withdrawn = [batch for batch in own if batch.superseded_at is None]
    if not withdrawn:
        raise NotUndoable(f"The import of {made_by.file} has no batch in force.")
    earlier = Batch.objects.filter(superseded_by__made_by=made_by).exclude(made_by=made_by)
    restored = list(earlier.select_related("source", "made_by"))
    _refuse_closed([*withdrawn, *restored])
    return Undoing(made_by, withdrawn, restored)


def why_not(token: str) -> str:
    """Why an import cannot be undone now, as a sentence; empty where it can."""
    try:
        plan_undoing(token)
    except (NotUndoable, LaterImport, PeriodClosed) as refusal:
        return refusal.message
    return ""


def _refuse_replaced(made_by: Import, own: list[Batch]) -> None:
    """Batches that were written anew for other dimensions belong to the same import."""
    for batch in own:
        later = batch.superseded_by
        if later is not None and later.made_by_id != made_by.pk:
            raise LaterImport(
                f"Its lines for {batch.period} were replaced by a later import, "
                f"{later.made_by.file} ({later.made_by.token}). Undo that one first, then this one."
            )


def _refuse_corrected(made_by: Import, own: list[Batch]) -> None:
    """What an import changed of closed periods is part of the books; a file corrects a file."""
    corrections = Batch.objects.filter(source__corrects=made_by.source).filter(
        Q(published_at=made_by.imported_at) | Q(superseded_at=made_by.imported_at)
    )
    if any(batch.held_for for batch in own) or corrections.exists():
        raise NotUndoable(
            f"{made_by.file} came when a period was closed, so it was booked as corrections. "
            "Import the earlier file again: it corrects what this one changed."
        )


def soft_closed(plan: Undoing) -> bool:
    """Whether the undoing changes a period that only some roles may still change."""
    postings = {p for batch in (*plan.withdrawn, *plan.restored) for p in batch.posted}
    return PeriodState.SOFT_CLOSED in states_of(postings).values()


def _refuse_closed(batches: list[Batch]) -> None:
    postings = {(entity, period) for batch in batches for entity, period in batch.postings}
    try:
        refuse_closed(postings)
    except PeriodClosed as refusal:
        closed = refusal.message.partition(", and ")[0]
        raise PeriodClosed(
            f"{closed}, and undoing this import would change it. Nothing was undone. Reopen the "
            "period with a reason, or correct the amount in an open period."
        ) from refusal
