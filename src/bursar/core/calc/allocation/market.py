"""Which members of a layer charge which others in a run, and what that comes to (S20-S22)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pyarrow as pa

from bursar.core.calc.allocation.dividing import Divider
from bursar.core.calc.allocation.exchange import Solved, solved, without_closed
from bursar.core.calc.allocation.model import STEP_DOWN, Rule, Step
from bursar.core.calc.allocation.patterns import Pattern, Patterns
from bursar.core.calc.allocation.space import Codes, Keys
from bursar.core.calc.allocation.split import Integers
from bursar.core.calc.matching import Matcher
from bursar.core.money.rounding import round_half_up
from bursar.core.money.units import column_of_integers
from bursar.core.tables.allocation import ALLOCATION_EXCHANGE

OpenAt = Callable[[Keys], Integers]
_Signature = tuple[tuple[int, int, int], ...]
"""Member, rule and pattern of everybody who gives among nodes of one kind."""


@dataclass(frozen=True)
class Exchanged:
    """One row of what members charge each other in a run, over all nodes of an owner."""

    step: int
    legal_entity: str
    currency: str
    giver: str
    taker: str | None
    units: int


@dataclass
class Market:
    """The members that give, kind of node by kind of node."""

    step: Step
    divider: Divider
    signatures: dict[_Signature, list[int]] = field(default_factory=dict)
    """Which kinds follow which rules; a kind is a node's key without the layer's digit."""
    listed: list[list[Pattern]] = field(default_factory=list)
    """Per rule its patterns."""
    owned: dict[tuple[int, int, int], Fraction] = field(default_factory=dict)
    """Owner, giver and taker → what was given."""

    @classmethod
    def of(cls, step: Step, divider: Divider, keys: Keys, amounts: Integers) -> Market:
        """Everybody whom money can reach from the nodes that hold some."""
        market = cls(step, divider)
        space = divider.space
        there = (space.codes(keys, step.to) >= 0) & np.asarray(amounts != 0, bool)
        frontier, known = np.unique(keys[there]), np.zeros(0, np.int64)
        kinds: dict[int, list[tuple[int, int, int]]] = {}
        market.listed = [[] for _ in step.rules]
        while len(frontier):
            known = np.union1d(known, frontier)
            frontier = np.setdiff1d(market._givers(frontier, kinds), known)
        for kind, members in kinds.items():
            market.signatures.setdefault(tuple(sorted(members)), []).append(kind)
        return market

    def _givers(self, keys: Keys, kinds: dict[int, list[tuple[int, int, int]]]) -> Keys:
        """Notes which of these nodes give by which rule; tells whom they reach."""
        space, layer = self.divider.space, self.step.to
        matcher = Matcher(pa.table(space.columns(keys)))
        free = np.ones(len(keys), bool)
        reached = [np.zeros(0, np.int64)]
        for number, rule in enumerate(self.step.rules):
            rows = matcher.rows(rule.when, among=np.flatnonzero(free))
            if not len(rows):
                continue
            free[rows] = False
            patterns, chosen = self.divider.patterns(rule, layer, keys[rows])
            base = len(self.listed[number])
            self.listed[number] += patterns.listed()
            codes = space.codes(keys[rows], layer)
            rest = space.replaced(keys[rows], layer, np.full(len(rows), -1))
            for kind, member, place in zip(
                rest.tolist(), codes.tolist(), chosen.tolist(), strict=True
            ):
                kinds.setdefault(kind, []).append((member, number, base + place))
            offsets, targets, _ = patterns.laid_out(chosen)
            sources = np.repeat(keys[rows], np.diff(offsets))
            inside = targets >= 0
            reached.append(space.replaced(sources[inside], layer, targets[inside]))
        return np.unique(np.concatenate(reached))

    def divisions(self, open_at: OpenAt) -> Iterator[tuple[Rule, Keys, Patterns, Codes]]:
        """Rule by rule, in the order in which money has to move: nodes and how they divide.

        What a node holds is asked for when its turn comes, because those before it may give to it.
        """
        if self.step.among == STEP_DOWN:
            yield from self._step_down(open_at)
        else:
            yield from self._reciprocal(open_at)

    def _reciprocal(self, open_at: OpenAt) -> Iterator[tuple[Rule, Keys, Patterns, Codes]]:
        plans: dict[int, list[tuple[Keys, Pattern]]] = {}
        for signature, kinds in sorted(self.signatures.items()):
            found = solved(self._gives(signature), self._names, self.divider.sinks)
            for member, number, _ in signature:
                keys = self._keys(kinds, member)
                self._note(signature, found, keys, member, open_at(keys))
                plans.setdefault(number, []).append((keys, found.shares[member]))
        for number, parts in sorted(plans.items()):
            yield self._division(number, parts)

    def _step_down(self, open_at: OpenAt) -> Iterator[tuple[Rule, Keys, Patterns, Codes]]:
        order = self._order()
        plans: dict[int, dict[int, list[tuple[Keys, Pattern]]]] = {}
        for signature, kinds in sorted(self.signatures.items()):
            gives = without_closed(self._gives(signature), order, self._names, self.divider.sinks)
            for member, number, _ in signature:
                keys = self._keys(kinds, member)
                plans.setdefault(member, {}).setdefault(number, []).append((keys, gives[member]))
        for member in order:
            for number, parts in sorted(plans.get(member, {}).items()):
                for keys, pattern in parts:
                    self._note_given(keys, member, pattern, open_at(keys))
                yield self._division(number, parts)

    def _division(
        self, number: int, parts: Sequence[tuple[Keys, Pattern]]
    ) -> tuple[Rule, Keys, Patterns, Codes]:
        keys = np.concatenate([part for part, _ in parts])
        chosen = np.repeat(np.arange(len(parts)), [len(part) for part, _ in parts])
        order = np.argsort(keys, kind="stable")
        patterns = Patterns.of([pattern for _, pattern in parts])
        return self.step.rules[number], keys[order], patterns, chosen[order]

    def _gives(self, signature: _Signature) -> dict[int, Pattern]:
        return {member: self.listed[number][place] for member, number, place in signature}

    def _keys(self, kinds: list[int], member: int) -> Keys:
        rest = np.array(sorted(kinds), np.int64)
        return self.divider.space.filled(rest, self.step.to, np.full(len(rest), member))

    def _order(self) -> list[int]:
        """Givers as the step orders them; those that it does not name come last, by name."""
        codes = self.divider.codes(self.step.to)
        named = [codes[name] for name in self.step.order if name in codes]
        giving = {member for signature in self.signatures for member, _, _ in signature}
        return [*(m for m in named if m in giving), *sorted(giving - set(named))]

    @property
    def _names(self) -> Sequence[str]:
        return self.divider.space.names[self.step.to]

    def _note(
        self, signature: _Signature, found: Solved, keys: Keys, member: int, amounts: Integers
    ) -> None:
        gives = self._gives(signature)
        for through, times in sorted(found.visits[member].items()):
            self._note_given(keys, through, gives[through], amounts, times)

    def _note_given(
        self,
        keys: Keys,
        giver: int,
        pattern: Pattern,
        amounts: Integers,
        times: Fraction = Fraction(1),
    ) -> None:
        """Adds up, by owner, what the giver passes on to each of its takers."""
        whole = sum(weight for _, weight in pattern)
        owners = self.divider.space.owner_codes(keys).tolist()
        sums: dict[int, int] = {}
        for owner, amount in zip(owners, amounts.tolist(), strict=True):
            sums[owner] = sums.get(owner, 0) + int(amount)
        for owner, amount in sums.items():
            for taker, weight in pattern:
                if amount and weight:
                    way = owner, giver, taker
                    part = times * amount * Fraction(weight, whole)
                    self.owned[way] = self.owned.get(way, Fraction(0)) + part

    def exchanged(self, number: int) -> list[Exchanged]:
        """What was given in all; it explains the edges and is not added to them.

        Rounded at the running total of each giver, so that its rows add up to its gross amount.
        """
        names, owners = self._names, self.divider.space.owners
        rows: list[Exchanged] = []
        before: tuple[int, int] | None = None
        running = Fraction(0)
        for (owner, giver, taker), amount in sorted(self.owned.items()):
            running = running if before == (owner, giver) else Fraction(0)
            before = (owner, giver)
            units = _units(running + amount) - _units(running)
            running += amount
            to = names[taker] if taker >= 0 else None
            rows.append(Exchanged(number, *owners[owner], names[giver], to, units))
        return rows


def exchange_table(rows: Sequence[Exchanged]) -> pa.Table:
    """Rows as `ALLOCATION_EXCHANGE` declares them."""
    columns: Mapping[str, object] = {
        "step": [row.step for row in rows],
        "legal_entity": [row.legal_entity for row in rows],
        "currency": [row.currency for row in rows],
        "giver": [row.giver for row in rows],
        "taker": [row.taker for row in rows],
        "units": column_of_integers(np.array([row.units for row in rows], object)),
    }
    return (
        pa.table(columns).cast(ALLOCATION_EXCHANGE.schema)
        if rows
        else (ALLOCATION_EXCHANGE.schema.empty_table())
    )


def _units(amount: Fraction) -> int:
    return int(round_half_up(amount, 0))
