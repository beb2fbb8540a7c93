"""One run of the cost model's steps: money moves from node to node until it rests (S1-S22)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from bursar.core.calc.allocation.columns import Flows
from bursar.core.calc.allocation.conserve import assert_conserved
from bursar.core.calc.allocation.dated import in_force
from bursar.core.calc.allocation.dividing import Divider, Stretch, Terms
from bursar.core.calc.allocation.drivers import Drivers
from bursar.core.calc.allocation.market import Exchanged, Market, exchange_table
from bursar.core.calc.allocation.model import Rule, Step
from bursar.core.calc.allocation.patterns import PASSED_ON, Sinks
from bursar.core.calc.allocation.resting import Problem, Resting
from bursar.core.calc.allocation.space import Keys, NodeSpace
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
    exchanged: pa.Table
    """What members of a layer charged each other in all, as `ALLOCATION_EXCHANGE` declares it."""


def allocate(
    *,
    nodes: pa.Table,
    steps: Sequence[Step],
    members: Mapping[str, Collection[str]],
    drivers: pa.Table,
    terms: Terms | None = None,
) -> Allocation:
    """Run the steps over nodes of legal_entity, currency, the four layers and direct_units.

    `members` are the names that a driver may charge, by layer; `drivers` are the rows of the
    period (measure, from_key, to_key, quantity); `terms` what else the period has. Conservation is
    asserted before it returns.
    """
    quantities, given = Drivers.of(drivers), terms or Terms()
    space = space_of(nodes, steps, members, quantities, given)
    run = Carrier(space, quantities, members, given)
    entered = run.enter(nodes)
    for number, step in enumerate(steps, start=1):
        run.carry(number, step)
    run.resting.at_the_end(run.keys, run.open, steps)
    allocation = run.written(entered)
    assert_conserved(allocation.nodes, allocation.trace, allocation.allocated)
    return allocation


def space_of(
    nodes: pa.Table,
    steps: Sequence[Step],
    members: Mapping[str, Collection[str]],
    drivers: Drivers,
    terms: Terms,
) -> NodeSpace:
    """Every name that can occur in the run of these steps over these nodes."""
    charged = {step.to: drivers.targets() & set(members.get(step.to, ())) for step in steps}
    for layer, closing in terms.closing.items():
        successors = {closed.successor for closed in closing.values() if closed.successor}
        charged[layer] = charged.get(layer, set()) | successors
    return NodeSpace.of(nodes, steps, charged)


class Taken(NamedTuple):
    """The nodes that a rule takes, what is still open of all, and the part of the period."""

    rows: Rows
    still: Integers
    stretch: Stretch


@dataclass
class _Moves:
    """Edges of the run, piece by piece: step, rule and driver are one per piece."""

    labels: list[tuple[int, str, str | None]] = field(default_factory=list)
    sources: list[Keys] = field(default_factory=list)
    targets: list[Keys] = field(default_factory=list)
    units: list[Integers] = field(default_factory=list)


class Carrier:
    """The state between steps: sorted nodes, what entered each, and what still has to move."""

    def __init__(
        self,
        space: NodeSpace,
        drivers: Drivers,
        members: Mapping[str, Collection[str]],
        terms: Terms,
    ) -> None:
        self.space = space
        self.terms = terms
        self.keys: Keys = np.zeros(0, np.int64)
        self.direct: Integers = np.zeros(0, np.int64)
        self.total: Integers = np.zeros(0, np.int64)
        self.open: Integers = np.zeros(0, np.int64)
        self.moves = _Moves()
        self.resting = Resting(space, Sinks())
        self.divider = Divider(space, drivers, members, self.resting.sinks, terms)
        self.exchanges: list[Exchanged] = []

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

    def carry(self, number: int, step: Step) -> None:
        """One step, of whichever kind."""
        if step.among:
            self.exchange(number, step)
        else:
            self.take(number, step)

    def take(self, number: int, step: Step) -> None:
        """One step that fills a layer: its rules in order, each on what is still open and lacks
        it."""
        missing = np.flatnonzero(self.space.codes(self.keys, step.to) < 0)
        keys, still = self.keys[missing], self.open[missing]
        matcher = Matcher(pa.table(self.space.columns(keys)))
        arrived: list[tuple[Keys, Integers]] = []
        left = np.zeros_like(still)
        for rules, part, stretch in in_force(step.rules, still, self.terms):
            for rule in rules:
                rows = matcher.rows(rule.when, among=np.flatnonzero(part != 0))
                rows = self._in_its_currency(rule, keys, rows)
                if len(rows):
                    taken = Taken(rows, part, stretch)
                    arrived.append(self._apply(rule, (number, step), keys, taken))
            left = left + part
        self.open[missing] = left
        for rule in step.rules:
            if rule.name in self.terms.due:
                arrived.append(self._true_up(rule, number, step))
        for targets, units in arrived:
            self._receive(targets, units)

    def _in_its_currency(self, rule: Rule, keys: Keys, rows: Rows) -> Rows:
        """Caps and rates are amounts of one currency; other cost is not theirs to take."""
        currency = rule.rates[0].currency if rule.rates else rule.currency
        if currency is None or not len(rows):
            return rows
        of_owner = np.array([owner[1] == currency for owner in self.space.owners], bool)
        fits: Rows = rows[of_owner[self.space.owner_codes(keys[rows])]]
        return fits

    def _apply(
        self, rule: Rule, at: tuple[int, Step], keys: Keys, taken: Taken
    ) -> tuple[Keys, Integers]:
        """Divide the rows' amounts; leave in `still` what the rule passes on."""
        rows, still = taken.rows, taken.still
        flows = self.divider.flows(rule, at[1].to, keys[rows], still[rows], taken.stretch)
        still[rows] = 0
        passed = flows.targets == PASSED_ON
        np.add.at(still, rows[flows.places[passed]], flows.units[passed].astype(still.dtype))
        return self._moved(rule, at, keys[rows], flows)

    def _moved(
        self, rule: Rule, at: tuple[int, Step], keys: Keys, flows: Flows
    ) -> tuple[Keys, Integers]:
        """Books what rests and what moves on; tells where it arrives, with the units."""
        number, step = at
        sources, targets, units = keys[flows.places], flows.targets, flows.units
        rests = targets < PASSED_ON
        self.resting.add(sources[rests], targets[rests], units[rests])
        moved = (targets >= 0) & (units != 0)
        origin = sources[moved]
        fill = self.space.replaced if step.among else self.space.filled
        reached = fill(origin, step.to, targets[moved])
        self.moves.labels.append((number, rule.name, rule.driver_label))
        self.moves.sources.append(origin)
        self.moves.targets.append(reached)
        self.moves.units.append(units[moved])
        return reached, units[moved]

    def _true_up(self, rule: Rule, number: int, step: Step) -> tuple[Keys, Integers]:
        """Books what earlier periods left open; its nodes hold nothing more afterwards."""
        nodes, flows = self.divider.true_up(rule, step.to)
        if not nodes:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        columns = {n: pa.array([node[n] for node in nodes], pa.string()) for n in nodes[0]}
        return self._moved(rule, (number, step), self.space.keys(pa.table(columns)), flows)

    def exchange(self, number: int, step: Step) -> None:
        """One step among the members of a layer; where rules change, each part of the period by
        itself."""
        before = self.keys
        inside = self.space.codes(before, step.to) >= 0
        held = np.where(inside, 0, self.open).astype(self.open.dtype)
        mine = np.where(inside, self.open, 0).astype(self.open.dtype)
        parts = [(before, held)]
        for rules, part, _ in in_force(step.rules, mine, self.terms):
            self.open = np.zeros(len(self.keys), mine.dtype)
            self.open[np.searchsorted(self.keys, before)] = part
            self._exchanged(number, replace(step, rules=tuple(rules)))
            parts.append((self.keys, self.open))
        self.open = np.zeros(len(self.keys), mine.dtype)
        for keys, amounts in parts:
            self.open[np.searchsorted(self.keys, keys)] += amounts

    def _exchanged(self, number: int, step: Step) -> None:
        market = Market.of(step, self.divider, self.keys, self.open)
        for rule, keys, patterns, chosen in market.divisions(self._open_at):
            amounts = self._open_at(keys)
            offsets, targets, weights = patterns.laid_out(chosen)
            units = split(amounts, offsets, weights).flows.astype(amounts.dtype)
            flows = Flows(np.repeat(np.arange(len(keys)), np.diff(offsets)), targets, units)
            self._close(keys)
            self._receive(*self._moved(rule, (number, step), keys, flows))
        self.exchanges += market.exchanged(number)

    def _open_at(self, keys: Keys) -> Integers:
        """What is open at these nodes, zero where a node does not exist yet."""
        place = np.minimum(np.searchsorted(self.keys, keys), max(len(self.keys) - 1, 0))
        if not len(self.keys):
            return np.zeros(len(keys), np.int64)
        return np.where(self.keys[place] == keys, self.open[place], 0).astype(self.open.dtype)

    def _close(self, keys: Keys) -> None:
        place = np.searchsorted(self.keys, keys)
        there = np.append(self.keys, -1)[place] == keys
        self.open[place[there]] = 0

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
        exchanged = exchange_table(self.exchanges)
        return Allocation(nodes, self._trace(), allocated, entries, problems, exchanged)

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
