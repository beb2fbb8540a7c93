"""The one place where money is divided: exact, by telescoping, in integers (rules A1-A8).

An amount A over weights w_1..w_n with sum W is cut at the running totals

    P_i = |A| * (w_1 + ... + w_i) / W, rounded to whole units, half upwards
    flow_i = sign(A) * (P_i - P_(i-1))

so the flows add up to A whatever the rounding did. Groups come one after the other, as in a
sparse matrix stored by rows: group i owns `weights[offsets[i]:offsets[i + 1]]`, in the caller's
order, which should be a stable one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt

from bursar.core.calc.allocation.telescope import (
    BLOCK,
    INT64_SAFE,
    Block,
    Scratch,
    telescope_block,
)

Integers = npt.NDArray[Any]
"""An array of int64, or of Python integers (dtype object) where int64 is too small."""


@dataclass(frozen=True)
class Split:
    """Flows in the order of the weights, and the groups whose amount found no weight.

    `flows` is int64 where every step provably stays inside it, else an array of Python integers.
    """

    flows: Integers
    undistributed: npt.NDArray[np.bool_]


def split_exact(amount: int, weights: Sequence[int]) -> list[int]:
    """The rule itself, for one amount, in plain integers; the array kernel must agree with it."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    side = -1 if amount < 0 else 1
    factor, whole = (abs(amount), whole) if whole > 0 else (-abs(amount), -whole)
    flows, running, cut = [], 0, 0
    for weight in weights:
        running += weight
        next_cut = (factor * running + whole // 2) // whole
        flows.append(side * (next_cut - cut))
        cut = next_cut
    return flows


def split(
    amounts: Integers | Sequence[int], offsets: Integers, weights: Integers | Sequence[int]
) -> Split:
    """Split every amount over the weights of its group; integers in, integers out, exactly."""
    given = as_integers(amounts)
    # The kernel looks at int64 weights itself, block by block.
    shares = weights if _is_int64(weights) else as_integers(weights)
    bounds = np.asarray(offsets, np.int64)
    if len(bounds) != len(given) + 1 or bounds[0] != 0 or bounds[-1] != len(shares):
        raise ValueError("offsets must run from 0 to the number of weights, one more than amounts")
    sizes = np.diff(bounds)
    if len(sizes) and sizes.min() < 0:
        raise ValueError("offsets must not fall")
    filled = np.flatnonzero(sizes)
    whole = np.zeros(len(given), shares.dtype)
    if object in (given.dtype, shares.dtype):
        flows, sums = _split_wide(given[filled], _closed(bounds, filled), shares)
    else:
        flows, sums = _split_narrow(given[filled], _closed(bounds, filled), shares)
    whole = whole.astype(sums.dtype)
    whole[filled] = sums
    undistributed = np.asarray((whole == 0) & (given != 0), bool)
    return Split(flows, undistributed)


def as_integers(values: Integers | Sequence[int]) -> Integers:
    """int64 where every value is below 2^62 in size, so that sums of two fit; else objects."""
    array = values if isinstance(values, np.ndarray) else np.array(list(values), dtype=object)
    if array.dtype.kind not in "iuO":
        raise TypeError(f"money and weights are integers here, not {array.dtype}")
    if not len(array):
        return array.astype(np.int64)
    if int(array.min()) > -INT64_SAFE and int(array.max()) < INT64_SAFE:
        return array.astype(np.int64, copy=False)
    return array.astype(object)


def _closed(bounds: Integers, filled: Integers) -> Integers:
    """Offsets of the groups that have weights; empty groups own nothing and drop out."""
    return np.append(bounds[filled], bounds[-1:])


def _split_narrow(
    amounts: Integers, bounds: Integers, weights: Integers
) -> tuple[Integers, Integers]:
    """Block by block of whole groups, small enough for the cache; results do not depend on where
    blocks are cut. Blocks that do not provably fit int64 are redone wide.
    """
    flows = np.empty(len(weights), np.int64)
    sums = np.empty(len(amounts), np.int64)
    starts, sizes = bounds[:-1], np.diff(bounds)
    cuts = np.searchsorted(bounds, np.arange(0, len(weights), BLOCK), side="right") - 1
    cuts = np.append(np.unique(cuts), len(amounts))
    scratch = Scratch(int(np.diff(bounds[cuts]).max(initial=0)))
    too_wide = []
    for first, last in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        groups, edges = slice(first, last), slice(bounds[first], bounds[last])
        block = Block(
            amounts[groups], starts[groups] - edges.start, sizes[groups],
            weights[edges], flows[edges], sums[groups],
        )  # fmt: skip
        if not telescope_block(block, scratch):
            too_wide.append((first, last))
    return _redo_wide(too_wide, flows, sums, (amounts, bounds, weights))


def _redo_wide(
    blocks: list[tuple[int, int]],
    flows: Integers,
    sums: Integers,
    given: tuple[Integers, Integers, Integers],
) -> tuple[Integers, Integers]:
    if not blocks:
        return flows, sums
    amounts, bounds, weights = given
    flows, sums = flows.astype(object), sums.astype(object)
    for start, stop in blocks:
        low, high = bounds[start], bounds[stop]
        part = bounds[start : stop + 1] - low
        flows[low:high], sums[start:stop] = _split_objects(
            amounts[start:stop].astype(object), part, weights[low:high].astype(object)
        )
    return as_integers(flows), sums


def _split_wide(
    amounts: Integers, bounds: Integers, weights: Integers
) -> tuple[Integers, Integers]:
    """Amounts or weights beyond int64.

    Where only the amounts are wide, A = q * W + r, and q * w_i is a whole number that needs no
    rounding: what is left to round is r, which int64 holds.
    """
    if not len(amounts):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    wide_weights = weights.astype(object)
    if weights.dtype == object:
        return _split_objects(amounts.astype(object), bounds, wide_weights)
    sums = np.add.reduceat(wide_weights, bounds[:-1])
    divisor = np.where(sums == 0, 1, np.abs(sums))
    size = np.where(sums == 0, 0, np.abs(amounts.astype(object)))
    quotient, rest = size // divisor, as_integers(size % divisor)
    narrow = rest.dtype != object
    rounded, _ = (
        _split_narrow(rest, bounds, weights)
        if narrow
        else _split_objects(rest, bounds, wide_weights)
    )
    side = np.where(amounts < 0, -1, 1).astype(object)
    turned = quotient * np.where(sums < 0, -1, 1)
    groups = np.diff(bounds)
    flows = np.repeat(turned, groups) * wide_weights + rounded.astype(object)
    return as_integers(flows * np.repeat(side, groups)), sums


def _is_int64(values: object) -> TypeGuard[Integers]:
    return isinstance(values, np.ndarray) and values.dtype == np.int64


def _split_objects(
    amounts: Integers, bounds: Integers, weights: Integers
) -> tuple[Integers, Integers]:
    """The rule group by group in Python's integers: any size, about a microsecond per weight."""
    flows = np.empty(len(weights), object)
    sums = np.empty(len(amounts), object)
    for group, amount in enumerate(amounts):
        owned = weights[bounds[group] : bounds[group + 1]].tolist()
        flows[bounds[group] : bounds[group + 1]] = split_exact(amount, owned)
        sums[group] = sum(owned)
    return flows, sums
