"""Which batches hold the splits of clusters."""

from __future__ import annotations

from bursar.record.models import Batch, Cluster


def split_batches(cluster: str | None = None) -> list[str]:
    """Batches in force of the derived lines of one cluster, or of all."""
    rows = Cluster.objects.all() if cluster is None else Cluster.objects.filter(name=cluster)
    sources = [row.derived_source for row in rows]
    held = Batch.objects.filter(source__name__in=sources, superseded_at__isnull=True)
    return list(held.values_list("batch_id", flat=True))
