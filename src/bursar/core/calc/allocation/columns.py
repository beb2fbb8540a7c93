"""Methods whose charges are known before the cost is looked at: waterfalls and rates (S15, S16).

What a consumer pays in all is one column; it is taken from the nodes of the rule in proportion to
what they hold, and what the columns leave of a node, or take beyond it, is the node's rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bursar.core.calc.allocation.space import Codes
from bursar.core.calc.allocation.split import Integers, as_integers, split_exact

Column = tuple[int, int]
"""Target code and units."""


@dataclass(frozen=True)
class Flows:
    """Amounts from places (of the nodes given) to target codes."""

    places: Codes
    targets: Codes
    units: Integers

    @classmethod
    def of(cls, found: Sequence[tuple[int, int, int]]) -> Flows:
        return cls(
            np.array([place for place, _, _ in found], np.int64),
            np.array([target for _, target, _ in found], np.int64),
            as_integers([units for _, _, units in found]),
        )


def waterfall(amounts: Sequence[int], caps: Sequence[Column], rest: int) -> Flows:
    """Fill each target up to its cap, in order; what is left goes to `rest`.

    Columns and nodes both come out exactly, because each column is divided over what its
    predecessors left of the nodes. Where all nodes together owe nothing, the first target takes
    the credit: it is the first to be charged, so it is the first to be repaid.
    """
    left, whole = list(amounts), sum(amounts)
    found: list[tuple[int, int, int]] = []
    for target, cap in caps if whole > 0 else ((caps[0][0], 0),):
        taken = min(cap, sum(left)) if whole > 0 else whole
        flows = split_exact(taken, left) if sum(left) else left
        found += [(place, target, flow) for place, flow in enumerate(flows) if flow]
        left = [amount - flow for amount, flow in zip(left, flows, strict=True)]
    found += [(place, rest, amount) for place, amount in enumerate(left) if amount]
    return Flows.of(found)


def charged(amounts: Sequence[int], charges: Sequence[Column], gap: int) -> Flows:
    """Take every charge from the nodes by their size; cost less charges goes to `gap`, signed."""
    sizes = [abs(amount) for amount in amounts]
    left = list(amounts)
    found: list[tuple[int, int, int]] = []
    for target, units in charges:
        for place, flow in enumerate(split_exact(units, sizes)):
            if flow:
                found.append((place, target, flow))
                left[place] -= flow
    found += [(place, gap, amount) for place, amount in enumerate(left) if amount]
    return Flows.of(found)


def over_all(amounts: Integers, weights: Sequence[Column]) -> Flows:
    """Each amount divided over the same members by the same weights."""
    shares = [units for _, units in weights]
    found = [
        (place, target, flow)
        for place, amount in enumerate(amounts.tolist())
        for (target, _), flow in zip(weights, split_exact(int(amount), shares), strict=True)
        if flow
    ]
    return Flows.of(found)
