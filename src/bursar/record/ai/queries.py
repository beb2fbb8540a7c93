"""Logs of AI use as people see them, and which batches hold their splits."""

from __future__ import annotations

from typing import Any

from bursar.record.models import AiFeed, Batch


def feeds() -> list[dict[str, Any]]:
    """Every log with its state, bill and problem."""
    return [
        {
            "name": feed.name,
            "state": feed.state,
            "bill": feed.bill.name if feed.bill else None,
            "extent": feed.extent,
            "version": feed.version,
            "problem": feed.problem,
        }
        for feed in AiFeed.objects.select_related("bill")
    ]


def split_batches() -> list[str]:
    """Batches in force of the derived lines of all logs."""
    sources = [feed.derived_source for feed in AiFeed.objects.all()]
    held = Batch.objects.filter(source__name__in=sources, superseded_at__isnull=True)
    return list(held.values_list("batch_id", flat=True))
