"""Rows of the record, one file per subject."""

from bursar.record.models.arrivals import Arrival, ArrivalState, Rhythm, Watch
from bursar.record.models.clusters import Cluster
from bursar.record.models.imports import Batch, Import, PromotedColumn, Source

__all__ = [
    "Arrival",
    "ArrivalState",
    "Batch",
    "Cluster",
    "Import",
    "PromotedColumn",
    "Rhythm",
    "Source",
    "Watch",
]
