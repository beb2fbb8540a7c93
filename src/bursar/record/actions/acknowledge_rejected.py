"""Act: answer for the rejected lines of an import, with a note that says why they are left out."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.errors import NothingRejected, ReasonNeeded, UnknownImport
from bursar.record.models import Import
from bursar.record.models.imports import Acknowledgement

ACT = "record.acknowledge_rejected"
_LONGEST = 400


def acknowledge_rejected(
    *, acting_user: User | None, import_token: str, note: str
) -> Acknowledgement:
    """Mark the rejected lines as looked at; a second note replaces the first.

    Refuses: people.not_allowed, record.reason_needed, import.unknown_import,
    record.nothing_rejected.
    """
    require(acting_user, ACT)
    why = note.strip()
    if not 0 < len(why) <= _LONGEST:
        raise ReasonNeeded(
            f"Say in 1 to {_LONGEST} characters why the rejected lines are left out; the journal "
            "keeps it."
        )
    with transaction.atomic():
        made_by = Import.objects.filter(token=import_token).first()
        if made_by is None:
            raise UnknownImport(
                f"There is no import '{import_token}'. `bursar batches --json` names each "
                "batch's import."
            )
        if not made_by.rows_rejected:
            raise NothingRejected(f"Of {made_by.file} no line was rejected, so there is no note.")
        said = {"note": why, "at": timezone.now(), "by": actor_name(acting_user)}
        found, _ = Acknowledgement.objects.update_or_create(made_by=made_by, defaults=said)
        detail = {"file": made_by.file, "rows_rejected": made_by.rows_rejected, "note": why}
        record_act(act=ACT, subject=import_token, actor=acting_user, detail=detail)
    return found
