"""What a run would charge with other quantities, found from what the change touches (WI1-WI3)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa

from bursar.core.calc.allocation.dividing import IN_COLUMNS, Terms
from bursar.core.calc.allocation.drivers import Drivers, Quantity
from bursar.core.calc.allocation.engine import Carrier, space_of
from bursar.core.calc.allocation.model import Step
from bursar.core.calc.allocation.resting import Payer
from bursar.core.calc.allocation.space import Codes, Keys
from bursar.core.calc.allocation.split import Integers


class WhatIf:
    """A run that was carried out once, and keeps what stood before each of its steps.

    A change carries two small runs side by side: the nodes whose division it changes and all that
    they reach, once as they were and once as they would be. Each node enters a step with all that
    it holds there, so every division is the one of a whole run, and so is every last unit.
    """

    def __init__(
        self,
        *,
        nodes: pa.Table,
        steps: Sequence[Step],
        members: Mapping[str, Collection[str]],
        drivers: pa.Table,
        terms: Terms | None = None,
    ) -> None:
        """The same arguments as `engine.allocate` takes."""
        self._steps = list(steps)
        self._members, self._terms = members, terms or Terms()
        self._drivers = Drivers.of(drivers)
        self._space = space_of(nodes, steps, members, self._drivers, self._terms)
        whole = self._carrier(self._drivers)
        whole.enter(nodes)
        self._before: list[tuple[Keys, Integers]] = []
        for number, step in enumerate(self._steps, start=1):
            self._before.append((whole.keys, whole.open.copy()))
            whole.carry(number, step)
        self._before.append((whole.keys, whole.open.copy()))
        whole.resting.at_the_end(whole.keys, whole.open, self._steps)
        self.charged: dict[Payer, int] = whole.resting.sums()
        """Units by who bears them, as the run has it."""
        self._divided_by: dict[tuple[int, str], tuple[Keys, Codes]] = {}

    def changed(self, quantities: Mapping[Quantity, Decimal]) -> dict[Payer, int]:
        """Units that somebody would bear more (or less) with these quantities in the place of what
        the drivers have; who bears the same is not told. Raises KeyError for a row that no driver
        has.
        """
        drivers = self._drivers.replaced(quantities)
        sides = self._carrier(self._drivers), self._carrier(drivers)
        touched = {(q.measure, q.from_key or None) for q in quantities}
        keys, more = np.zeros(0, np.int64), np.zeros(0, self._before[0][1].dtype)
        for number, step in enumerate(self._steps, start=1):
            mine = np.union1d(keys, self._affected(number, step, touched, bool(len(keys))))
            if not len(mine):
                continue
            self._enter(sides, number - 1, mine, (keys, more))
            for side in sides:
                side.carry(number, step)
            keys, more = _difference(*sides)
        self._enter(sides, len(self._steps), keys, (keys, more))
        for side in sides:
            side.resting.at_the_end(side.keys, side.open, self._steps)
        before, after = (side.resting.sums() for side in sides)
        moved = {p: after.get(p, 0) - before.get(p, 0) for p in {**before, **after}}
        return {payer: units for payer, units in moved.items() if units}

    def _carrier(self, drivers: Drivers) -> Carrier:
        return Carrier(self._space, drivers, self._members, self._terms)

    def _enter(
        self,
        sides: tuple[Carrier, Carrier],
        step: int,
        keys: Keys,
        more: tuple[Keys, Integers],
    ) -> None:
        """These nodes before a step: with what they hold there, and with what the change adds."""
        held = _at(keys, *self._before[step])
        for side, amounts in zip(sides, (held, held + _at(keys, *more)), strict=True):
            side.keys, side.open = keys, amounts
            side.direct, side.total = np.zeros_like(amounts), amounts.copy()

    def _affected(
        self, number: int, step: Step, touched: Collection[tuple[str, str | None]], reached: bool
    ) -> Keys:
        """Nodes whose division is another one; where a rule looks at all its nodes together, all
        that the step takes."""
        keys, _ = self._before[number - 1]
        measures = {name for rule in step.rules for name in rule.measures}
        using = [(measure, key) for measure, key in touched if measure in measures]
        together = step.among or any(rule.method in IN_COLUMNS for rule in step.rules)
        if together and (using or reached):
            return keys
        found = [np.zeros(0, np.int64)]
        for measure, key in using:
            open_nodes, chosen = self._chosen(number, step, measure)
            place = list(self._drivers.by_measure[measure]).index(key)
            found.append(open_nodes[chosen == place])
        return np.concatenate(found)

    def _chosen(self, number: int, step: Step, measure: str) -> tuple[Keys, Codes]:
        """The nodes that lack the step's layer, and which quantities of the driver each has."""
        if (number, measure) not in self._divided_by:
            keys, _ = self._before[number - 1]
            keys = keys[self._space.codes(keys, step.to) < 0]
            lookup = self._carrier(self._drivers).divider.lookup(measure, step.to)
            self._divided_by[number, measure] = keys, lookup.found(keys)[0]
        return self._divided_by[number, measure]


def _at(keys: Keys, known: Keys, amounts: Integers) -> Integers:
    """The amounts at these nodes, zero where there is none; both are ascending."""
    found = np.zeros(len(keys), amounts.dtype)
    if len(known):
        place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        there = known[place] == keys
        found[there] = amounts[place[there]]
    return found


def _difference(before: Carrier, after: Carrier) -> tuple[Keys, Integers]:
    """What the second holds more than the first, at the nodes where they differ."""
    keys = np.union1d(before.keys, after.keys)
    more = _at(keys, after.keys, after.open) - _at(keys, before.keys, before.open)
    differs = more != 0
    return keys[differs], more[differs]
