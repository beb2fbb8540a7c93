"""One run of the cost model's steps: money moves from node to node until it rests (S1-S11)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from bursar.core.calc.allocation.conserve import assert_conserved
from bursar.core.calc.allocation.drivers import DriverLookup, Drivers
from bursar.core.calc.allocation.model import Rule, Step
from bursar.core.calc.allocation.patterns import PASSED_ON, Patterns, Sinks, plain_pattern
from bursar.core.calc.allocation.resting import Problem, Resting
from bursar.core.calc.allocation.space import Codes, Keys, NodeSpace
from bursar.core.calc.allocation.split import Integers, split
from bursar.core.calc.allocation.sums import sums_by_key
from bursar.core.calc.allocation.telescope import INT64_SAFE
from bursar.core.calc.matching import Matcher, Rows
from bursar.core.money.units import column_of_integers, integers_of
from bursar.core.tables.allocation import ALLOCATION_NODE, ALLOCATION_TRACE


@dataclass(frozen=True)
class Allocation:
    """What a run leaves behind.

    `nodes` and `trace` are as `core/tables/allocation.py` declares them; `node_id` is the node's
    row. `allocated` has legal_entity, currency, node_id, outcome, the four layers, units, reason.
    `entries` gives, for every row of the input, the node at which its money entered.
    """

    nodes: pa.Table
    trace: pa.Table
    allocated: pa.Table
    entries: pa.Array
    problems: tuple[Problem, ...]


def allocate(
    *,
    nodes: pa.Table,
    steps: Sequence[Step],
    members: Mapping[str, Collection[str]],
    drivers: pa.Table,
) -> Allocation:
    """Run the steps over nodes of legal_entity, currency, the four layers and direct_units.

    `members` are the names that a driver may charge, by layer; `drivers` are the rows of the
    period (measure, from_key, to_key, quantity). Conservation is asserted before it returns.
    """
    quantities = Drivers.of(drivers)
    charged = {step.to: quantities.targets() & set(members.get(step.to, ())) for step in steps}
    space = NodeSpace.of(nodes, steps, charged)
    run = _Run(space, quantities, members)
    entered = run.enter(nodes)
    for number, step in enumerate(steps, start=1):
        run.take(number, step)
    run.resting.at_the_end(run.keys, run.open, steps)
    allocation = run.written(entered)
    assert_conserved(allocation.nodes, allocation.trace, allocation.allocated)
    return allocation


@dataclass
class _Moves:
    """Edges of the run, piece by piece: step, rule and driver are one per piece."""

    labels: list[tuple[int, str, str | None]] = field(default_factory=list)
    sources: list[Keys] = field(default_factory=list)
    targets: list[Keys] = field(default_factory=list)
    units: list[Integers] = field(default_factory=list)


class _Run:
    """The state between steps: sorted nodes, what entered each, and what still has to move."""

    def __init__(
        self, space: NodeSpace, drivers: Drivers, members: Mapping[str, Collection[str]]
    ) -> None:
        self.space = space
        self.drivers = drivers
        self.members = members
        self.keys: Keys = np.zeros(0, np.int64)
        self.direct: Integers = np.zeros(0, np.int64)
        self.total: Integers = np.zeros(0, np.int64)
        self.open: Integers = np.zeros(0, np.int64)
        self.moves = _Moves()
        self.resting = Resting(space, Sinks())

    def enter(self, nodes: pa.Table) -> Keys:
        """The ledger's own amounts; equal combinations of layers are one node."""
        units = integers_of(nodes["direct_units"])
        # No amount of the run exceeds this sum, so it decides once how wide integers must be.
        everything = sum(abs(unit) for unit in units.tolist())
        units = units.astype(np.int64 if everything < INT64_SAFE else object)
        entered = self.space.keys(nodes)
        self.keys, sums = sums_by_key(entered, units)
        sums = sums.astype(units.dtype)
        self.direct, self.total, self.open = sums, sums.copy(), sums.copy()
        return entered

    def take(self, number: int, step: Step) -> None:
        """One step: its rules in order, each on what is still open and lacks the layer."""
        missing = np.flatnonzero(self.space.codes(self.keys, step.to) < 0)
        keys, still = self.keys[missing], self.open[missing]
        matcher = Matcher(pa.table(self.space.columns(keys)))
        arrived: list[tuple[Keys, Integers]] = []
        for rule in step.rules:
            rows = matcher.rows(rule.when, among=np.flatnonzero(still != 0))
            if len(rows):
                arrived.append(self._apply(rule, (number, step), keys, (rows, still)))
        self.open[missing] = still
        for targets, units in arrived:
            self._receive(targets, units)

    def _apply(
        self, rule: Rule, at: tuple[int, Step], keys: Keys, taken: tuple[Rows, Integers]
    ) -> tuple[Keys, Integers]:
        """Divide the rows' amounts; leave in `still` what the rule passes on."""
        number, step = at
        rows, still = taken
        patterns, chosen = self._patterns(rule, step.to, keys[rows])
        offsets, targets, weights = patterns.laid_out(chosen)
        units = split(still[rows], offsets, weights).flows.astype(still.dtype)
        sources = np.repeat(rows, np.diff(offsets))
        still[rows] = 0
        passed = targets == PASSED_ON
        np.add.at(still, sources[passed], units[passed])
        rests = targets < PASSED_ON
        self.resting.add(keys[sources[rests]], targets[rests], units[rests])
        moved = (targets >= 0) & (units != 0)
        origin = keys[sources[moved]]
        reached = self.space.filled(origin, step.to, targets[moved])
        self.moves.labels.append((number, rule.name, rule.driver))
        self.moves.sources.append(origin)
        self.moves.targets.append(reached)
        self.moves.units.append(units[moved])
        return reached, units[moved]

    def _patterns(self, rule: Rule, layer: str, keys: Keys) -> tuple[Patterns, Codes]:
        codes = {name: code for code, name in enumerate(self.space.names[layer])}
        if rule.method == "weighted":
            driver = rule.driver or ""
            quantities = self.drivers.by_measure.get(driver, {})
            payers = {name: codes[name] for name in self.members.get(layer, ()) if name in codes}
            sinks = self.resting.sinks
            return DriverLookup(driver, layer, quantities, payers, self.space, sinks).choose(keys)
        return plain_pattern(rule, codes, self.resting.sinks), np.zeros(len(keys), np.int64)

    def _receive(self, targets: Keys, units: Integers) -> None:
        """Add what arrived to the nodes it reached, making those that are new."""
        reached, sums = sums_by_key(targets, units)
        place = np.searchsorted(self.keys, reached)
        known = np.append(self.keys, -1)[place] == reached
        keys = np.sort(np.concatenate([self.keys, reached[~known]]), kind="stable")
        old, new = np.searchsorted(keys, self.keys), np.searchsorted(keys, reached)
        for name in ("direct", "total", "open"):
            before = getattr(self, name)
            grown = np.zeros(len(keys), before.dtype)
            grown[old] = before
            if name != "direct":
                grown[new] += sums.astype(before.dtype)
            setattr(self, name, grown)
        self.keys = keys

    def written(self, entered: Keys) -> Allocation:
        """The run's tables; nodes are numbered by their names' order."""
        nodes = pa.table(
            {
                "node_id": pa.array(np.arange(len(self.keys))),
                **self.space.columns(self.keys),
                "direct_units": column_of_integers(self.direct),
                "total_units": column_of_integers(self.total),
            }
        ).cast(ALLOCATION_NODE.schema)
        allocated, problems = self.resting.written(self.keys)
        entries = pa.array(np.searchsorted(self.keys, entered))
        return Allocation(nodes, self._trace(), allocated, entries, problems)

    def _trace(self) -> pa.Table:
        sizes = [len(units) for units in self.moves.units]
        piece = np.repeat(np.arange(len(sizes)), sizes)
        steps = np.array([step for step, _, _ in self.moves.labels], np.int32)[piece]
        empty = [np.zeros(0, np.int64)]
        sources = np.searchsorted(self.keys, np.concatenate(self.moves.sources or empty))
        targets = np.searchsorted(self.keys, np.concatenate(self.moves.targets or empty))
        units = np.concatenate(self.moves.units or empty)
        order = np.lexsort((piece, targets, sources, steps))
        pieces = pa.array(piece[order])
        rules = pa.array([rule for _, rule, _ in self.moves.labels], pa.string())
        drivers = pa.array([driver for _, _, driver in self.moves.labels], pa.string())
        return pa.table(
            {
                "step": pa.array(steps[order], pa.int32()),
                "from_node": pa.array(sources[order], pa.int64()),
                "to_node": pa.array(targets[order], pa.int64()),
                "units": column_of_integers(units[order]),
                "rule": rules.take(pieces),
                "driver": drivers.take(pieces),
            }
        ).cast(ALLOCATION_TRACE.schema)
