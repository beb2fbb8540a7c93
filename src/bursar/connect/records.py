"""Finds the records of a CSV text the careful way: for blocks in which something is torn.

A record is believed only when it has as many cells as the header and its quotes are well formed
(rule I12). A line that opens a quote may run on over further lines; when that leads to no
well-formed record, the line alone is torn and reading goes on with the very next line, so that
one missing quote never swallows the rows behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_LONGEST_RECORD = 1024 * 1024
_OPEN = -1
_MALFORMED = -2


@dataclass
class Records:
    """Well-formed records as text, their positions, the torn lines, and an unfinished rest."""

    clean: bytearray = field(default_factory=bytearray)
    positions: list[int] = field(default_factory=list)
    torn: list[tuple[int, bytes]] = field(default_factory=list)
    count: int = 0
    rest: bytes = b""


def split_records(text: bytes, *, width: int, delimiter: str, at_end: bool) -> Records:
    """Splits whole lines into records of `width` cells; `rest` waits for the next block."""
    cell, sound_record = _patterns(delimiter, width)
    found = Records()
    start = 0
    while start < len(text):
        end = text.index(b"\n", start) + 1
        line = text[start:end].rstrip(b"\r\n")
        if not line.strip():
            start = end
            continue
        sound = sound_record.fullmatch(line) is not None
        if not sound and _cells_in(line, cell) == _OPEN:
            closing = _find_closing(text, start, end, width, cell)
            if closing is None and not at_end and len(text) - start < _LONGEST_RECORD:
                found.rest = text[start:]
                return found
            if closing is not None:
                end, sound = closing, True
        if sound:
            found.positions.append(found.count)
            found.clean += text[start:end]
        else:
            found.torn.append((found.count, line))
        found.count += 1
        start = end
    return found


def _patterns(delimiter: str, width: int) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """One cell with what may follow it, and a whole record on one line."""
    sign = re.escape(delimiter.encode())
    cell = rb'(?:"(?:[^"]|"")*+"|(?!")[^\r\n' + sign + rb"]*+)"
    followed = cell + rb"(?=" + sign + rb"|\Z)"
    record = rb"(?:" + cell + sign + rb"){" + str(width - 1).encode() + rb"}" + cell
    return re.compile(followed), re.compile(record)


def _cells_in(record: bytes, cell: re.Pattern[bytes]) -> int:
    """How many cells the text has, or that it ends inside a quote, or is malformed."""
    position, cells = 0, 0
    while True:
        match = cell.match(record, position)
        if match is None:
            return _why_not(record, position)
        cells += 1
        position = match.end()
        if position >= len(record):
            return cells
        position += 1


def _why_not(record: bytes, position: int) -> int:
    """A cell that did not match: its quote is never closed, or something is behind it."""
    if record[position : position + 1] != b'"':
        return _MALFORMED
    inner = record[position + 1 :].replace(b'""', b"")
    return _MALFORMED if b'"' in inner else _OPEN


def _find_closing(
    text: bytes, start: int, end: int, width: int, cell: re.Pattern[bytes]
) -> int | None:
    """Where a record that runs over several lines ends, when it ends well formed."""
    while end < len(text) and end - start < _LONGEST_RECORD:
        line_end = text.index(b"\n", end) + 1
        has_quote = text.find(b'"', end, line_end) >= 0
        end = line_end
        if not has_quote:
            continue
        cells = _cells_in(text[start:end].rstrip(b"\r\n"), cell)
        if cells == width:
            return end
        if cells != _OPEN:
            return None
    return None
