"""Where money comes to rest, with which outcome and why (rule S9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from bursar.core.calc.allocation.model import UNALLOCATED, Step
from bursar.core.calc.allocation.patterns import Sink, Sinks
from bursar.core.calc.allocation.space import Codes, Keys, NodeSpace
from bursar.core.calc.allocation.split import Integers
from bursar.core.calc.allocation.sums import sums_by_key
from bursar.core.calc.classification import LAYERS
from bursar.core.money.units import column_of_integers

ALLOCATED = "allocated"


@dataclass(frozen=True)
class Problem:
    """Something that a person should see: what it is about, and how much money it concerns."""

    code: str
    message: str
    legal_entity: str
    currency: str
    units: int


class Payer(NamedTuple):
    """Who bears money that rests: a consumer, or nobody (null)."""

    legal_entity: str
    currency: str
    outcome: str
    consumer: str | None


class Resting:
    """Collects what rests, node by node and sink by sink, while a run goes on."""

    def __init__(self, space: NodeSpace, sinks: Sinks) -> None:
        self.space = space
        self.sinks = sinks
        self._keys: list[Keys] = []
        self._codes: list[Codes] = []
        self._units: list[Integers] = []

    def add(self, keys: Keys, codes: Codes, units: Integers) -> None:
        """Amounts that rest at nodes, each in the sink of its code."""
        some = units != 0
        self._keys.append(keys[some])
        self._codes.append(codes[some])
        self._units.append(units[some])

    def at_the_end(self, keys: Keys, units: Integers, steps: Sequence[Step]) -> None:
        """What no step moved any further: allocated where somebody pays it, else unallocated."""
        paid = self.space.codes(keys, "consumer") >= 0
        codes = np.full(len(keys), self.sinks.code(Sink(ALLOCATED, "")), np.int64)
        missing = np.stack([self.space.codes(keys, layer) < 0 for layer in LAYERS], axis=1)
        for combination in sorted(set(map(tuple, missing[~paid].tolist()))):
            reason = _why_not_paid(dict(zip(LAYERS, combination, strict=True)), steps)
            alike = ~paid & (missing == combination).all(axis=1)
            codes[alike] = self.sinks.code(Sink(UNALLOCATED, reason))
        self.add(keys, codes, units)

    def sums(self) -> dict[Payer, int]:
        """What rests in all by who bears it; nobody's own cost is told by its outcome alone."""
        found: dict[Payer, int] = {}
        if not self._keys:
            return found
        keys, codes, units = (
            np.concatenate(parts) for parts in (self._keys, self._codes, self._units)
        )
        names = (None, *self.space.names["consumer"])
        consumers = self.space.codes(keys, "consumer") + 1
        # One number per payer and sink, because sorting rows of three takes far longer.
        place = (self.space.owner_codes(keys) * len(names) + consumers) * len(self.sinks.found)
        groups, totals = sums_by_key(place - 2 - codes, units)
        for group, total in zip(groups.tolist(), totals.tolist(), strict=True):
            rest, sink = divmod(group, len(self.sinks.found))
            owner, consumer = divmod(rest, len(names))
            entity, currency = self.space.owners[owner]
            payer = Payer(entity, currency, self.sinks.found[sink].outcome, names[consumer])
            found[payer] = found.get(payer, 0) + int(total)
        return found

    def written(self, nodes: Keys) -> tuple[pa.Table, tuple[Problem, ...]]:
        """One line per node, outcome and reason, in the order of nodes; and the problems."""
        keys, codes, units = (
            np.concatenate(parts) for parts in (self._keys, self._codes, self._units)
        )
        order = sorted(range(len(self.sinks.found)), key=lambda n: _sorting(self.sinks.found[n]))
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        ranks = rank[-2 - codes] if len(codes) else codes
        by_node = np.lexsort((ranks, keys))
        keys, ranks, units = keys[by_node], ranks[by_node], units[by_node]
        new = np.ones(len(keys), bool)
        new[1:] = (keys[1:] != keys[:-1]) | (ranks[1:] != ranks[:-1])
        starts = np.flatnonzero(new)
        if len(starts):
            keys, ranks, units = keys[starts], ranks[starts], np.add.reduceat(units, starts)
        kept = units != 0
        keys, ranks, units = keys[kept], ranks[kept], units[kept]
        sinks = [self.sinks.found[number] for number in order]
        table = self._table(nodes, keys, (ranks, sinks), units)
        return table, self._problems(keys, (ranks, sinks), units)

    def _table(
        self, nodes: Keys, keys: Keys, rests: tuple[Codes, list[Sink]], units: Integers
    ) -> pa.Table:
        ranks, sinks = rests
        places = pa.array(ranks)
        columns = self.space.columns(keys)
        plain = {name: column.cast(pa.string()) for name, column in columns.items()}
        outcomes = pa.array([sink.outcome for sink in sinks], pa.string()).take(places)
        reasons = pa.array([sink.reason or None for sink in sinks], pa.string()).take(places)
        return pa.table(
            {
                "legal_entity": plain["legal_entity"],
                "currency": plain["currency"],
                "node_id": pa.array(np.searchsorted(nodes, keys), pa.int64()),
                "outcome": outcomes,
                **{layer: plain[layer] for layer in LAYERS},
                "units": column_of_integers(units),
                "reason": reasons,
            }
        )

    def _problems(
        self, keys: Keys, rests: tuple[Codes, list[Sink]], units: Integers
    ) -> tuple[Problem, ...]:
        ranks, sinks = rests
        sums: dict[tuple[int, int], int] = {}
        told = np.flatnonzero(np.array([bool(sink.problem) for sink in sinks], bool)[ranks])
        owners = self.space.owner_codes(keys[told]).tolist()
        lines = zip(ranks[told].tolist(), owners, units[told].tolist(), strict=True)
        for rank, owner, unit in lines:
            sums[rank, owner] = sums.get((rank, owner), 0) + unit
        return tuple(
            Problem(sinks[rank].problem or "", sinks[rank].reason, *self.space.owners[owner], unit)
            for (rank, owner), unit in sorted(sums.items())
        )


def _sorting(sink: Sink) -> tuple[str, str, str]:
    return sink.outcome, sink.reason, sink.problem or ""


def _why_not_paid(missing: dict[str, bool], steps: Sequence[Step]) -> str:
    idle = [step.name for step in steps if missing[step.to] and not step.among]
    prefix = "no classification rule set a cost pool; " if missing["cost_pool"] else ""
    if not steps:
        return prefix + "the model has no steps"
    if not any(step.to == "consumer" for step in steps):
        return prefix + "no step of the model leads to a consumer"
    return prefix + "no rule matched in: " + ", ".join(idle)
