"""Exact sums of whole units by key or by node, in int64 only where it provably holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bursar.core.calc.allocation.split import Integers
from bursar.core.calc.allocation.telescope import INT64_SAFE


def sums_by_key(keys: npt.NDArray[Any], units: Integers) -> tuple[npt.NDArray[Any], Integers]:
    """Distinct keys, ascending, and the sum of the units of each."""
    if not len(keys):
        return keys, units
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return ordered[starts], np.add.reduceat(_roomy(units)[order], starts)


def sums_by_node(count: int, node_ids: npt.NDArray[Any], units: Integers) -> Integers:
    """One sum per node; nodes are numbered from 0 to `count` - 1."""
    amounts = _roomy(units)
    sums: Integers = np.zeros(count, amounts.dtype)
    np.add.at(sums, node_ids, amounts)
    return sums


def _roomy(units: Integers) -> Integers:
    """The units as Python integers, unless no sum of them can leave int64."""
    if units.dtype == object:
        return units
    largest = max(-int(units.min(initial=0)), int(units.max(initial=0)))
    return units if largest * len(units) < INT64_SAFE else units.astype(object)
