"""One period of a run as it was written, with its trace sorted both ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bursar.allocate.entries import entries_of
from bursar.allocate.inputs import FrozenInputs, frozen_inputs
from bursar.allocate.models import RunPeriod
from bursar.allocate.run_files import read_run
from bursar.core.calc.allocation.split import Integers, split
from bursar.core.calc.allocation.trace import TraceIndex
from bursar.core.calc.classification import LAYERS
from bursar.core.money.amount import exact_sum
from bursar.core.money.units import from_units, integers_of, units_of_column
from bursar.core.tables.allocation import ALLOCATED_LINE, ALLOCATION_NODE, ALLOCATION_TRACE


@dataclass(frozen=True)
class PathRow:
    """One movement on the way; step 0 is the classification."""

    step: int
    name: str
    rule: str
    driver: str | None
    source: str | None
    target: str | None
    amount: Decimal


class RunTrace:
    """One period of a run, ready to be asked in both directions."""

    def __init__(self, run_period: RunPeriod) -> None:
        self.run_period = run_period
        self.scale = run_period.scale
        self.inputs: FrozenInputs = frozen_inputs(run_period)
        self.nodes = read_run(run_period, ALLOCATION_NODE)
        self.edges = read_run(run_period, ALLOCATION_TRACE)
        self.lines = read_run(run_period, ALLOCATED_LINE)
        self.entries = entries_of(run_period)
        self.index = TraceIndex(self.nodes, self.edges)
        self._steps = self.inputs.model.steps

    def amount(self, units: int) -> Decimal:
        return from_units(int(units), self.scale)

    def units_of_lines(self, lines: pa.Table) -> Integers:
        return integers_of(units_of_column(lines["amount"], self.scale))

    def entered(self, nodes: Iterable[int], units: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Rows of `entries` behind directly entered units, each with its share of them."""
        owners = self.entries["node_id"].to_numpy()
        weights = integers_of(self.entries["units"])
        for node, amount in zip(nodes, units, strict=True):
            start, end = np.searchsorted(owners, [node, node + 1])
            shares = divided(int(amount), weights[start:end])
            yield from ((start + i, share) for i, share in enumerate(shares) if share)

    def path(self, rows: npt.NDArray[Any], units: Integers) -> Iterator[PathRow]:
        """The edges on a way, summed by rule and by the names they join."""
        part = self.edges.take(pa.array(rows))
        sums: dict[tuple[Any, ...], list[Decimal]] = {}
        for edge, moved in zip(part.to_pylist(), units.tolist(), strict=True):
            layer = self._steps[edge["step"] - 1].to
            before = LAYERS[LAYERS.index(layer) - 1]
            key = (
                edge["step"],
                edge["rule"],
                edge["driver"],
                self._name(edge["from_node"], before),
                self._name(edge["to_node"], layer),
            )
            sums.setdefault(key, []).append(self.amount(moved))
        for key in sorted(sums, key=_sort_key):
            step, rule, driver, source, target = key
            name = self._steps[step - 1].name
            yield PathRow(step, name, rule, driver, source, target, exact_sum(sums[key]))

    def classified(self, shares: Iterable[tuple[int, int]]) -> Iterator[PathRow]:
        """The first part of the way: by which rules cost came to its pool."""
        sums: dict[tuple[Any, ...], list[Decimal]] = {}
        rules = self.entries["rules"]
        owners = self.entries["node_id"]
        for row, units in shares:
            pool = self._name(owners[row].as_py(), "cost_pool")
            sums.setdefault((rules[row].as_py() or "", pool), []).append(self.amount(units))
        for key in sorted(sums, key=_sort_key):
            rule, pool = key
            yield PathRow(0, "classify", rule, None, None, pool, exact_sum(sums[key]))

    def _name(self, node: int, layer: str) -> str | None:
        found: str | None = self.nodes[layer][node].as_py()
        return found


@lru_cache(maxsize=4)
def _index(run_id: str, period: str) -> RunTrace:
    rows = RunPeriod.objects.select_related("run")
    return RunTrace(rows.get(run__run_id=run_id, period=period))


def trace_of(run_period: RunPeriod) -> RunTrace:
    """The trace of a run, kept for the next question: what a run wrote never changes."""
    return _index(run_period.run.run_id, run_period.period)


def divided(amount: int, weights: Integers) -> list[int]:
    """An amount over signed weights; by their size where they cancel each other."""
    ends = np.array([0, len(weights)])
    found = split(np.array([amount], object), ends, weights)
    if found.undistributed[0]:
        found = split(np.array([amount], object), ends, np.abs(weights))
    return [int(share) for share in found.flows.tolist()]


def _sort_key(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple((part is not None, part) if isinstance(part, str | None) else part for part in key)
