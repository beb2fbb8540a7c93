"""Act: attach a file to a document, as the proof of what was entered."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.documents.attachments import require_fitting, store, type_of
from bursar.record.documents.queries import document_row
from bursar.record.models import Attachment

ACT = "record.attach_file"


def attach_file(*, acting_user: User | None, number: str, name: str, content: bytes) -> Attachment:
    """Keep a file with a document; the same content again changes nothing.

    Refusals: people.not_allowed, record.unknown_document, record.attachment_empty,
    record.attachment_too_large, lake.disk_full, lake.not_writable.
    """
    require(acting_user, ACT)
    document = document_row(number)
    kept = require_fitting(name, content)
    digest = store(content)
    with transaction.atomic():
        known = Attachment.objects.select_for_update().filter(document=document, sha256=digest)
        if (found := known.first()) is not None:
            return found
        made = Attachment.objects.create(
            document=document,
            name=kept,
            media_type=type_of(kept),
            bytes=len(content),
            sha256=digest,
            attached_at=timezone.now(),
            attached_by=actor_name(acting_user),
        )
        record_act(
            act=ACT,
            subject=document.number,
            actor=acting_user,
            detail={"name": kept, "sha256": digest, "bytes": len(content)},
        )
    return made
