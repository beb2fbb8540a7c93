"""Rows of the record, one file per subject."""

from bursar.record.models.clusters import Cluster
from bursar.record.models.imports import Batch, Import, PromotedColumn, Source

__all__ = ["Batch", "Cluster", "Import", "PromotedColumn", "Source"]
