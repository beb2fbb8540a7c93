"""How one rule divides the nodes that it takes: over whom, by which weights, how much (S4-S19)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np

from bursar.core.calc.allocation.adjusting import Closing, adjusted
from bursar.core.calc.allocation.columns import Column, Flows, charged, over_all, waterfall
from bursar.core.calc.allocation.drivers import DriverLookup, Drivers
from bursar.core.calc.allocation.intercompany import KINDS, Across, Between
from bursar.core.calc.allocation.model import Rule
from bursar.core.calc.allocation.patterns import (
    RECOVERY_GAP,
    Patterns,
    Sink,
    Sinks,
    plain_pattern,
    rest_code,
)
from bursar.core.calc.allocation.rates import Rate, charge
from bursar.core.calc.allocation.space import Codes, Keys, NodeSpace
from bursar.core.calc.allocation.split import Integers, split, split_exact
from bursar.core.calc.allocation.weighing import weighed
from bursar.core.money.rounding import round_half_up
from bursar.core.money.units import from_units, to_units

CONSUMER = "consumer"
IN_COLUMNS = ("waterfall", "rate")
"""Methods that look at all their nodes together."""

PROBLEMS = {
    "allocate.rate_not_in_force": "A rate has no price on the period's first day; the cost stays "
    "unallocated.",
    "allocate.rate_tier_missing": "A quantity is above the last tier of its rate; the cost stays "
    "unallocated.",
    "allocate.consumer_closed": "A consumer is closed and nobody takes over; its share stays "
    "unallocated.",
}


@dataclass(frozen=True)
class Recovery:
    """What a rate rule has left open since its last true-up, and whom it charged how much."""

    gaps: Sequence[tuple[dict[str, str | None], int]]
    """Nodes by their layers, with the units of cost that were not charged there."""
    charges: Mapping[str, int]
    """Units by consumer."""


@dataclass(frozen=True)
class Terms:
    """What a run knows of its period beside costs and drivers."""

    scale: int = 0
    first_day: date | None = None
    days: int = 0
    closing: Mapping[str, Mapping[str, Closing]] = field(default_factory=dict)
    """By layer and name: members that close before the period ends."""
    due: Mapping[str, Recovery] = field(default_factory=dict)
    """By rule: what a true-up books in this period; rules that are not due are not there."""
    between: Between | None = None
    """Where legal entities charge each other by the rules IC1-IC5."""


@dataclass(frozen=True)
class Stretch:
    """One part of a period that is cut where rules begin or end: all parts' days, and its place."""

    days: tuple[int, ...]
    place: int

    def part(self, units: int) -> int:
        """What of an amount of the whole period falls on this part; the parts add up (A1)."""
        return split_exact(units, self.days)[self.place]


WHOLE_PERIOD = Stretch((1,), 0)


class Divider:
    """Divides nodes whose layer `layer` a rule fills."""

    def __init__(
        self,
        space: NodeSpace,
        drivers: Drivers,
        members: Mapping[str, Collection[str]],
        sinks: Sinks,
        terms: Terms,
    ) -> None:
        self.space = space
        self.drivers = drivers
        self.members = members
        self.sinks = sinks
        self.terms = terms

    def flows(
        self,
        rule: Rule,
        layer: str,
        keys: Keys,
        amounts: Integers,
        stretch: Stretch = WHOLE_PERIOD,
    ) -> Flows:
        """What goes from each node (its place among `keys`) to which target code.

        The amounts are those of the stretch; caps and charges are the period's, and are cut here.
        """
        if rule.method == "waterfall":
            return self._waterfall(rule, layer, amounts, stretch)
        if rule.method == "rate" and rule.difference != "shared":
            return self._charged(rule, layer, keys, amounts, stretch)
        patterns, chosen = self.patterns(rule, layer, keys)
        offsets, targets, weights = patterns.laid_out(chosen)
        units = split(amounts, offsets, weights).flows.astype(amounts.dtype)
        return Flows(np.repeat(np.arange(len(keys)), np.diff(offsets)), targets, units)

    def patterns(self, rule: Rule, layer: str, keys: Keys) -> tuple[Patterns, Codes]:
        """The weights of a rule that divides each node by itself, and which of them each has."""
        codes = self.codes(layer)
        if rule.method == "weighted":
            found, chosen = weighed(rule, lambda name: self.lookup(name, layer), keys)
        elif rule.method == "rate":
            groups, chosen = self._rate_groups(rule, layer, keys)
            found = Patterns.of([self._as_weights(rule, layer, group) for group in groups])
        else:
            found = plain_pattern(rule, codes, self.sinks)
            chosen = np.zeros(len(keys), np.int64)
        closing = self.terms.closing.get(layer, {})
        between = self.terms.between
        if between is None or layer != CONSUMER:
            return adjusted(found, rule, codes, closing, self.sinks), chosen
        # Who bears the cost and which pool it is of decide, so each such kind has its patterns.
        kinds, group = self._kinds(between, keys)
        listed = [
            pattern
            for kind in kinds
            for pattern in adjusted(found, rule, codes, closing, self.sinks, across=kind).listed()
        ]
        return Patterns.of(listed), group * (len(found.offsets) - 1) + chosen

    def _kinds(self, between: Between, keys: Keys) -> tuple[list[Across], Codes]:
        """The kinds of cost among the nodes, and which of them each node is of."""
        pools = [between.pools.kind(pool) for pool in (*self.space.names["cost_pool"], None)]
        kinds = np.array(pools, np.int64)[self.space.codes(keys, "cost_pool")]
        sellers = sorted({entity for entity, _ in self.space.owners})
        ranks = np.array([sellers.index(entity) for entity, _ in self.space.owners], np.int64)
        numbers = ranks[self.space.owner_codes(keys)] * len(KINDS) + kinds
        found, group = np.unique(numbers, return_inverse=True)
        places = [divmod(number, len(KINDS)) for number in found.tolist()]
        return [Across(between, sellers[rank], kind) for rank, kind in places], group

    def codes(self, layer: str) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.space.names[layer])}

    def lookup(self, driver: str, layer: str) -> DriverLookup:
        """One driver, ready to divide what lacks the layer."""
        codes = self.codes(layer)
        payers = {name: codes[name] for name in self.members.get(layer, ()) if name in codes}
        quantities = self.drivers.by_measure.get(driver, {})
        scale = self.drivers.scales.get(driver, 0)
        return DriverLookup(driver, layer, quantities, scale, payers, self.space, self.sinks)

    def _waterfall(self, rule: Rule, layer: str, amounts: Integers, stretch: Stretch) -> Flows:
        """Caps hold for all that the rule takes in its currency, whatever its legal entities."""
        codes = self.codes(layer)
        caps = [(codes[name], stretch.part(self._units(cap))) for name, cap in rule.caps]
        rest = rest_code(rule, codes, self.sinks)
        return waterfall([int(amount) for amount in amounts.tolist()], caps, rest)

    def _charged(
        self, rule: Rule, layer: str, keys: Keys, amounts: Integers, stretch: Stretch
    ) -> Flows:
        groups, chosen = self._rate_groups(rule, layer, keys)
        charges = [self._charges(rule, layer, group) for group in groups]
        weights = self._true_up_weights(rule, layer, charges)
        parts: list[Flows] = []
        for number, mine in enumerate(charges):
            places = np.flatnonzero(chosen == number)
            due = mine
            if not isinstance(mine, Sink):
                due = [(target, stretch.part(units)) for target, units in mine]
            parts.append(_placed(places, self._group(rule, due, amounts[places], weights)))
        return Flows(
            np.concatenate([part.places for part in parts]),
            np.concatenate([part.targets for part in parts]),
            np.concatenate([part.units.astype(amounts.dtype) for part in parts]),
        )

    def _group(
        self, rule: Rule, charges: list[Column] | Sink, amounts: Integers, weights: list[Column]
    ) -> Flows:
        """Nodes with the same quantities behind them; what a true-up books is charged at once."""
        if isinstance(charges, Sink):
            code = self.sinks.code(charges)
            return Flows(np.arange(len(amounts)), np.full(len(amounts), code, np.int64), amounts)
        gap = self.gap(rule)
        found = charged([int(amount) for amount in amounts.tolist()], charges, gap)
        if not weights:
            return found
        stays = found.targets != gap
        booked = over_all(found.units[~stays], weights)
        return Flows(
            np.concatenate([found.places[stays], found.places[~stays][booked.places]]),
            np.concatenate([found.targets[stays], booked.targets]),
            np.concatenate([found.units[stays].astype(object), booked.units.astype(object)]),
        )

    def true_up(self, rule: Rule, layer: str) -> tuple[list[dict[str, str | None]], Flows]:
        """What earlier periods of the interval left open, charged now: nodes, and flows of them.

        Each gap goes to who was charged in the interval and comes off the recovery gap, so the
        flows of a node add up to zero. The nodes' own charges of this period are not in here.
        """
        due = self.terms.due.get(rule.name)
        weights = self._true_up_weights(rule, layer, self._all_charges(rule, layer))
        if due is None or not weights:
            return [], Flows.of([])
        booked = over_all(np.array([units for _, units in due.gaps], object), weights)
        back = [(place, self.gap(rule), -units) for place, (_, units) in enumerate(due.gaps)]
        there = list(zip(booked.places.tolist(), booked.targets.tolist(), booked.units.tolist(),
                         strict=True))  # fmt: skip
        return [node for node, _ in due.gaps], Flows.of([*there, *back])

    def _all_charges(self, rule: Rule, layer: str) -> list[list[Column] | Sink]:
        """This period's charges of every from-key that the rule's drivers have."""
        lookups = [self.lookup(rate.driver, layer) for rate in rule.rates]
        most = max((len(lookup.quantities) for lookup in lookups), default=0)
        return [self._charges(rule, layer, [place] * len(lookups)) for place in range(most)]

    def _true_up_weights(
        self, rule: Rule, layer: str, charges: Sequence[list[Column] | Sink]
    ) -> list[Column]:
        """Charges of the whole interval by member; empty where nothing is due or was charged."""
        due = self.terms.due.get(rule.name)
        if due is None:
            return []
        codes = self.codes(layer)
        sums: dict[int, int] = {}
        for name, units in due.charges.items():
            if name in codes:
                sums[codes[name]] = sums.get(codes[name], 0) + units
        for listed in charges:
            for target, units in listed if not isinstance(listed, Sink) else ():
                if target >= 0:
                    sums[target] = sums.get(target, 0) + units
        return sorted((target, units) for target, units in sums.items() if units > 0)

    def gap(self, rule: Rule) -> int:
        """Where cost less charges of a rate rule rests."""
        return self.sinks.code(Sink(RECOVERY_GAP, gap_reason(rule)))

    def _rate_groups(self, rule: Rule, layer: str, keys: Keys) -> tuple[list[list[int]], Codes]:
        """Nodes that the same quantities stand behind: for each rate, its driver's from-key."""
        found = [self.lookup(rate.driver, layer).found(keys)[0] for rate in rule.rates]
        groups, chosen = np.unique(np.stack(found, axis=1), axis=0, return_inverse=True)
        return groups.tolist(), chosen.reshape(-1)

    def _as_weights(self, rule: Rule, layer: str, group: list[int]) -> list[Column]:
        charges = self._charges(rule, layer, group)
        if isinstance(charges, Sink):
            return [(self.sinks.code(charges), 1)]
        if not sum(units for _, units in charges):
            reason = f"the charges of the rule '{rule.name}' are zero"
            sink = Sink("unallocated", reason, "allocate.driver_zero")
            return [(self.sinks.code(sink), 1)]
        return charges

    def _charges(self, rule: Rule, layer: str, group: list[int]) -> list[Column] | Sink:
        """Units by target code, of all rates together; a sink where one of them cannot charge."""
        sums: dict[int, int] = {}
        for rate, place in zip(rule.rates, group, strict=True):
            found = self._rate_charges(rate, layer, place)
            if isinstance(found, Sink):
                return found
            for target, units in found:
                sums[target] = sums.get(target, 0) + units
        return sorted(sums.items(), key=lambda pair: (pair[0] < 0, abs(pair[0])))

    def _rate_charges(self, rate: Rate, layer: str, place: int) -> list[Column] | Sink:
        lookup = self.lookup(rate.driver, layer)
        listed = list(lookup.quantities.items())
        pairs = listed[place][1] if place < len(listed) else []
        problem = lookup.unusable(*listed[place]) if place < len(listed) else None
        if problem is not None and problem.problem != "allocate.driver_zero":
            return problem
        price = rate.price_on(self.terms.first_day)
        if price is None:
            reason = f"the rate '{rate.name}' has no price on {self.terms.first_day}"
            return Sink("unallocated", reason, "allocate.rate_not_in_force")
        quantities = {name: from_units(number, lookup.scale) for name, number in pairs}
        quantities |= {n: Decimal(0) for n, _ in price.committed if n not in quantities}
        found = []
        for name, quantity in sorted(quantities.items()):
            try:
                amount = charge(price, quantity, name)
            except ValueError:
                reason = f"the rate '{rate.name}' has no tier for {quantity:f} of '{name}'"
                return Sink("unallocated", reason, "allocate.rate_tier_missing")
            found.append((lookup.target(name), self._units(amount)))
        return found

    def _units(self, amount: Decimal) -> int:
        """Main units as whole units of the run, half away from zero (rule S16)."""
        return to_units(round_half_up(amount, self.terms.scale), self.terms.scale)


def _placed(places: Codes, flows: Flows) -> Flows:
    return Flows(places[flows.places], flows.targets, flows.units)


def gap_reason(rule: Rule) -> str:
    """What a run says of the recovery gap of a rule."""
    return f"cost less charges of the rule '{rule.name}'"
