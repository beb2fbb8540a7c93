"""Attached files: in the data folder, under the hash of what they hold (rule D18)."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import secrets
from pathlib import Path

from django.conf import settings

from bursar.lake.errors import disk_refusals
from bursar.record.errors import AttachmentEmpty, AttachmentTooLarge, UnknownDocument
from bursar.record.models import Attachment

LARGEST = 20 * 1024 * 1024
FOLDER = "attachments"
_LONGEST_NAME = 200
_PLAIN_TYPE = "application/octet-stream"


def path_of(sha256: str) -> Path:
    """Where the bytes of that hash lie; hashes alone make the path, never a name from outside."""
    return Path(settings.BURSAR_HOME) / FOLDER / sha256[:2] / sha256


def require_fitting(name: str, content: bytes) -> str:
    """The name that is kept. Refusals: record.attachment_empty, record.attachment_too_large."""
    plain = Path(name.replace("\\", "/")).name.strip()
    plain = "".join(sign for sign in plain if sign.isprintable())[-_LONGEST_NAME:]
    if not content or not plain:
        raise AttachmentEmpty("The file is empty, or has no name. Choose the file once more.")
    if len(content) > LARGEST:
        raise AttachmentTooLarge(
            f"{plain} has {len(content):,} bytes; an attachment has {LARGEST:,} at most. Keep it "
            "in an archive and name its place in the description."
        )
    return plain


def store(content: bytes) -> str:
    """Write the bytes durably, unless they are there already; their SHA-256."""
    digest = hashlib.sha256(content).hexdigest()
    target = path_of(digest)
    if target.exists():
        return digest
    with disk_refusals(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        making = target.with_name(f".{digest}.{secrets.token_hex(4)}.tmp")
        try:
            with making.open("xb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
            making.chmod(0o600)
            os.replace(making, target)
        finally:
            making.unlink(missing_ok=True)
    return digest


def type_of(name: str) -> str:
    """The type by the name's ending; it is recorded, and never makes a browser run anything."""
    return mimetypes.guess_type(name)[0] or _PLAIN_TYPE


def attachment(number: str, sha256: str) -> tuple[Attachment, Path]:
    """An attachment of a document and where its bytes lie. Refusals: record.unknown_document."""
    found = Attachment.objects.filter(document__number=number, sha256=sha256).first()
    if found is None:
        raise UnknownDocument(f"Document '{number}' has no such attachment.")
    place = path_of(found.sha256)
    if not place.is_file():
        raise UnknownDocument(
            f"The file {found.name} of document {number} is gone from the data folder. Restore it "
            "from a backup; `bursar verify` names every file that is missing."
        )
    return found, place
