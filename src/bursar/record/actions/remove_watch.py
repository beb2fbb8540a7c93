"""No longer watching a place."""

from __future__ import annotations

from django.db import transaction

from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.errors import UnknownWatch
from bursar.record.models import Watch

ACT = "record.remove_watch"


def remove_watch(*, source: str, acting_user: User | None) -> None:
    """Forget the place and what was seen in it; what was imported stays.

    Refusals: people.not_allowed, watch.unknown_watch.
    """
    require(acting_user, ACT)
    with transaction.atomic():
        watch = Watch.objects.filter(source=source).first()
        if watch is None:
            raise UnknownWatch(f"Nothing is watched for '{source}'. See `bursar watch list`.")
        detail = {"url": watch.url, "arrivals": watch.arrivals.count()}
        watch.delete()
        record_act(act=ACT, subject=source, actor=acting_user, detail=detail)
