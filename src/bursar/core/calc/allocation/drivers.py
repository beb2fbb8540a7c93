"""Drivers as patterns: which quantities divide a node, or why none do (rules S6 and S7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import gcd
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bursar.core.calc.allocation.model import UNALLOCATED
from bursar.core.calc.allocation.patterns import Pattern, Patterns, Sink, Sinks
from bursar.core.calc.allocation.space import Keys, NodeSpace
from bursar.core.calc.matching import SEPARATOR
from bursar.core.money.units import (
    integers_of,
    scale_of,
    scale_of_column,
    to_units,
    units_of_column,
)

_Quantities = dict[str | None, list[tuple[str, int]]]

_LOOKED_UP = (("solution", False), ("tower", False), ("tower", True),
              ("cost_pool", False), ("cost_pool", True))  # fmt: skip
"""Where a driver's from-key is looked for, in this order; True means the name's parent."""


class Quantity(NamedTuple):
    """A row of a driver: what it measures, from what (null: any), for whom."""

    measure: str
    from_key: str | None
    to_key: str


PROBLEMS = {
    "allocate.driver_missing": "A driver has no rows for the period; the cost stays unallocated.",
    "allocate.driver_zero": "A driver's quantities sum to zero; the cost stays unallocated.",
    "allocate.driver_negative": "A driver has a negative quantity; the cost stays unallocated.",
    "allocate.driver_unknown_target": "A driver names somebody who is no member; that share stays "
    "unallocated.",
}
"""What a run tells about drivers, by code."""


@dataclass(frozen=True)
class Drivers:
    """Quantities by measure and from-key, as whole numbers, targets ascending."""

    by_measure: Mapping[str, _Quantities]
    scales: Mapping[str, int]
    """Digits after the point of each measure's quantities."""

    @classmethod
    def of(cls, rows: pa.Table) -> Drivers:
        """From rows of measure, from_key (null or empty: any), to_key and quantity."""
        found: dict[str, _Quantities] = {}
        scales: dict[str, int] = {}
        sums = rows.group_by(["measure", "from_key", "to_key"]).aggregate([("quantity", "sum")])
        for measure in sorted(sums["measure"].unique().to_pylist()):
            part = sums.filter(pc.equal(sums["measure"], measure))
            column = part["quantity_sum"]
            scales[measure] = scale_of_column(column)
            numbers = integers_of(units_of_column(column, scales[measure])).tolist()
            froms, tos = part["from_key"].to_pylist(), part["to_key"].to_pylist()
            keyed: _Quantities = {}
            for from_key, to_key, number in zip(froms, tos, numbers, strict=True):
                keyed.setdefault(from_key or None, []).append((to_key, number))
            found[measure] = {key: _merged(pairs) for key, pairs in keyed.items()}
        return cls(found, scales)

    def replaced(self, quantities: Mapping[Quantity, Decimal]) -> Drivers:
        """The same with other quantities of rows that are there; raises KeyError for any other."""
        by_measure = dict(self.by_measure)
        scales = dict(self.scales)
        for measure in {quantity.measure for quantity in quantities}:
            changed = {(q.from_key or None, q.to_key): amount
                       for q, amount in quantities.items() if q.measure == measure}  # fmt: skip
            scale = max(scales[measure], scale_of(changed.values()))
            finer = 10 ** (scale - scales[measure])
            keyed = {
                from_key: [
                    (to_key, to_units(changed.pop((from_key, to_key)), scale)
                     if (from_key, to_key) in changed else number * finer)
                    for to_key, number in pairs
                ]
                for from_key, pairs in by_measure[measure].items()
            }  # fmt: skip
            if changed:
                raise KeyError(f"the driver '{measure}' has no row {next(iter(changed))}")
            by_measure[measure], scales[measure] = keyed, scale
        return Drivers(by_measure, scales)

    def targets(self) -> set[str]:
        """Every to-key that some driver names."""
        return {
            to_key
            for quantities in self.by_measure.values()
            for pairs in quantities.values()
            for to_key, _ in pairs
        }


def _merged(pairs: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Targets ascending, each once; null and empty from-keys meet here."""
    sums: dict[str, int] = {}
    for to_key, number in pairs:
        sums[to_key] = sums.get(to_key, 0) + number
    return sorted(sums.items())


@dataclass(frozen=True)
class DriverLookup:
    """One driver, ready to divide nodes whose `layer` is missing."""

    driver: str
    layer: str
    quantities: _Quantities
    scale: int
    """Digits after the point of the quantities."""
    codes: Mapping[str, int]
    space: NodeSpace
    sinks: Sinks

    def choose(self, keys: Keys) -> tuple[Patterns, npt.NDArray[Any]]:
        """The patterns, and for each node the number of the one that divides it."""
        listed, chosen = self.listed(keys)
        return Patterns.of([_in_lowest_terms(pairs) for pairs in listed]), chosen

    def listed(self, keys: Keys) -> tuple[list[Pattern], npt.NDArray[Any]]:
        """The same with the quantities themselves as weights, of those patterns that some node
        has; where the driver cannot divide, the pattern is one sink with the weight 1."""
        places, lacking = self.found(keys)
        used, chosen = np.unique(places, return_inverse=True)
        known = list(self.quantities.items())
        patterns = [
            self._pattern(*known[place])
            if place < len(known)
            else [(self.sinks.code(lacking[place - len(known)]), 1)]
            for place in used.tolist()
        ]
        return patterns, chosen.reshape(-1)

    def found(self, keys: Keys) -> tuple[npt.NDArray[Any], list[Sink]]:
        """For each node the place of its from-key among the quantities (rule S6); numbers behind
        them stand for the sinks, in order, of nodes that no from-key fits."""
        numbers = {key: number for number, key in enumerate(self.quantities)}
        chosen = np.full(len(keys), -1, np.int64)
        for layer, of_parent in _LOOKED_UP:
            names = [_from_key(name, of_parent) for name in self.space.names[layer]]
            found = np.array([numbers.get(name, -1) if name else -1 for name in names] + [-1])
            chosen = np.where(chosen < 0, found[self.space.codes(keys, layer)], chosen)
        chosen[chosen < 0] = numbers.get(None, -1)
        lacking: list[Sink] = []
        for layer in ("solution", "tower", "cost_pool"):
            codes = self.space.codes(keys, layer)
            for code in np.unique(codes[(chosen < 0) & (codes >= 0)]).tolist():
                chosen[(chosen < 0) & (codes == code)] = len(numbers) + len(lacking)
                lacking.append(self._no_rows(self.space.names[layer][code]))
        chosen[chosen < 0] = len(numbers) + len(lacking)
        lacking.append(self._no_rows(None))
        return chosen, lacking

    def unusable(self, key: str | None, pairs: list[tuple[str, int]]) -> Sink | None:
        """Where cost goes that these quantities cannot divide; None where they can (rule S7)."""
        about = f"'{key}'" if key else "any cost"
        if any(quantity < 0 for _, quantity in pairs):
            reason = f"the driver '{self.driver}' has a negative quantity for {about}"
            return Sink(UNALLOCATED, reason, "allocate.driver_negative")
        if not any(quantity for _, quantity in pairs):
            reason = f"the driver '{self.driver}' is zero for {about}"
            return Sink(UNALLOCATED, reason, "allocate.driver_zero")
        return None

    def _pattern(self, key: str | None, pairs: list[tuple[str, int]]) -> Pattern:
        sink = self.unusable(key, pairs)
        if sink is not None:
            return [(self.sinks.code(sink), 1)]
        return [(self.target(to_key), quantity) for to_key, quantity in pairs]

    def target(self, to_key: str) -> int:
        """A name that is no member keeps its share, visibly, so that nobody else pays for it."""
        if to_key in self.codes:
            return self.codes[to_key]
        reason = f"the driver '{self.driver}' names '{to_key}', which is no {self.layer}"
        return self._sink("allocate.driver_unknown_target", reason)

    def _no_rows(self, name: str | None) -> Sink:
        if not self.quantities:
            reason = f"the driver '{self.driver}' has no rows in this period"
        elif name is None:
            reason = f"the driver '{self.driver}' has no rows for unclassified cost"
        else:
            reason = f"the driver '{self.driver}' has no rows for '{name}'"
        return Sink(UNALLOCATED, reason, "allocate.driver_missing")

    def _sink(self, problem: str, reason: str) -> int:
        return self.sinks.code(Sink(UNALLOCATED, reason, problem))


def _in_lowest_terms(pairs: Pattern) -> Pattern:
    common = gcd(*(weight for _, weight in pairs))
    return [(target, weight // common) for target, weight in pairs] if common > 1 else pairs


def _from_key(name: str, of_parent: bool) -> str | None:
    if not of_parent:
        return name
    parent, separator, _ = name.partition(SEPARATOR)
    return parent if separator else None
