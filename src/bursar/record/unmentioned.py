"""Periods that an earlier import of a source held and its restatement no longer mentions."""

from __future__ import annotations

from bursar.record.models import Batch, Import


def left_in_force(made_by: Import) -> list[dict[str, str]]:
    """A warning where a replaced import also brought periods that this one does not have.

    A file without a period says nothing about it, so those batches stay.
    """
    replaced = Batch.objects.filter(superseded_by__made_by=made_by).exclude(made_by=made_by)
    left = Batch.objects.filter(made_by__in=replaced.values("made_by"), superseded_at__isnull=True)
    periods = sorted(set(left.values_list("period", flat=True)))
    if not periods:
        return []
    return [
        {
            "code": "import.period_not_mentioned",
            "message": f"An earlier file of source '{made_by.source.name}' also had "
            f"{', '.join(periods)}, which this file does not mention. "
            "Those lines were left in force.",
        }
    ]
