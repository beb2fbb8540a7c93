"""Combinations of legal entity, currency and layers, told apart as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bursar.core.calc.classification import LAYERS
from bursar.core.refusal import InvariantBroken

KEY = ("legal_entity", "currency", *LAYERS)
"""What makes a node."""

_LARGEST = 1 << 62


def distinct(keys: pa.Table) -> tuple[pa.Table, npt.NDArray[np.int64]]:
    """Each combination once, in ascending order with nulls first, and the row of every key."""
    combined, spread = np.zeros(keys.num_rows, np.int64), 1
    for name in keys.column_names:
        ranks, count = _ranked(keys[name])
        if spread * (count + 1) >= _LARGEST:
            combined = np.unique(combined, return_inverse=True)[1].astype(np.int64)
            spread = len(combined) + 1
        combined = combined * (count + 1) + ranks
        spread *= count + 1
    coded = pc.dictionary_encode(pa.array(combined))
    values, places = coded.dictionary.to_numpy(), coded.indices.to_numpy()
    first = np.empty(len(values), np.int64)
    first[places[::-1]] = np.arange(len(places) - 1, -1, -1)
    order = np.argsort(values)
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(len(values))
    return keys.take(pa.array(first[order])), rank[places]


def matching(known: npt.NDArray[np.int64], wanted: Any) -> npt.NDArray[np.int64]:
    """Where each wanted id stands among the known ones, which ascend; all must be there."""
    ids = wanted.to_numpy() if isinstance(wanted, pa.ChunkedArray) else wanted
    rows: npt.NDArray[np.int64] = np.searchsorted(known, ids)
    if len(ids) and (not len(known) or (known[np.minimum(rows, len(known) - 1)] != ids).any()):
        raise InvariantBroken("Cost of the ledger has a dimension that is in no file.")
    return rows


def _ranked(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], int]:
    """Each value's place among the sorted distinct ones, from 1; 0 is null."""
    coded = column.combine_chunks()
    if not pa.types.is_dictionary(coded.type):
        coded = coded.dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.unify_dictionaries().combine_chunks()
    values = coded.dictionary.to_pylist()
    order = {value: rank for rank, value in enumerate(sorted(values), start=1)}
    ranks = np.array([*(order[value] for value in values), 0], np.int64)
    return ranks[coded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)], len(values)
