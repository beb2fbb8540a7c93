"""The cost model's text for what was learned from a workbook, with the drivers that it needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from bursar.core.calc.learning.explain import Explanation, cents
from bursar.core.calc.learning.learn import Learned, LearnedPool
from bursar.core.money.amount import exact_sum, exact_text
from bursar.core.money.units import from_units

DriverRow = tuple[str, str | None, str, Decimal]
"""Driver, from, to and quantity."""
_PLAIN = re.compile(r"[A-Za-z\u00c0-\u024f](?:[\w .&/+-]*[\w.&+)])?")
_NULL = ("null", "true", "false", "yes", "no", "on", "off")
MOST_TESTED = 600
"""Rows that the tests of a proposal may have; more would hide the rules."""


@dataclass
class Proposal:
    """How the pools hang together: `flat`, all charge consumers; `levels`, some charge only pools;
    `mixed`, some charge pools and consumers."""

    learned: Learned
    title: str
    currency: str
    drivers: list[DriverRow] = field(default_factory=list)
    _named: dict[tuple[str, ...], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shape = _shape(self.learned)
        self.ways = {p.pool.name: self._way(p) for p in self.learned.pools}
        self.capacities: dict[str, str] = {}
        self.measures = self._measure()

    def _way(self, pool: LearnedPool) -> Explanation | None:
        """What is proposed; pools that charge pools cannot do it by a rate."""
        among = self.gives_to_pools(pool.pool.name) or self.shape == "mixed"
        return next((w for w in pool.explanations if not (among and w.kind == "rate")), None)

    def gives_to_pools(self, name: str) -> bool:
        return any(target in self.learned.flows.charged for target in self.charged(name))

    def charged(self, name: str) -> Mapping[str, object]:
        return self.learned.flows.charged[name]

    @property
    def layer(self) -> str:
        """The layer that tells givers apart."""
        return {"flat": "cost_pool", "levels": "solution", "mixed": "consumer"}[self.shape]

    def _measure(self) -> dict[str, str]:
        """Each measured pool's driver; rows name the pool where not all pools have the same."""
        found: dict[str, str] = {}
        rows: dict[str, list[tuple[str, Explanation]]] = {}
        for name, way in self.ways.items():
            if way is None or way.kind not in ("weighted", "product", "rate"):
                continue
            found[name] = self._unique(" x ".join(way.sources[:2]), way, name)
            if way.kind == "rate":
                found[name] = self._unique(way.sources[0], way, name)
            rows.setdefault(found[name], []).append((name, way))
        for driver, users in rows.items():
            self._add_rows(driver, users)
        return found

    def _unique(self, wanted: str, way: Explanation, pool: str) -> str:
        """One name for one place of the workbook; among consumers, one for each pool."""
        wanted = f"{wanted} for {pool}" if self.shape == "mixed" else wanted
        key = (wanted, *way.places)
        if key not in self._named:
            taken = set(self._named.values())
            label = wanted if wanted not in taken else f"{wanted} ({way.places[0]})"
            self._named[key] = label
        return self._named[key]

    def _add_rows(self, driver: str, users: Sequence[tuple[str, Explanation]]) -> None:
        same = all(way.weights == users[0][1].weights for _, way in users)
        for name, way in users[:1] if same else users:
            giver = None if same else name
            self.drivers += [(driver, giver, to, q) for to, q in sorted(way.weights.items())]
        for name, way in users:
            if way.capacity is not None:
                self.capacities[name] = f"{driver} of all for {name}"
                to = sorted(way.weights)[0]
                self.drivers.append((self.capacities[name], None, to, way.capacity))

    def text(self, *, tests: bool = True) -> str:
        """The whole model as YAML."""
        return "".join(f"{line}\n" for line in self._lines(tests))

    def _lines(self, tests: bool) -> Iterator[str]:
        flows = self.learned.flows
        yield f"# Proposed from {quoted(self.title)}."
        yield "# Say under `classify` which cost lines belong to which pool."
        yield f"name: {quoted(f'Learned from {self.title}')}"
        members = [*flows.consumers, *(flows.order if self.shape == "mixed" else ())]
        yield from _listed("consumers", members)
        if self.shape == "levels":
            yield from _listed("solutions", flows.order)
        yield from _listed("pools", [n for n in flows.costs if n in flows.charged])
        yield from self._rates()
        yield "steps:"
        if self.shape != "flat":
            yield from self._entering()
        if self.shape == "levels":
            inner = [n for n in flows.order if self.gives_to_pools(n)]
            yield from self._among("solution", inner)
            yield from self._step("to: consumer", [n for n in flows.order if n not in inner])
        elif self.shape == "mixed":
            yield from self._among("consumer", flows.order)
        else:
            yield from self._step("to: consumer", flows.order)
        if tests:
            yield from self._tests()

    def _rates(self) -> Iterator[str]:
        rated = [(n, w) for n, w in self.ways.items() if w and w.kind == "rate" and w.price]
        if rated:
            yield "rates:"
        for name, way in rated:
            yield f"  - name: {quoted(name)}"
            yield f"    driver: {quoted(self.measures[name])}"
            yield "    unit: unit"
            yield f"    currency: {self.currency}"
            yield f"    price: {exact_text(way.price or Decimal(0))}"

    def _entering(self) -> Iterator[str]:
        yield f"  - name: each pool to the {self.layer} of its name"
        yield f"    to: {self.layer}"
        yield "    rules:"
        flows = self.learned.flows
        for name in _inner_first([n for n in flows.costs if n in flows.charged]):
            said = quoted(name)
            yield f"      - name: {said}"
            yield f"        when: {{cost_pool: {said}}}"
            yield "        method: direct"
            yield f"        target: {said}"

    def _among(self, layer: str, givers: Sequence[str]) -> Iterator[str]:
        yield from self._step(f"among: {layer}", givers, ["    method: step_down",
                              f"    order: [{', '.join(map(quoted, givers))}]"])  # fmt: skip

    def _step(self, head: str, givers: Sequence[str], more: Sequence[str] = ()) -> Iterator[str]:
        known = [name for name in _inner_first(givers) if self.ways[name]]
        missing = [name for name in givers if not self.ways[name]]
        for name in missing:
            yield f"  # Nothing in the workbook explains {quoted(name)}: it stays unallocated."
        if not known:
            return
        yield f"  - name: {'among pools' if more else 'to consumers'}"
        yield f"    {head}"
        yield from more
        yield "    rules:"
        for name in known:
            yield from self._rule(name)

    def _rule(self, name: str) -> Iterator[str]:
        way = self.ways[name]
        assert way is not None
        yield f"      - name: {quoted(name)}"
        yield f"        when: {{{self.layer}: {quoted(name)}}}"
        if way.kind == "direct":
            yield "        method: direct"
            yield f"        target: {quoted(next(iter(way.weights)))}"
        elif way.kind == "even":
            yield "        method: even"
            yield f"        targets: [{', '.join(map(quoted, sorted(way.weights)))}]"
        elif way.kind in ("fixed", "read_off"):
            yield "        method: fixed"
            yield "        shares:"
            for target, percent in sorted(way.weights.items()):
                yield f"          {quoted(target)}: {exact_text(percent)}"
            if exact_sum(way.weights.values()) < 100:
                yield "        residual: unallocated"
        elif way.kind == "rate":
            yield "        method: rate"
            yield f"        rates: [{quoted(name)}]"
        else:
            yield "        method: weighted"
            yield f"        driver: {quoted(self.measures[name])}"
            if name in self.capacities:
                yield f"        capacity: {quoted(self.capacities[name])}"
                yield "        idle: unallocated"

    def _tests(self) -> Iterator[str]:
        """Last year as examples: every pool whose lines all come out to the cent."""
        if self.shape != "flat" or len(self.drivers) > MOST_TESTED:
            return
        shown = [p for p in self.learned.pools if self._is_test(p)]
        if shown:
            yield "tests:"
        for one in shown:
            pool = one.pool
            amount = self.learned.flows.costs[pool.name].amount
            yield f"  - name: {quoted(f'{pool.name} as in the workbook')}"
            yield f"    costs: [{{cost_pool: {quoted(pool.name)}, currency: {self.currency}, " \
                  f"amount: {exact_text(amount)}}}]"  # fmt: skip
            mine = [self.measures.get(pool.name), self.capacities.get(pool.name)]
            rows = [r for r in self.drivers if r[0] in mine and r[1] in (None, pool.name)]
            if rows:
                yield "    drivers:"
            for driver, giver, to, quantity in rows:
                start = f"from: {quoted(giver)}, " if giver else ""
                yield f"      - {{driver: {quoted(driver)}, {start}to: {quoted(to)}, " \
                      f"quantity: {exact_text(quantity)}}}"  # fmt: skip
            yield "    expect:"
            for target, line in sorted(pool.lines.items()):
                due = from_units(cents(Fraction(line.amount)), 2)
                yield f"      {quoted(target)}: {due}"

    def _is_test(self, one: LearnedPool) -> bool:
        way = self.ways[one.pool.name]
        own = one.pool.name in self.learned.flows.costs
        return own and way is not None and way.exact == way.lines and way.ratio is None


def _shape(learned: Learned) -> str:
    flows = learned.flows
    shape = "flat"
    for name in flows.order:
        pools = [target in flows.charged for target in flows.charged[name]]
        if any(pools):
            if not all(pools):
                return "mixed"
            shape = "levels"
    return shape


def _inner_first(names: Sequence[str]) -> list[str]:
    """'Pool / Sub-pool' before 'Pool', which would take it too; else the order given."""
    return sorted(names, key=lambda name: " / " not in name)


def _listed(key: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"{key}:"
    for name in names:
        yield f"  - {quoted(name)}"


def quoted(text: str) -> str:
    """A name as YAML: plain where it can be, else in quotes."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _NULL:
        return text
    return json.dumps(text, ensure_ascii=False)
