"""What a run made of each cost that entered it: every part of it, and its exact ratio (SC1-SC3).

An *origin* is the cost that entered the model at one node: one combination of legal entity,
currency and layers that classification reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow.compute as pc

from bursar.allocate.models import RunPeriod
from bursar.allocate.run_trace import RunTrace, divided, trace_of
from bursar.core.calc.allocation.split import Integers, as_integers, split
from bursar.core.money.units import from_units, integers_of

RATIO_PLACES = 18
"""Digits after the point of a ratio; all of one origin add up to exactly 1 in them."""

_WHOLE = 10**RATIO_PLACES
_Part = tuple[dict[str, Any], int]
"""Names of an allocated line, and units."""


@dataclass(frozen=True)
class Origin:
    """Cost of one node as it entered the model; layers that classification left open are None."""

    node: int
    legal_entity: str
    currency: str
    cost_pool: str | None
    tower: str | None
    solution: str | None
    consumer: str | None
    amount: Decimal


@dataclass(frozen=True)
class SplitCharge:
    """A part of an origin, where it came to rest."""

    origin: Origin
    outcome: str
    """allocated, unallocated, retained, recovery_gap or markup."""
    consumer: str | None
    solution: str | None
    tower: str | None
    cost_pool: str | None
    amount: Decimal
    ratio: Decimal | None
    """Its share of what goes the origin's way, from 0 to 1; None for a part that goes against it,
    such as the other side of a markup."""


def split_charges(run_period: RunPeriod) -> Iterator[SplitCharge]:
    """Every part of every origin of a run, origin by origin in the order of their nodes."""
    trace = trace_of(run_period)
    resting = _Resting(trace)
    direct = integers_of(trace.nodes["direct_units"])
    rows = trace.nodes.drop_columns(["direct_units", "total_units"])
    for node in np.flatnonzero(direct != 0).tolist():
        named = rows.slice(node, 1).to_pylist()[0]
        units = int(direct[node])
        origin = Origin(node=named.pop("node_id"), amount=trace.amount(units), **named)
        found = trace.index.destinations_of(np.array([node]), as_integers([units]))
        yield from _parts(trace, origin, resting.at(found.nodes.tolist(), found.units.tolist()))


class _Resting:
    """The allocated lines by the node at which they rest."""

    def __init__(self, trace: RunTrace) -> None:
        lines = trace.lines.take(pc.sort_indices(trace.lines, [("node_id", "ascending")]))
        self._nodes = lines["node_id"].to_numpy()
        self._units = trace.units_of_lines(lines)
        names = ["outcome", "consumer", "solution", "tower", "cost_pool"]
        self._names = lines.select(names).to_pylist()

    def at(self, nodes: Sequence[int], units: Sequence[int]) -> Iterator[_Part]:
        """What of these amounts each line at their nodes holds."""
        for node, amount in zip(nodes, units, strict=True):
            start, end = np.searchsorted(self._nodes, [node, node + 1]).tolist()
            shares = divided(int(amount), self._units[start:end])
            for place, share in zip(range(start, end), shares, strict=True):
                if share:
                    yield self._names[place], share


def _parts(trace: RunTrace, origin: Origin, found: Iterator[_Part]) -> Iterator[SplitCharge]:
    parts = list(found)
    forward = [units if (units > 0) == (origin.amount > 0) else 0 for _, units in parts]
    ratios = _ratios(as_integers([abs(units) for units in forward]))
    for (names, units), share, along in zip(parts, ratios, forward, strict=True):
        ratio = from_units(share, RATIO_PLACES) if along else None
        yield SplitCharge(origin, amount=trace.amount(units), ratio=ratio, **names)


def _ratios(weights: Integers) -> list[int]:
    """Shares of 10^RATIO_PLACES that add up to it."""
    ends = np.array([0, len(weights)])
    return [int(share) for share in split(as_integers([_WHOLE]), ends, weights).flows.tolist()]
