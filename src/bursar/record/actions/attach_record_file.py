"""Act: keep a file with a record of a register (rule RG9)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.documents.attachments import require_fitting, store, type_of
from bursar.record.models import Attachment
from bursar.record.registers.known import register_named
from bursar.record.registers.queries import SALARIES, one_record

ACT = "record.attach_record_file"


def attach_record_file(
    *, acting_user: User | None, register: str, number: str, name: str, content: bytes
) -> Attachment:
    """The same content again changes nothing.

    Refusals: people.not_allowed, record.unknown_register, record.unknown_record,
    record.attachment_empty, record.attachment_too_large, lake.disk_full, lake.not_writable.
    """
    require(acting_user, ACT)
    kind = register_named(register)
    if kind.secrets:
        require(acting_user, SALARIES)
    record = one_record(acting_user, kind, number)
    kept = require_fitting(name, content)
    digest = store(content)
    with transaction.atomic():
        known = Attachment.objects.select_for_update().filter(record=record, sha256=digest).first()
        if known is not None:
            return known
        made = Attachment.objects.create(
            record=record, name=kept, media_type=type_of(kept), bytes=len(content), sha256=digest,
            attached_at=timezone.now(), attached_by=actor_name(acting_user),
        )  # fmt: skip
        record_act(
            act=ACT, subject=f"{kind.name} {number}", actor=acting_user,
            detail={"name": kept, "sha256": digest, "bytes": len(content)},
        )  # fmt: skip
    return made
