"""JSON lines as tables of text cells: one object per line, objects within it under dotted names.

Numbers never become floats: they stay the text that stands in the file. Lists, and objects whose
keys are data (tags, labels), stay one cell of JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from bursar.connect.csv_blocks import NULLS
from bursar.connect.errors import NotATable
from bursar.connect.parts import Part
from bursar.connect.raw import RawBlock
from bursar.connect.text import plain_dialect, read_blocks

_LONGEST_RAW = 2000
_MOST_COLUMNS = 2000
_EMPTY = frozenset(NULLS)
_KEYS_ARE_DATA = frozenset(
    {"tags", "labels", "systemlabels", "resourcetags", "costcategory", "metadata",
     "allocatedtags", "contractapplied", "skupricedetails", "allocatedmethoddetails",
     "commitmentprogrameligibilitydetails"}
)  # fmt: skip


def read_json_names(part: Part) -> list[str]:
    """Every name that some line of the file has, in the order in which they first come.

    The whole file is looked at, because writers leave out what is empty.
    """
    names: dict[str, None] = {}
    for block in read_blocks(part, plain_dialect(part)):
        for line in block.splitlines():
            record = _record(line) if line.strip() else None
            if record:
                names.update(dict.fromkeys(record))
        if len(names) > _MOST_COLUMNS:
            raise NotATable(
                f"{part.name}: its lines have more than {_MOST_COLUMNS:,} different names, and no "
                "bill has so many columns; write one object with the same few names per line"
            )
    if not names:
        raise NotATable(f"{part.name}: this is JSON, but no line is an object with values in it")
    return list(names)


def read_json_lines(part: Part, *, names: tuple[str, ...], first_row: int) -> Iterator[RawBlock]:
    """All rows of a part, numbered from `first_row`; lines that are no object stand aside."""
    row = first_row
    for text in read_blocks(part, plain_dialect(part)):
        block = _block(text, names, row)
        row += block.rows_seen
        yield block


def _block(text: bytes, names: tuple[str, ...], first_row: int) -> RawBlock:
    records: list[dict[str, str | None]] = []
    rows: list[int] = []
    torn: list[tuple[int, str]] = []
    row = first_row
    for line in text.split(b"\n"):
        if not line.strip():
            continue
        record = _record(line)
        if record is None:
            torn.append((row, line[:_LONGEST_RAW].decode(errors="replace")))
        else:
            records.append(record)
            rows.append(row)
        row += 1
    table = pa.table(
        {name: pa.array([one.get(name) for one in records], pa.string()) for name in names}
    )
    return RawBlock(table, pa.array(np.asarray(rows, dtype=np.int64)), torn)


def _record(line: bytes) -> dict[str, str | None] | None:
    """The cells of one line by dotted name, or nothing when the line is no sound object."""
    found = parse_object(line)
    if found is None:
        return None
    cells: dict[str, str | None] = {}
    try:
        _flatten(found, "", cells)
    except ValueError:
        return None
    return cells


def parse_object(line: bytes) -> dict[str, Any] | None:
    """The object on a line with its numbers as text, or nothing."""
    try:
        found = json.loads(
            line, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_unique
        )
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that stands twice would make the money ambiguous."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _flatten(found: dict[str, Any], above: str, cells: dict[str, str | None]) -> None:
    for key, value in found.items():
        name = above + key
        if isinstance(value, dict) and value and not _keys_are_data(key):
            _flatten(value, f"{name}.", cells)
            continue
        if name in cells:
            raise ValueError("two values under one dotted name")
        cells[name] = _cell(value)


def _keys_are_data(key: str) -> bool:
    return key.lower().replace("_", "") in _KEYS_ARE_DATA


def _cell(value: Any) -> str | None:
    if value is None or value == {}:
        return None
    if isinstance(value, str):
        return None if value in _EMPTY else value
    return json.dumps(value, ensure_ascii=False)
