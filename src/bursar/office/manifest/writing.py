"""The manifest: publishing files of the lake and taking them out of force, in one transaction.

Each of these belongs inside the transaction of the act that wrote the files, so that the files,
the decision and its journal entry come into force together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from bursar.core.refusal import InvariantBroken
from bursar.lake.files import ManifestRecord
from bursar.office.manifest.models import LakeFile, Version


def raise_version() -> int:
    """Take the manifest's lock until the transaction ends, and give the lake its next number.

    Whoever publishes calls this first: acts that change the manifest then follow one another,
    and what one of them checks stays true until it has committed.
    """
    if not connection.in_atomic_block:
        raise InvariantBroken("the manifest is changed outside a transaction")
    row, _ = Version.objects.select_for_update().get_or_create(singleton=True)
    row.number += 1
    row.save(update_fields=["number"])
    return row.number


def raise_live() -> int:
    """The same for rows that count at once: takes the same lock, and gives them a next number."""
    if not connection.in_atomic_block:
        raise InvariantBroken("live rows are changed outside a transaction")
    row, _ = Version.objects.select_for_update().get_or_create(singleton=True)
    row.live += 1
    row.save(update_fields=["live"])
    return row.live


def publish(
    records: Iterable[ManifestRecord], owner: str, *, at: datetime | None = None
) -> list[LakeFile]:
    """Register files under their owner (a batch or a run) as in force."""
    raise_version()
    moment = at or timezone.now()
    rows = [
        LakeFile(
            path=r.path,
            table=r.table,
            owner=owner,
            period=r.period,
            rows=r.rows,
            bytes=r.bytes,
            sha256=r.sha256,
            published_at=moment,
        )
        for r in records
    ]
    return LakeFile.objects.bulk_create(rows)


def supersede(owners: Sequence[str], *, at: datetime | None = None) -> int:
    """Take every file of these owners out of force; they stay readable. Returns how many."""
    raise_version()
    moment = at or timezone.now()
    rows = LakeFile.objects.filter(owner__in=owners, superseded_at__isnull=True)
    return rows.update(superseded_at=moment)


def in_force(table: str | None = None, period: str | None = None) -> QuerySet[LakeFile]:
    """Files that count now, of one table or period where given."""
    rows = LakeFile.objects.filter(superseded_at__isnull=True)
    if table is not None:
        rows = rows.filter(table=table)
    if period is not None:
        rows = rows.filter(period=period)
    return rows


def files_of(owner: str, table: str | None = None) -> QuerySet[LakeFile]:
    """Files of one batch or run, whether in force or superseded."""
    rows = LakeFile.objects.filter(owner=owner)
    return rows if table is None else rows.filter(table=table)


def version() -> int:
    """The lake's number: what was read from files in force is valid while it stands still."""
    return Version.objects.values_list("number", flat=True).first() or 0


def versions() -> tuple[int, int]:
    """The lake's number and that of the live rows, both of one moment."""
    return Version.objects.values_list("number", "live").first() or (0, 0)
