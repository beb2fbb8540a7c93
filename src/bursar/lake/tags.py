"""Promoted tags: reading chosen keys out of the tags' text, once per distinct text."""

from __future__ import annotations

import ast
import json
from array import array
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
        self._values: list[dict[str | None, int]] = [{None: 0} for _ in self._keys]
        self._forget()

    def columns(self, tags: pa.Array) -> dict[str, pa.Array]:
        """One dictionary-encoded column per key, named `tag.<key>`."""
        if not self._keys:
            return {}
        encoded = tags if pa.types.is_dictionary(tags.type) else pc.dictionary_encode(tags)
        if len(self._seen) > _REMEMBERED:
            self._forget()
        rows = self._numbers(encoded.dictionary.to_pylist())
        lines = rows.take(np.asarray(encoded.indices.fill_null(len(rows) - 1)))
        columns = {}
        for position, key in enumerate(self._keys):
            codes = np.frombuffer(self._codes[position], np.int32).take(lines)
            texts = pa.array(list(self._values[position]), pa.string())
            missing = codes == 0
            columns[TAG_PREFIX + key] = pa.DictionaryArray.from_arrays(
                pa.array(codes, mask=missing), texts
            )
        return columns

    def _forget(self) -> None:
        self._seen: dict[str | None, int] = {None: 0}
        self._codes = [array("i", [0]) for _ in self._keys]

    def _numbers(self, texts: list[str | None]) -> np.ndarray:
        """A number for every text, with the number of having no tags at the end."""
        known = list(map(self._seen.get, texts))
        if None in known:
            known = [
                self._learned(text) if number is None else number
                for text, number in zip(texts, known, strict=True)
            ]
        return np.array([*known, 0], np.int64)

    def _learned(self, text: str | None) -> int:
        """Parse a text that was not met before; a key's value 0 stands for none."""
        if text in self._seen:
            return self._seen[text]
        tags = read_tags(text) if text else {}
        for values, codes, key in zip(self._values, self._codes, self._keys, strict=True):
            value = tags.get(key) or None  # an empty value says no more than a missing tag
            codes.append(values.setdefault(value, len(values)))
        self._seen[text] = number = len(self._seen)
        return number
