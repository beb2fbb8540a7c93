"""From the paths that somebody named to the files that are read, each recognised by its bytes."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import pyarrow as pa

from bursar.connect.archives import Member, OpenMember, is_archive, members_of
from bursar.connect.errors import (
    Damaged,
    EmptyFile,
    ImportRefused,
    NoSuchFile,
    NotATable,
    NothingInFolder,
    Truncated,
    Unreadable,
)
from bursar.connect.manifests import chosen, files_of, read_manifest

Packing = Literal["csv", "csv.gz", "parquet", "jsonl", "jsonl.gz", "workbook", "html"]

_HEAD = 64 * 1024
_BOM = b"\xef\xbb\xbf"
_BESIDE_TABLES = frozenset({".json", ".md", ".txt", ".sha256", ".md5", ".crc", ".xml", ".html"})
_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document: export the table itself as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV (UTF-8)"),
    (b"\x89PNG", "a picture: export the table itself as CSV"),
    (b"\xff\xd8\xff", "a picture: export the table itself as CSV"),
    (b"GIF8", "a picture: export the table itself as CSV"),
    (b"BZh", "compressed with bzip2: decompress it, or compress it with gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd: decompress it, or compress it with gzip"),
    (b"\xfd7zXZ", "compressed with xz: decompress it, or compress it with gzip"),
    (b"7z\xbc\xaf", "a 7-Zip archive: unpack it and import the files in it"),
    (b"Rar!", "a RAR archive: unpack it and import the files in it"),
    (b"SQLite format 3", "a SQLite database: export the table as CSV"),
    (b"ORC", "an ORC file: convert it to Parquet or CSV"),
    (b"Obj\x01", "an Avro file: convert it to Parquet or CSV"),
    (b"ARROW1", "an Arrow file: convert it to Parquet or CSV"),
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One file of an import: where it lies, the name people know it by, and how it is packed."""

    path: Path
    name: str
    packing: Packing
    member: str = ""
    """Name inside the archive that the path leads to."""
    owner: str = ""
    """Whose it is, where an archive's manifest says so."""


def find_parts(
    paths: Sequence[Path], *, inside: Callable[[Path, str], list[Part]] | None = None
) -> tuple[list[Part], list[str]]:
    """The files to read, in order, and the names of files in folders that are no tables.

    `inside` tells what a file is; without it only the kinds of our formats are known.
    """
    parts: list[Part] = []
    skipped: list[str] = []
    tell = inside or parts_of
    for path in paths:
        if path.is_dir():
            _look_into(path, parts, skipped, tell)
        elif path.exists():
            for one in _named_by(path):
                parts += tell(one, one.name)
        else:
            raise NoSuchFile(f"{path}: there is no such file; check the name and the folder")
    return parts, skipped


def _named_by(path: Path) -> list[Path]:
    """The file itself, or the parts that it names when it is a manifest."""
    manifest = read_manifest(path) if path.suffix.lower() == ".json" else None
    return [path] if manifest is None else files_of(manifest)


def _look_into(
    folder: Path, parts: list[Part], skipped: list[str],
    tell: Callable[[Path, str], list[Part]],
) -> None:  # fmt: skip
    found = len(parts)
    there = sorted(p for p in folder.rglob("*") if p.is_file())
    manifests = [read_manifest(path) for path in there if path.suffix.lower() == ".json"]
    named = {file for one in chosen([m for m in manifests if m]) for file in files_of(one)}
    for path in there:
        name = path.relative_to(folder).as_posix()
        if named and path not in named:
            skipped.append(name)
            continue
        if any(piece[0] in "._" for piece in name.split("/")):
            continue  # hidden files and the success markers of exports
        if _stands_beside(path) or path.stat().st_size == 0:
            skipped.append(name)
            continue
        parts += tell(path, name)
    if len(parts) == found:
        raise NothingInFolder(
            f"{folder}: the folder holds no CSV, JSON lines or Parquet file; name the "
            "export's folder"
        )


def _stands_beside(path: Path) -> bool:
    """Whether a file of a folder goes with the tables and is none; lists of JSON lines are."""
    suffix = path.suffix.lower()
    if suffix != ".json":
        return suffix in _BESIDE_TABLES
    with path.open("rb") as file:
        lines = file.read(_HEAD).lstrip(_BOM).lstrip().split(b"\n")
    return not (_is_json_line(lines[0]) and len(lines) > 1 and lines[1].lstrip()[:1] == b"{")


def _is_json_line(line: bytes) -> bool:
    """Whether a line is an object of its own with values in it, as every line of JSON lines."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and any(
        not isinstance(value, list | dict) for value in found.values()
    )


def _is_json_lines(head: bytes) -> bool:
    """The beginning of a file of JSON lines; a first line that is longer cannot be judged yet."""
    opening = head.lstrip(_BOM).lstrip()
    if not opening.startswith(b"{"):
        return False
    first, ended, _ = opening.partition(b"\n")
    return _is_json_line(first) if ended or len(head) < _HEAD else b'":' in first


def parts_of(path: Path, name: str) -> list[Part]:
    """The file itself, or the tables inside it where it is an archive of some."""
    inside = members_of(path) if is_archive(path) else []
    if not inside:
        return [Part(path, name, recognise(path, name))]
    return [
        Part(path, f"{name}/{m.name}", _member_packing(m, f"{name}/{m.name}"), m.name, m.owner)
        for m in inside
    ]


def _member_packing(member: Member, name: str) -> Packing:
    if member.head.startswith(b"\x1f\x8b"):
        return "csv.gz"
    _refuse_other_kinds(member.head, name, inside="")
    return "csv"


def recognise(path: Path, name: str) -> Packing:
    """How the file is packed, by its first bytes and never by its name."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as failure:
        raise Unreadable(f"{name}: the file cannot be read ({failure.strerror})") from failure
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xfe\xff"):
        raise EmptyFile(f"{name}: the file is empty; export it again")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"\x1f\x8b"):
        unpacked = _first_unpacked(path, name)
        if _is_json_lines(unpacked):
            return "jsonl.gz"
        _refuse_other_kinds(unpacked, name, inside="inside gzip, ")
        return "csv.gz"
    if _is_json_lines(head):
        return "jsonl"
    _refuse_other_kinds(head, name, inside="")
    return "csv"


def _first_unpacked(path: Path, name: str) -> bytes:
    try:
        with open_bytes(Part(path, name, "csv.gz")) as stream:
            head = stream.read(_HEAD)
    except OSError as failure:
        raise _gzip_refusal(failure, name) from failure
    if not head.strip():
        raise EmptyFile(f"{name}: the file is empty inside its gzip; export it again")
    return head


def _refuse_other_kinds(head: bytes, name: str, *, inside: str) -> None:
    for sign, said in (*_SIGNS, (b"PAR1", "a Parquet file: decompress it, it needs no gzip")):
        if head.startswith(sign):
            raise NotATable(f"{name}: {inside}this is {said}")
    if head.startswith(b"PK\x03\x04"):
        raise NotATable(f"{name}: {inside}this is {_zip_kind(head)}")
    if inside and head.startswith(b"\x1f\x8b"):
        raise NotATable(f"{name}: this is gzip inside gzip: decompress it once")
    if b"ustar" in head[257:263]:
        raise NotATable(f"{name}: {inside}this is a tar archive: unpack it, import the folder")
    opening = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if opening.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise NotATable(f"{name}: this is a web page or XML: export the table as CSV")
    if opening.startswith((b"{", b"[{")):
        raise NotATable(
            f"{name}: {inside}this is JSON, but not one object per line: export the table as JSON "
            "lines, CSV or Parquet"
        )
    if b"\x00" in head and not _is_utf16(head):
        raise NotATable(f"{name}: this is a binary file of unknown kind: export the table as CSV")


def _zip_kind(head: bytes) -> str:
    if b"xl/" in head or b"[Content_Types]" in head:
        return "an Excel workbook: save the sheet as CSV (UTF-8)"
    if b"opendocument.spreadsheet" in head:
        return "an OpenDocument spreadsheet: save the sheet as CSV (UTF-8)"
    return "a zip archive: unpack it and import the files in it"


def _is_utf16(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff"))


def open_bytes(part: Part) -> BinaryIO | io.RawIOBase | pa.NativeFile:
    """The part's bytes, decompressed."""
    if part.member:
        inside = OpenMember(part.path, part.member)
        packed = part.packing == "csv.gz"
        return pa.CompressedInputStream(pa.PythonFile(inside), "gzip") if packed else inside
    if part.packing.endswith(".gz"):
        return pa.CompressedInputStream(pa.OSFile(str(part.path)), "gzip")
    return part.path.open("rb")


def read_bytes(stream: BinaryIO | io.RawIOBase | pa.NativeFile, size: int, name: str) -> bytes:
    """The next bytes, with failures of the packing as refusals."""
    try:
        return stream.read(size)
    except OSError as failure:
        raise _gzip_refusal(failure, name) from failure


def _gzip_refusal(failure: OSError, name: str) -> ImportRefused:
    if failure.errno is not None:
        return Unreadable(f"{name}: the file cannot be read ({failure.strerror})")
    if "runcated" in str(failure):
        return Truncated(f"{name}: the gzip file ends too early; copy or download it again")
    return Damaged(f"{name}: the gzip file is damaged; copy or download it again")


def fingerprint(parts: Sequence[Part]) -> str:
    """SHA-256 over the bytes of all parts, in order."""
    digest = hashlib.sha256()
    for part in parts:
        with part.path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
