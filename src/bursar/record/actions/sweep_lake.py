"""Sweeping: removing files that acts left behind which did not finish."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from bursar.lake.orphans import GRACE_SECONDS, Orphan, sweep_orphans
from bursar.office.journal.writing import record_act
from bursar.office.manifest.checking import orphans
from bursar.office.people.models import User
from bursar.office.people.permissions import require

ACT = "record.sweep_lake"
_NAMED = 20


def sweep_lake(
    *, acting_user: User | None, grace_seconds: float = GRACE_SECONDS
) -> tuple[list[Orphan], list[Orphan]]:
    """Remove orphans older than the grace time; returns those removed and those left alone.

    A younger one may belong to an import that is still running. Refusals: people.not_allowed.
    """
    require(acting_user, ACT)
    found = orphans()
    removed = sweep_orphans(settings.LAKE_FOLDER, found, grace_seconds=grace_seconds)
    if removed:
        detail = {
            "files": len(removed),
            "bytes": sum(orphan.bytes for orphan in removed),
            "first": [orphan.path for orphan in removed[:_NAMED]],
        }
        with transaction.atomic():
            record_act(act=ACT, subject="lake", actor=acting_user, detail=detail)
    gone = {orphan.path for orphan in removed}
    return removed, [orphan for orphan in found if orphan.path not in gone]
