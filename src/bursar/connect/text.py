"""Bytes of a text file as UTF-8 blocks that end at a line's end, and what its first line says."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bursar.connect.errors import EmptyFile, NotATable, WrongEncoding
from bursar.connect.parts import Part, open_bytes, read_bytes

BLOCK = 4 * 1024 * 1024
_HEAD = 1024 * 1024
_LONGEST_LINE = 64 * 1024 * 1024
_MOST_COLUMNS = 2000
_DELIMITERS = ",;\t|"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Dialect:
    """How a text file is written: encoding, line ends, delimiter, and its column names."""

    encoding: str
    bom: int
    old_line_ends: bool
    delimiter: str
    preamble: int
    header: tuple[str, ...]
    spaced: bool = False
    """Whether blanks stand between a delimiter and the quote behind it."""


def read_dialect(part: Part) -> Dialect:
    """Looks at the file's beginning; its header is the first line that is not blank."""
    with open_bytes(part) as stream:
        head = read_bytes(stream, _HEAD, part.name)
    bom, encoding = _encoding(head, part.name)
    text = head[bom:].decode(encoding, errors="ignore")
    old_line_ends = "\n" not in text and "\r" in text
    lines = text.replace("\r", "\n").split("\n") if old_line_ends else text.split("\n")
    skipped = 0
    while skipped < len(lines) and _is_preamble(lines[skipped]):
        skipped += 1
    if skipped == len(lines):
        raise EmptyFile(f"{part.name}: the file is empty; export it again")
    line = lines[skipped].rstrip("\r")
    if any(sign < " " and sign != "\t" for sign in line):
        raise NotATable(f"{part.name}: the first line is not text; export the table as CSV")
    delimiter = _delimiter(line)
    cells = _cells(line, delimiter, part.name)
    header = tuple(name if name.strip() else f"column {i}" for i, name in enumerate(cells, 1))
    return Dialect(encoding, bom, old_line_ends, delimiter, skipped + 1, header)


def plain_dialect(part: Part) -> Dialect:
    """The encoding of a text that has no header line."""
    with open_bytes(part) as stream:
        bom, encoding = _encoding(read_bytes(stream, _HEAD, part.name), part.name)
    return Dialect(encoding, bom, False, "", 0, ())


def _cells(line: str, delimiter: str, name: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter))
    except csv.Error as failure:
        raise NotATable(f"{name}: the first line names no columns; export as CSV") from failure
    if len(cells) > _MOST_COLUMNS:
        raise NotATable(
            f"{name}: the first line has {len(cells):,} cells, and no bill has so many columns; "
            "export the table as CSV"
        )
    return cells


def _encoding(head: bytes, name: str) -> tuple[int, str]:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return len(bom), encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head, final=len(head) < _HEAD)
    except UnicodeDecodeError as failure:
        row = head.count(b"\n", 0, failure.start)
        raise encoding_refusal(name, row) from failure
    return 0, "utf-8"


def encoding_refusal(name: str, row: int) -> WrongEncoding:
    """Says where the text stops being UTF-8; guessing a code page could change names silently."""
    place = f"near row {row}" if row else "near its beginning"
    return WrongEncoding(
        f"{name}: {place} the text is not UTF-8; save the file as CSV UTF-8 and import it"
    )


def _is_preamble(line: str) -> bool:
    bare = line.strip().lower()
    return not bare or (bare.startswith("sep=") and len(bare) == 5)


def _delimiter(line: str) -> str:
    outside_quotes = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=outside_quotes.count)


def read_blocks(part: Part, dialect: Dialect) -> Iterator[bytes]:
    """The data lines as UTF-8, in blocks of whole lines; the last line always has its end."""
    blocks = _whole_lines(part, dialect)
    if not dialect.spaced:
        return blocks
    sign = dialect.delimiter.encode()
    blanks = re.compile(rb"(?<=" + re.escape(sign) + rb') +(?=")')
    behind = re.compile(rb'(?<=") +(?=' + re.escape(sign) + rb"|\r?\n)")
    return (behind.sub(b"", blanks.sub(b"", block)) for block in blocks)


def _whole_lines(part: Part, dialect: Dialect) -> Iterator[bytes]:
    rest = b""
    for piece in _without_preamble(_utf8(part, dialect), dialect.preamble):
        cut = piece.rfind(b"\n") + 1
        if cut:
            yield b"".join((rest, memoryview(piece)[:cut]))
            rest = piece[cut:]
        else:
            rest = _bounded(rest + piece, part.name)
    if rest:
        yield rest + b"\n"


def _without_preamble(pieces: Iterator[bytes], lines: int) -> Iterator[bytes]:
    """The same text without its first lines, which end in the header."""
    start = b""
    for piece in pieces:
        if not lines:
            yield piece
            continue
        start += piece
        while lines and (end := start.find(b"\n")) >= 0:
            start = start[end + 1 :]
            lines -= 1
        if not lines and start:
            yield start


def _bounded(line: bytes, name: str) -> bytes:
    if len(line) > _LONGEST_LINE:
        raise NotATable(f"{name}: a single line is longer than 64 MB; export the table as CSV")
    return line


def _utf8(part: Part, dialect: Dialect) -> Iterator[bytes]:
    decoder = None
    if dialect.encoding != "utf-8":
        decoder = codecs.getincrementaldecoder(dialect.encoding)()
    with open_bytes(part) as stream:
        read_bytes(stream, dialect.bom, part.name)
        while piece := read_bytes(stream, BLOCK, part.name):
            if decoder is not None:
                try:
                    piece = decoder.decode(piece).encode()
                except UnicodeError as failure:
                    raise encoding_refusal(part.name, 0) from failure
            yield piece.replace(b"\r", b"\n") if dialect.old_line_ends else piece
