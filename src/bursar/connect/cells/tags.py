"""Tags in their usual spellings, as one JSON object per line; unreadable ones stay as they came."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.cell import NULL_WORDS, Cells, as_text
from bursar.connect.coding import CODED, fitted

UNREADABLE = "import.tags_unreadable"
_STRING = r'"[^"\\]*"'
_PAIR = rf"{_STRING} ?: ?{_STRING}"
_PLAIN_OBJECT = rf"^\{{(?:{_PAIR}(?: ?, ?{_PAIR})*)?\}}$"
_KEY_NAMES = ("key", "Key", "TagKey", "name", "Name")
_VALUE_NAMES = ("value", "Value", "TagValue")


def read_tags(column: pa.Array) -> Cells:
    """JSON objects pass as they are; other spellings are rewritten with sorted keys (rule I40)."""
    column = as_text(column).values
    if column.type == CODED:
        return _read_coded(column)
    plain = pc.match_substring_regex(column, _PLAIN_OBJECT)
    if pc.all(plain, min_count=0).as_py():
        return Cells(column)
    texts = column.to_pylist()
    unreadable = 0
    for row in pc.indices_nonzero(pc.invert(pc.fill_null(plain, True))).to_pylist():
        known, texts[row] = tags_as_json(texts[row])
        unreadable += not known
    cells = Cells(pa.array(texts, pa.string()))
    if unreadable:
        cells.noticed[UNREADABLE] = unreadable
    return cells


def _read_coded(column: pa.Array) -> Cells:
    """The same for coded texts: usually only the distinct ones need a look."""
    plain = pc.match_substring_regex(column.dictionary, _PLAIN_OBJECT)
    if pc.all(plain, min_count=0).as_py():
        return Cells(column)
    cells = read_tags(column.cast(pa.string()))
    cells.values = fitted(cells.values, CODED)
    return cells


@lru_cache(maxsize=65_536)
def tags_as_json(text: str) -> tuple[bool, str | None]:
    """Whether the text was understood, and the JSON object, or the text as it came."""
    bare = text.strip()
    if bare.lower() in NULL_WORDS:
        return True, None
    for candidate in (bare, "{" + bare + "}"):  # one well-known export leaves the braces out
        for load in (_load_json, ast.literal_eval):
            try:
                pairs = _pairs(load(candidate))
            except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
                continue
            if pairs is not None:
                return True, _dump(pairs)
    return False, text


def _load_json(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str)


def _dump(pairs: Mapping[str, Any]) -> str:
    return json.dumps(pairs, ensure_ascii=False, sort_keys=True, default=str)


def _pairs(value: Any) -> dict[str, Any] | None:
    """Keys and values of an object, of a list of pairs, or of a list of key/value objects."""
    if isinstance(value, dict):
        return {str(key): item for key, item in value.items()}
    if not isinstance(value, list | tuple):
        return None
    pairs: dict[str, Any] = {}
    for item in value:
        if isinstance(item, dict):
            key = next((item[name] for name in _KEY_NAMES if name in item), None)
            content = next((item[name] for name in _VALUE_NAMES if name in item), None)
        elif isinstance(item, list | tuple) and len(item) == 2:
            key, content = item
        else:
            return None
        if key is None:
            return None
        pairs[str(key)] = content
    return pairs
