"""Act: take the reading of a table back as one: what it entered goes, what it changed returns."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.errors import ReasonNeeded, RecordChangedSince, RegisterImportUnknown
from bursar.record.models import RecordVersion, RegisterImport
from bursar.record.registers.known import register_named
from bursar.record.registers.register import Register
from bursar.record.registers.spreading import refresh_register
from bursar.record.registers.writing import Pen, whole, write_versions
from bursar.record.turns import in_turn

ACT = "record.undo_register_import"


def undo_register_import(*, acting_user: User | None, token: str, reason: str) -> None:
    """Refusals: people.not_allowed, record.unknown_register_import, record.reason_needed,
    record.changed_since where a record was changed by a later act."""
    require(acting_user, ACT)
    if not reason.strip():
        raise ReasonNeeded("Say why the import is undone; the journal shows it.")
    made = RegisterImport.objects.filter(token=token, undone_at__isnull=True).first()
    if made is None:
        raise RegisterImportUnknown(
            f"No table '{token}' was read into a register, or it was undone before. "
            "The register's imports show their tokens."
        )
    kind = register_named(made.register)
    in_turn(lambda: _undo(kind, made, reason.strip(), acting_user))
    refresh_register(kind, acting_user)


def _undo(kind: Register, made: RegisterImport, reason: str, acting_user: User | None) -> None:
    with transaction.atomic():
        versions = list(made.versions.select_related("record").order_by("record_id"))
        later = [v.record.number for v in versions if v.record.version != v.version]
        if later:
            raise RecordChangedSince(
                f"{', '.join(later[:5])}: changed after this import. Undo or withdraw these first."
            )
        pen = Pen(actor_name(acting_user), reason)
        entered = [(v.record, whole(v)) for v in versions if v.version == 1]
        write_versions(kind, entered, pen, withdrawn=True)
        for gone in (False, True):
            back = [b for v in versions if v.version > 1 if (b := _before(v)).withdrawn == gone]
            write_versions(kind, [(b.record, whole(b)) for b in back], pen, withdrawn=gone)
        made.undone_at = timezone.now()
        made.save(update_fields=["undone_at"])
        record_act(
            act=ACT, subject=kind.source, actor=acting_user,
            detail={"token": made.token, "records": len(versions), "reason": reason},
        )  # fmt: skip


def _before(version: RecordVersion) -> RecordVersion:
    return RecordVersion.objects.select_related("record").get(
        record=version.record, version=version.version - 1
    )
