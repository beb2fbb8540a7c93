"""By which weights a weighted rule divides: one driver, several, or one beside its idle capacity.

Several drivers (rule S13): each divides its percentage. Idle capacity (rule S14): what of a stated
capacity nobody used has a weight of its own, which is negative where more was used than there is.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from bursar.core.calc.allocation.drivers import DriverLookup
from bursar.core.calc.allocation.model import RETAINED, UNALLOCATED, Rule
from bursar.core.calc.allocation.patterns import Pattern, Patterns, Sink, whole_weights
from bursar.core.calc.allocation.space import Codes, Keys
from bursar.core.money.units import scale_of, to_units

_Found = Sink | list[tuple[str, int]]
"""Quantities by to-key, or where cost goes that they cannot divide."""
Lookup = Callable[[str], DriverLookup]


def weighed(rule: Rule, lookup: Lookup, keys: Keys) -> tuple[Patterns, Codes]:
    """The patterns of the rule's drivers, and for each node the number of its own."""
    if rule.capacity:
        listed, chosen = _beside_idle(rule, lookup, keys)
    elif rule.drivers:
        listed, chosen = _together(rule, lookup, keys)
    else:
        return lookup(rule.driver or "").choose(keys)
    return Patterns.of(listed), chosen


def _together(rule: Rule, lookup: Lookup, keys: Keys) -> tuple[list[Pattern], Codes]:
    parts = [(percent, *lookup(name).listed(keys)) for name, percent in rule.drivers]
    scale = scale_of(percent for percent, _, _ in parts)
    combinations, chosen = _combined([chosen for _, _, chosen in parts])
    found = []
    for combination in combinations:
        shares: dict[int, Fraction] = {}
        for (percent, listed, _), place in zip(parts, combination, strict=True):
            whole = sum(weight for _, weight in listed[place])
            for target, weight in listed[place]:
                part = Fraction(to_units(percent, scale) * weight, whole)
                shares[target] = shares.get(target, Fraction(0)) + part
        found.append(whole_weights(shares))
    return found, chosen


def _beside_idle(rule: Rule, lookup: Lookup, keys: Keys) -> tuple[list[Pattern], Codes]:
    used, there = lookup(rule.driver or ""), lookup(rule.capacity or "")
    of_used, of_there = used.found(keys), there.found(keys)
    combinations, chosen = _combined([of_used[0], of_there[0]])
    found = []
    for combination in combinations:
        quantities: list[_Found] = []
        for driver, (_, lacking), place in zip(
            (used, there), (of_used, of_there), combination, strict=True
        ):
            listed = list(driver.quantities.items())
            if place >= len(listed):
                quantities.append(lacking[place - len(listed)])
                continue
            key, pairs = listed[place]
            quantities.append(driver.unusable(key, pairs) or pairs)
        found.append(_with_idle(rule, used, there, quantities))
    return found, chosen


def _with_idle(rule: Rule, used: DriverLookup, there: DriverLookup, found: list[_Found]) -> Pattern:
    """Nothing used leaves all of the capacity idle; no capacity is a driver without rows."""
    pairs, capacity = found
    if isinstance(capacity, Sink):
        return [(there.sinks.code(capacity), 1)]
    if isinstance(pairs, Sink):
        if pairs.problem != "allocate.driver_zero":
            return [(used.sinks.code(pairs), 1)]
        pairs = []
    shares: dict[int, Fraction] = {}
    for to_key, quantity in pairs:
        target = used.target(to_key)
        shares[target] = shares.get(target, Fraction(0)) + Fraction(quantity, 10**used.scale)
    idle = Fraction(sum(quantity for _, quantity in capacity), 10**there.scale)
    idle -= sum(shares.values())
    target = _idle_target(rule, used)
    shares[target] = shares.get(target, Fraction(0)) + idle
    return whole_weights(shares)


def _idle_target(rule: Rule, used: DriverLookup) -> int:
    if rule.idle in (UNALLOCATED, RETAINED):
        return used.sinks.code(Sink(rule.idle, f"idle capacity of '{rule.capacity}'"))
    return used.target(rule.idle or "")


def _combined(places: list[Codes]) -> tuple[list[list[int]], Codes]:
    """Each combination of places once, and which of them each node has."""
    found, chosen = np.unique(np.stack(places, axis=1), axis=0, return_inverse=True)
    return found.tolist(), chosen.reshape(-1)
