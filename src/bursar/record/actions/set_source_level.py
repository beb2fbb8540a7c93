"""Act: say what evidence a source is."""

from __future__ import annotations

from django.db import transaction

from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.evidence.errors import BadMatch
from bursar.record.evidence.refresher import refresh_matches
from bursar.record.models import EvidenceLevel, Source, SourceLevel

ACT = "evidence.set_source_level"


def set_source_level(*, acting_user: User | None, source: str, level: str) -> SourceLevel:
    """Set a source's level and search again; what was decided about its matches stays.

    Refuses: people.not_allowed, evidence.bad_match.
    """
    require(acting_user, ACT)
    if level not in EvidenceLevel.values:
        raise BadMatch(f"There is no level '{level}'. Choose {', '.join(EvidenceLevel.values)}.")
    if not Source.objects.filter(name=source).exists():
        raise BadMatch(f"There is no source '{source}'. `bursar batches` names them.")
    with transaction.atomic():
        row, _ = SourceLevel.objects.update_or_create(source=source, defaults={"level": level})
        record_act(act=ACT, subject=source, actor=acting_user, detail={"level": level})
    refresh_matches(acting_user)
    return row
