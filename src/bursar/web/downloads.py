"""Answers that a browser saves as files."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpResponse, StreamingHttpResponse

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
    "proof": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def attachment(content: bytes | str, *, name: str, kind: str) -> HttpResponse:
    """A whole file under the name `<name>.<kind>`."""
    answer = HttpResponse(content, content_type=KINDS[kind])
    answer["Content-Disposition"] = f'attachment; filename="{_plain(name)}.{kind}"'
    return answer


def streamed(pieces: Iterable[str], *, name: str, kind: str) -> StreamingHttpResponse:
    """A file that is sent while it is made."""
    answer = StreamingHttpResponse(pieces, content_type=KINDS[kind])
    answer["Content-Disposition"] = f'attachment; filename="{_plain(name)}.{kind}"'
    return answer


def temporary(path: Path, *, name: str, kind: str) -> FileResponse:
    """A file on disk that is gone once it was sent; its name is free at once."""
    handle = path.open("rb")
    path.unlink()
    answer = FileResponse(handle, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{_plain(name)}.{kind}"'
    return answer


def _plain(name: str) -> str:
    """A name that is safe in a header and on any disk, whatever a consumer is called."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", ascii_only).strip("-.")[:120] or "bursar"


def json_attachment(content: dict[str, Any], *, name: str) -> HttpResponse:
    """A report's JSON as a file."""
    return attachment(json.dumps(content, indent=1, ensure_ascii=False), name=name, kind="json")
