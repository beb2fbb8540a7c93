"""Which kind of file this is, told by its bytes; what no profile can read is refused by name."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from bursar.connect.errors import Encrypted, NotATable
from bursar.connect.parts import Part, open_bytes, read_bytes

OLE = b"\xd0\xcf\x11\xe0"
_GZIP = b"\x1f\x8b"
_HEAD = 64 * 1024
_LARGEST_WORKBOOK = 512 * 1024 * 1024


def table_of(path: Path, name: str) -> Part | None:
    """The file as a workbook, page or unmarked UTF-16; nothing where it is none of these."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    inner, zipped = head, head.startswith(_GZIP)
    if zipped:
        with open_bytes(Part(path, name, "csv.gz")) as stream:
            inner = read_bytes(stream, _HEAD, name)
    if inner.startswith((OLE, b"PK\x03\x04")):
        content = whole_bytes(Part(path, name, "workbook"))
        _refuse_encrypted(content, name)
        is_book = inner.startswith(OLE) or _is_workbook(content)
        return Part(path, name, "workbook") if is_book else None
    if looks_like_html(inner):
        return Part(path, name, "html")
    if _is_bare_utf16(inner):
        return Part(path, name, "csv.gz" if zipped else "csv")
    return None


def whole_bytes(part: Part) -> bytes:
    """All bytes of a workbook or page, decompressed where it is gzipped."""
    with part.path.open("rb") as file:
        zipped = file.read(2) == _GZIP
    opened = Part(part.path, part.name, "csv.gz") if zipped else Part(part.path, part.name, "csv")
    with open_bytes(opened) as stream:
        content = read_bytes(stream, _LARGEST_WORKBOOK + 1, part.name)
    if len(content) > _LARGEST_WORKBOOK:
        raise NotATable(f"{part.name}: the workbook is larger than 512 MB; export it as CSV")
    return content


def looks_like_html(head: bytes) -> bool:
    """Whether a file is a web page or a fragment of one with a table in it."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\x00", b"")[2:]
    opening = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not opening.startswith(b"<"):
        return False
    pages = (b"<!doctype html", b"<html", b"<table", b"<body", b"<div", b"<head", b"<meta")
    return opening.startswith(pages) or (b"<html" in opening and b"<table" in opening)


def _is_bare_utf16(head: bytes) -> bool:
    """UTF-16 without its mark: nearly every second byte is zero, and only those."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or len(head) < 8 or b"\x00" not in head:
        return False
    even, odd = head[0::2].count(0) / len(head[0::2]), head[1::2].count(0) / len(head[1::2])
    return max(even, odd) > 0.7 and min(even, odd) < 0.02


def _refuse_encrypted(content: bytes, name: str) -> None:
    said = (
        f"{name}: the workbook is protected by a password; open it, save it without one, "
        "and import that"
    )
    if content.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Encrypted(said)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if any(entry.flag_bits & 1 for entry in archive.infolist()):
                raise Encrypted(said)
            if "META-INF/manifest.xml" in archive.namelist():
                manifest = archive.read("META-INF/manifest.xml")
                if b"encryption-data" in manifest:
                    raise Encrypted(said)
    except (zipfile.BadZipFile, NotImplementedError, KeyError):
        return


def _is_workbook(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return b"xl/" in content[:_HEAD] or b"opendocument.spreadsheet" in content[:_HEAD]
    return any(n.startswith("xl/") for n in names) or "content.xml" in names
