"""Promoted tags: reading chosen keys out of the tags' text, once per distinct text."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

TAG_PREFIX = "tag."
_REMEMBERED = 200_000


def read_tags(text: str) -> dict[str, str]:
    """Keys and values of one tags text, in any of the spellings that providers export.

    These are a JSON object, the same without its outer braces, a list of key and value pairs,
    and the object as Python prints it. Text that is none of these holds no tags.
    """
    found = _parsed(text.strip())
    if isinstance(found, list):
        found = {
            str(pair.get("key", pair.get("Key"))): pair.get("value", pair.get("Value"))
            for pair in found
            if isinstance(pair, dict)
        }
    if not isinstance(found, dict):
        return {}
    return {str(key): _plain(value) for key, value in found.items() if value is not None}


def _parsed(text: str) -> Any:
    for spelling in (text, "{" + text + "}"):
        try:
            return json.loads(spelling)
        except ValueError:
            continue
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


class PromotedTags:
    """Makes a column of each promoted tag key; texts seen before are not parsed again."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = list(keys)
        self._seen: dict[str, tuple[str | None, ...]] = {}

    def columns(self, tags: pa.Array) -> dict[str, pa.Array]:
        """One dictionary-encoded column per key, named `tag.<key>`."""
        if not self._keys:
            return {}
        encoded = tags if pa.types.is_dictionary(tags.type) else pc.dictionary_encode(tags)
        values = [self._values(text) for text in encoded.dictionary.to_pylist()]
        indices = np.asarray(encoded.indices.fill_null(len(values)))
        columns = {}
        for position, key in enumerate(self._keys):
            column = pa.array([v[position] for v in values] + [None], pa.string())
            coded = pc.dictionary_encode(column)
            columns[TAG_PREFIX + key] = pa.DictionaryArray.from_arrays(
                coded.indices.take(pa.array(indices)), coded.dictionary
            )
        return columns

    def _values(self, text: str | None) -> tuple[str | None, ...]:
        if not text:
            return (None,) * len(self._keys)
        known = self._seen.get(text)
        if known is None:
            tags = read_tags(text)
            # An empty value says no more than a missing tag does.
            known = tuple(tags.get(key) or None for key in self._keys)
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[text] = known
        return known
