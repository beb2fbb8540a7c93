"""Dimension ids: one integer for each distinct combination of the columns that rules read.

The id is a fingerprint of the combination's content, so the same combination has the same id
in every file. Hashing is done once per combination, not once per line: key columns are turned
into small codes, the codes of a line are folded into one integer, and only combinations that
have not been met before are spelled out and hashed.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bursar.core.refusal import InvariantBroken
from bursar.core.tables.cube import DIMENSION_COLUMNS
from bursar.lake.tags import TAG_PREFIX, PromotedTags

_LIMIT = 1 << 62
_POSITIVE = (1 << 63) - 1


def fingerprint(values: Sequence[str | None], promoted: Iterable[tuple[str, str | None]]) -> int:
    """The id of one combination: its dimension columns in order, then what is promoted, by name.

    A promoted column without a value is left out, so promoting a further column changes the
    ids of those lines only that have a value in it.
    """
    parts = [_spelled(value) for value in values]
    for name, value in sorted(promoted):
        if value is not None:
            parts += [_spelled(name), _spelled(value)]
    return _hashed(parts)


def _spelled(value: str | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _hashed(parts: Sequence[str]) -> int:
    text = "[" + ",".join(parts) + "]"
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") & _POSITIVE


class _Values:
    """Every value met in one column, each with a number; 0 stands for null."""

    def __init__(self) -> None:
        self.texts: list[str | None] = [None]
        self.spelled: list[str] = ["null"]
        self._numbers: dict[str | None, int] = {None: 0}

    def numbers(self, texts: list[str | None]) -> np.ndarray:
        known = self._numbers
        for text in texts:
            if text not in known:
                known[text] = len(self.texts)
                self.texts.append(text)
                self.spelled.append(_spelled(text))
        return np.fromiter((known[text] for text in texts), np.int32, len(texts))


class DimensionIndex:
    """Gives lines their dimension ids and remembers every combination it has met."""

    def __init__(self, promoted: Sequence[str] = ()) -> None:
        self.names = [*DIMENSION_COLUMNS, *sorted(promoted)]
        self._fixed = len(DIMENSION_COLUMNS)
        self._values = [_Values() for _ in self.names]
        self._places: dict[bytes, int] = {}
        self._ids = array("q")
        self._rows: dict[int, int] = {}
        self._codes: list[np.ndarray] = []

    def ids(self, columns: Mapping[str, pa.Array], rows: int) -> np.ndarray:
        """The dimension id of every row; a column that is not given is null throughout."""
        folded, codes = np.zeros(rows, np.int64), {}
        spread = 1
        for position, name in enumerate(self.names):
            if name not in columns:
                continue
            numbers, count = self._numbered(position, columns[name])
            codes[position] = numbers
            if count == 1:
                continue
            if spread * count >= _LIMIT:
                folded, spread = _compacted(folded)
            folded = folded * count + numbers.local
            spread *= count
        return self._looked_up(folded, codes, rows)

    def table(self, wanted: Sequence[int]) -> pa.Table:
        """The dimension table of these ids, one row each, in ascending order of id."""
        ids = sorted(wanted)
        rows = np.fromiter(map(self._rows.__getitem__, ids), np.int64, len(ids))
        self._codes = [np.concatenate([*self._codes, _no_codes(len(self.names))])]
        codes = self._codes[0].take(rows, axis=0)
        columns = {"dim_id": pa.array(ids, pa.int64())}
        for position, name in enumerate(self.names):
            texts = pa.array(self._values[position].texts, pa.string())
            columns[name] = texts.take(pa.array(codes[:, position]))
        return pa.table(columns)

    def _numbered(self, position: int, column: pa.Array) -> tuple[_Numbers, int]:
        encoded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
        texts = encoded.dictionary.to_pylist()
        local = np.asarray(encoded.indices.fill_null(len(texts))).astype(np.int64, copy=False)
        known = self._values[position].numbers([*texts, None])
        has_null = encoded.null_count > 0
        return _Numbers(local, known), len(texts) + has_null

    def _looked_up(self, folded: np.ndarray, codes: dict[int, _Numbers], rows: int) -> np.ndarray:
        encoded = pc.dictionary_encode(pa.array(folded))
        place = np.asarray(encoded.indices)
        first = np.empty(len(encoded.dictionary), np.int64)
        first[place[::-1]] = np.arange(rows - 1, -1, -1)
        matrix = np.zeros((len(first), len(self.names)), np.int32)
        for position, numbers in codes.items():
            matrix[:, position] = numbers.known[numbers.local[first]]
        return np.take(self._known_ids(matrix), place)

    def _known_ids(self, matrix: np.ndarray) -> np.ndarray:
        """The id of each row of codes; rows that were not met before are learned."""
        keys = matrix.view(f"V{matrix.shape[1] * matrix.itemsize}").ravel().tolist()
        places = [self._places.get(key, -1) for key in keys]
        new = [number for number, place in enumerate(places) if place < 0]
        if new:
            learned = matrix[new]
            for number, codes in zip(new, learned.tolist(), strict=True):
                places[number] = self._learn(keys[number], codes)
            self._codes.append(learned)
        return np.frombuffer(self._ids, np.int64).take(places)

    def _learn(self, key: bytes, codes: list[int]) -> int:
        values, fixed = self._values, self._fixed
        parts = [values[p].spelled[c] for p, c in enumerate(codes[:fixed])]
        for position in range(fixed, len(codes)):
            if code := codes[position]:
                parts += [_spelled(self.names[position]), values[position].spelled[code]]
        made = _hashed(parts)
        if made in self._rows:
            raise InvariantBroken(f"two dimensions have the fingerprint {made}: {parts}")
        self._places[key] = self._rows[made] = place = len(self._ids)
        self._ids.append(made)
        return place


def _no_codes(width: int) -> np.ndarray:
    return np.zeros((0, width), np.int32)


class LineDimensions:
    """Dimension ids of cost lines, with the tags among their columns that are promoted."""

    def __init__(self, promote: Sequence[str] = ()) -> None:
        keys = [name.removeprefix(TAG_PREFIX) for name in promote if name.startswith(TAG_PREFIX)]
        self._tags = PromotedTags(keys)
        self._index = DimensionIndex(promote)

    def ids(self, lines: pa.Table) -> np.ndarray:
        """The dimension id of every line."""
        columns = {
            name: _one_array(lines[name])
            for name in (*self._index.names, "tags")
            if name in lines.column_names
        }
        tags = columns.pop("tags", None)
        if tags is not None:
            columns |= self._tags.columns(tags)
        return self._index.ids(columns, lines.num_rows)

    def promoted_columns(self, lines: pa.Table, names: Sequence[str]) -> dict[str, pa.Array]:
        """The promoted columns of these lines as text: from their tags, or as they stand."""
        found: dict[str, pa.Array] = {n: pa.nulls(lines.num_rows, pa.string()) for n in names}
        found |= {n: lines[n].cast(pa.string()) for n in names if n in lines.column_names}
        if "tags" in lines.column_names:
            tags = self._tags.columns(_one_array(lines["tags"]))
            found |= {n: tags[n].cast(pa.string()) for n in names if n in tags}
        return found

    def table(self, wanted: Sequence[int]) -> pa.Table:
        """The dimension table of these ids, in ascending order."""
        return self._index.table(wanted)


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    combined = column.combine_chunks()
    return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined


class _Numbers:
    """A column's codes within one table, and what each code is called in the whole import."""

    def __init__(self, local: np.ndarray, known: np.ndarray) -> None:
        self.local = local
        self.known = known


def _compacted(folded: np.ndarray) -> tuple[np.ndarray, int]:
    """The same distinctions in smaller numbers, when further columns would not fit."""
    encoded = pc.dictionary_encode(pa.array(folded))
    return np.asarray(encoded.indices).astype(np.int64), len(encoded.dictionary)
