"""Whether a bill that arrives is already counted under another source's name."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from bursar.core.tables.cube import DIMENSION
from bursar.lake.batch_files import WrittenBatch
from bursar.office.manifest.writing import files_of
from bursar.record.errors import SourceOverlap
from bursar.record.models import Batch
from bursar.record.models.imports import DERIVED

_BESIDE = {"azure-actual": ["azure-amortised"], "azure-amortised": ["azure-actual"]}
"""Formats that bill the same account on purpose: each fills a basis that the other leaves empty."""

_PAIR = ["billing_account_id", "invoice_issuer_name"]


def refuse_overlap(source: str, batches: list[WrittenBatch], *, format: str) -> None:
    """Refuse when another source in force bills the same account of the same issuer and period.

    Refusals: import.source_overlap.
    """
    lake: Path = settings.LAKE_FOLDER
    for written in batches:
        mine = _accounts(lake / written.record(DIMENSION.name).path)
        others = Batch.objects.filter(
            kind="cost_line", period=written.period, superseded_at__isnull=True
        ).exclude(source__name=source)
        # Derived lines repeat the accounts that they correct or net on purpose.
        others = others.exclude(source__format__in=[DERIVED, *_BESIDE.get(format, [])])
        for batch in others.select_related("source") if mine else ():
            for file in files_of(batch.batch_id, DIMENSION.name):
                if shared := mine & _accounts(lake / file.path):
                    _refuse(shared, batch, source)


def _refuse(shared: set[tuple[str, str | None]], batch: Batch, source: str) -> None:
    account, issuer = sorted(shared, key=str)[0]
    of_issuer = f" of {issuer}" if issuer else ""
    raise SourceOverlap(
        f"Billing account {account}{of_issuer} is already recorded for {batch.period} by source "
        f"'{batch.source.name}', and this file would count it again as '{source}'. "
        f"Write --source {batch.source.name} to replace what is recorded, "
        "or --source NEW-NAME to keep both."
    )


def _accounts(path: Path) -> set[tuple[str, str | None]]:
    pairs: pa.Table = pq.read_table(path, columns=_PAIR).group_by(_PAIR).aggregate([])
    rows = pairs.to_pylist()
    return {(r[_PAIR[0]], r[_PAIR[1]]) for r in rows if r[_PAIR[0]] is not None}
