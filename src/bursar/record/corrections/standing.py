"""Whether all that an import brought still stands: in force, or held for periods still closed."""

from __future__ import annotations

from bursar.office.calendar.queries import closed_among
from bursar.record.models import Batch, Import


def standing_batches(earlier: Import) -> list[Batch] | None:
    """The batches that stand for everything the import stated; None where something gave way.

    A held batch stands while nothing newer was stated for its source and billing period, and all
    the periods it was held for are still closed; after reopening one, the file may come again.
    """
    rows = earlier.batches.select_related("made_by", "source").prefetch_related("supersedes")
    every = list(rows.order_by("period", "kind", "published_at"))
    found = [b for b in every if b.superseded_at is None or _is_held(b)]
    kept = any(b.kept_at is not None for b in found)
    stated = {(b.kind, b.period, bool(b.held_for)) for b in every}
    whole = stated == {(b.kind, b.period, bool(b.held_for)) for b in found}
    return found if found and whole and not kept else None


def _is_held(batch: Batch) -> bool:
    if not batch.held_for:
        return False
    newer = Batch.objects.filter(
        source=batch.source, kind=batch.kind, period=batch.period,
        made_by__imported_at__gt=batch.made_by.imported_at,
    )  # fmt: skip
    held_for = {(entity, period) for entity, period in batch.held_for}
    return closed_among(held_for) == held_for and not newer.exists()
