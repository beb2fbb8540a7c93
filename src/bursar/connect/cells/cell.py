"""What reading a column of cells gives: values, and the reasons where there is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.coding import CODED, is_text

NULL_WORDS = frozenset({"", "null"})


class Reason(NamedTuple):
    """Why a cell could not be read."""

    code: str
    message: str


@dataclass
class Cells:
    """One column's values; a bad cell is null in `values` and has its reason in `bad`.

    `noticed` counts by code what was read but deserves a warning.
    """

    values: pa.Array
    bad: dict[int, Reason] = field(default_factory=dict)
    noticed: dict[str, int] = field(default_factory=dict)


CellReader = Callable[[pa.Array], Cells]


Parse = Callable[[str], Hashable | None]
"""Reads one text: a value, nothing for an empty cell, or a `Reason`."""

Known = dict[str, Hashable | None]


def read_distinct(
    column: pa.Array, parse: Parse, *, type_: pa.DataType, known: Known
) -> tuple[Cells, list[str]]:
    """Reads each distinct text once; `known` keeps results over blocks. Also gives the texts.

    Coded texts stay coded.
    """
    encoded = column if column.type == CODED else pc.dictionary_encode(column)
    texts = encoded.dictionary.to_pylist()
    results = []
    for text in texts:
        if text not in known:
            known[text] = parse(text)
        results.append(known[text])
    values = [None if isinstance(result, Reason) else result for result in results]
    cells = Cells(_spread(pa.array(values, type_), encoded.indices, coded=column.type == CODED))
    wrong = [i for i, result in enumerate(results) if isinstance(result, Reason)]
    if wrong:
        is_wrong = pc.is_in(encoded.indices, pa.array(wrong, pa.int32()))
        for row in pc.indices_nonzero(is_wrong).to_pylist():
            cells.bad[row] = results[encoded.indices[row].as_py()]
    return cells, texts


def _spread(values: pa.Array, indices: pa.Array, *, coded: bool) -> pa.Array:
    """The value of each row; two spellings of one word get one code."""
    if not (coded and pa.types.is_string(values.type)):
        return values.take(indices)
    words = pc.dictionary_encode(values)
    return pa.DictionaryArray.from_arrays(words.indices.take(indices), words.dictionary)


def as_text(column: pa.Array) -> Cells:
    """Text as it came; typed columns of Parquet in Arrow's own spelling."""
    if is_text(column.type):
        return Cells(column)
    if pa.types.is_nested(column.type):
        return Cells(nested_as_json(column))
    return Cells(pc.cast(column, pa.string()))


def nested_as_json(column: pa.Array) -> pa.Array:
    """Maps, structs and lists of Parquet as JSON text."""
    is_map = pa.types.is_map(column.type)
    return pa.array(
        [
            None if value is None else _as_json(dict(value) if is_map else value)
            for value in column.to_pylist()
        ],
        pa.string(),
    )


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
