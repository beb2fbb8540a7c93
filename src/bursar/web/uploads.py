"""Files that came through the browser and wait in the data folder to be looked at and imported."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from bursar.core.refusal import Refused
from bursar.lake.errors import disk_refusals
from bursar.office.people.permissions import may

_TOKEN = re.compile(r"[0-9a-f]{32}")
_KEPT_SECONDS = 24 * 3600
_LONGEST_NAME = 150  # bytes; disks take 255


class NothingUploaded(Refused):
    """The form was sent without a file."""

    code = "upload.empty"


class UploadTooLarge(Refused):
    """More was sent than this person may send, or than there is room for."""

    code = "upload.too_large"


class UploadGone(Refused):
    """The uploaded file was imported or thrown away already."""

    code = "upload.not_found"


def require_room(size: int, user: object) -> None:
    """Raises UploadTooLarge before a byte of a large request is written anywhere.

    Django stores what a form brings before it asks who sent it, so this is asked first.
    """
    if size <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return
    if not may(user, "record.import_files"):  # type: ignore[arg-type]
        raise UploadTooLarge("So much can be sent only by who may import files, signed in.")
    room = shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir()).free
    if size > room:
        raise UploadTooLarge(
            f"The files have {size:,} bytes and the server's disk has room for {room:,}. Make "
            "room, or import them on the server: bursar import FILE."
        )


def keep(files: Sequence[UploadedFile[bytes]]) -> str:
    """Store the files under their own names; returns the token that finds them again."""
    if not files:
        raise NothingUploaded("No file came with the form. Choose one or drop it on the field.")
    _forget_old()
    token = secrets.token_hex(16)
    folder = _folder(token)
    with disk_refusals(folder.parent):
        folder.mkdir(parents=True)
        for number, file in enumerate(files):
            name = _safe_name(file.name, number)
            while (folder / name).exists():  # parts from different folders may be called the same
                name = f"{number}-{name}"
            with (folder / name).open("xb") as handle:
                for piece in file.chunks():
                    handle.write(piece)
    return token


def kept(token: str) -> list[Path]:
    """The files of a token, by name. Raises UploadGone."""
    folder = _folder(token) if _TOKEN.fullmatch(token) else None
    paths = sorted(folder.iterdir()) if folder and folder.is_dir() else []
    if not paths:
        raise UploadGone(
            "This upload is no longer here: it was imported, thrown away, or is older than a day. "
            "Send the file again."
        )
    return paths


def forget(token: str) -> None:
    """Remove the files of a token; nothing happens where there are none."""
    if _TOKEN.fullmatch(token):
        shutil.rmtree(_folder(token), ignore_errors=True)


def token_of(path: str) -> str:
    """The token under which an uploaded file is kept."""
    return Path(path).parent.name


def _folder(token: str) -> Path:
    return Path(settings.BURSAR_HOME) / "uploads" / token


def _safe_name(name: str | None, number: int) -> str:
    """The file's own name, because default names of sources follow from it; never a path."""
    plain = re.sub(r"[^\w.+ -]", "_", Path(name or "").name).strip(". ")
    fitting = plain.encode()[-_LONGEST_NAME:].decode(errors="ignore")  # the ending says the kind
    return fitting.lstrip(". ") or f"file-{number}"


def _forget_old() -> None:
    folder = Path(settings.BURSAR_HOME) / "uploads"
    for old in folder.iterdir() if folder.is_dir() else ():
        if time.time() - old.stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
