"""Texts that repeat travel as codes into a list of distinct texts.

A bill says the same service, account or day in line after line. As codes such columns are read
once per distinct text, and they are quicker to hand on, to sort and to write.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

CODED = pa.dictionary(pa.int32(), pa.string())
_MOST_DISTINCT = 0.5  # distinct texts per row above which codes only cost time


def is_text(kind: pa.DataType) -> bool:
    """Whether cells of this type are texts, coded or not."""
    return bool(pa.types.is_string(kind) or kind == CODED)


def repeating(table: pa.Table, names: Iterable[str]) -> list[str]:
    """Which of these text columns repeat themselves enough in this table."""
    most = table.num_rows * _MOST_DISTINCT
    return [name for name in names if pc.count_distinct(table[name]).as_py() <= most]


def fitted(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """The same texts with or without codes, as `kind` says; other columns stay as they are."""
    if column.type == kind or not (is_text(column.type) and is_text(kind)):
        return column
    return pc.dictionary_encode(column) if kind == CODED else column.cast(kind)


def same_text(text: str, count: int) -> pa.Array:
    """One text in every row, coded."""
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), count), [text])
