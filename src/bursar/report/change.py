"""Why did this change? A statement against another period's, or an earlier run's, in parts.

Rules CH1-CH6 of docs/spec/change.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.allocate.driving import usage_of
from bursar.allocate.inputs import driver_period, frozen_inputs
from bursar.allocate.models import RunPeriod
from bursar.allocate.publishing import run_in_force
from bursar.allocate.run_files import read_run
from bursar.core.calc.allocation.model import Rule
from bursar.core.calc.change import KINDS, NOTHING, Charged, Parts, parts_of_change
from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.core.tables.allocation import ALLOCATED_LINE, ALLOCATION_TRACE
from bursar.office.people.scope import Scope
from bursar.report.bill_of_it import is_disclosed, periods_run
from bursar.report.dimensions import NO_SOLUTION, NO_TOWER, UNCLASSIFIED
from bursar.report.errors import NoStatement, NotRun, UnknownRun
from bursar.report.issued import LineKey, frozen_statement
from bursar.report.periods import before as period_before
from bursar.report.periods import last_day
from bursar.report.wording import money, period_name

SHARED = "shared cost"
"""Price and driver in one, for who may not tell them apart (CH6)."""

_RATE = "rate"
_KEY = ("solution", "tower", "cost_pool")
_Names = tuple[str | None, str | None, str | None]
"""A line's names as the run wrote them."""

_BECAUSE = {
    "new": "it is new",
    "gone": "it ended",
    "volume": "the quantity used changed",
    "rate": "the rate or the rule changed",
    "driver": "the own share of the use changed",
    "price": "its cost changed",
    SHARED: "its cost, or the own share of the use, changed",
}


@dataclass(frozen=True)
class ChangedLine:
    """One line on both sides; the parts add up to the difference."""

    solution: str
    tower: str
    cost_pool: str
    before: Decimal
    now: Decimal
    parts: tuple[tuple[str, Decimal], ...]
    """(kind, amount), the largest first; only those that are not zero."""
    sentence: str

    @property
    def difference(self) -> Decimal:
        return EXACT.subtract(self.now, self.before)

    def to_json(self) -> dict[str, Any]:
        return {
            "solution": self.solution,
            "tower": self.tower,
            "cost_pool": self.cost_pool,
            "before": exact_text(self.before),
            "now": exact_text(self.now),
            "difference": exact_text(self.difference),
            "parts": [{"kind": kind, "amount": exact_text(a)} for kind, a in self.parts],
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class Change:
    """A statement beside an earlier one of the same consumer, legal entity and currency."""

    statement_id: str
    consumer: str
    legal_entity: str
    currency: str
    basis: str
    period: str
    run_id: str
    model_version: int | None
    before_period: str
    before_run_id: str
    before_model_version: int | None
    before: Decimal
    now: Decimal
    parts: tuple[tuple[str, Decimal], ...]
    lines: tuple[ChangedLine, ...]
    """The largest difference first; lines without any are left out."""
    sentence: str

    @property
    def difference(self) -> Decimal:
        return EXACT.subtract(self.now, self.before)

    def to_json(self) -> dict[str, Any]:
        return {
            "statement_id": self.statement_id,
            "consumer": self.consumer,
            "legal_entity": self.legal_entity,
            "currency": self.currency,
            "basis": self.basis,
            "period": self.period,
            "run_id": self.run_id,
            "model_version": self.model_version,
            "before_period": self.before_period,
            "before_run_id": self.before_run_id,
            "before_model_version": self.before_model_version,
            "before": exact_text(self.before),
            "now": exact_text(self.now),
            "difference": exact_text(self.difference),
            "parts": [{"kind": kind, "amount": exact_text(a)} for kind, a in self.parts],
            "lines": [line.to_json() for line in self.lines],
            "sentence": self.sentence,
        }


def change_of(
    scope: Scope, *, statement_id: str, before: str | None = None, against: str | None = None
) -> Change:
    """Why a statement is not what it was in the period before, in `before`, or in run `against`.

    Raises NoStatement, NotRun, UnknownRun.
    """
    row = frozen_statement(statement_id)
    if row is None or not scope.holds(row.consumer, last_day(row.period)):
        raise NoStatement(
            f"There is no statement '{statement_id}' in force, or none that you may see. "
            "The list of statements has those of every period."
        )
    now = row.run_period
    earlier = _run_named(against, now) if against else _run_before(scope, now, before)
    if not scope.holds(row.consumer, last_day(earlier.period)):
        raise NoStatement(
            f"{row.consumer} was not yours in {earlier.period}, so you may not compare with it."
        )
    purse = row.legal_entity, row.currency
    sides = _Side(earlier, row.consumer, purse), _Side(now, row.consumer, purse)
    told = _Telling(scope, sides, row.currency, row.consumer)
    lines = tuple(told.lines())
    old, new = (exact_sum(c.amount for c in side.charged.values()) for side in sides)
    parts = _summed(lines)
    return Change(
        statement_id=statement_id,
        consumer=row.consumer,
        legal_entity=row.legal_entity,
        currency=row.currency,
        basis=now.basis,
        period=now.period,
        run_id=now.run.run_id,
        model_version=_version(now),
        before_period=earlier.period,
        before_run_id=earlier.run.run_id,
        before_model_version=_version(earlier),
        before=old,
        now=new,
        parts=parts,
        lines=lines,
        sentence=told.sentence(row.consumer, old, new, parts),
    )


def _run_before(scope: Scope, now: RunPeriod, before: str | None) -> RunPeriod:
    period = before or period_before(now.period, periods_run(scope, now.basis))
    found = run_in_force(period, now.basis) if period else None
    if found is None:
        when = period or f"any period before {now.period}"
        raise NotRun(
            f"There is no run on {now.basis} cost for {when}, so there is nothing to compare "
            f"{now.period} with. Run the earlier period first, or name another one."
        )
    return found


def _run_named(run_id: str, now: RunPeriod) -> RunPeriod:
    rows = RunPeriod.objects.select_related("run", "model_version")
    found = rows.filter(run__run_id=run_id, period=now.period, basis=now.basis).first()
    if found is None:
        raise UnknownRun(
            f"There is no run '{run_id}' of {now.period} on {now.basis} cost. The journal has "
            "the runs of a period: bursar journal list."
        )
    return found


class _Side:
    """What a run charged one consumer, line by line, and what each charge came from."""

    def __init__(self, run: RunPeriod, consumer: str, purse: tuple[str, str]) -> None:
        self.run = run
        self._inputs = frozen_inputs(run)
        self._consumer = consumer
        self._usage: dict[str, list[dict[str, Any]]] = {}
        lines = read_run(run, ALLOCATED_LINE)
        here = (pc.field("legal_entity") == purse[0]) & (pc.field("currency") == purse[1])
        lines = lines.filter(here).select([*_KEY, "consumer", "node_id", "amount"])
        cost = _sums(lines)
        own = lines.filter(pc.field("consumer") == consumer)
        nodes: dict[_Names, set[int]] = defaultdict(set)
        columns = (own[name].to_pylist() for name in (*_KEY, "node_id"))
        for solution, tower, pool, node in zip(*columns, strict=True):
            nodes[solution, tower, pool].add(node)
        rules = self._rules(set(own["node_id"].to_pylist()))
        self.charged = {
            _told(names): self._charged(
                names, amount, cost[names], {r for node in nodes[names] for r in rules[node]}
            )
            for names, amount in _sums(own).items()
        }

    def _rules(self, nodes: set[int]) -> dict[int, set[tuple[int, str]]]:
        """Node → (step, rule) of the edges that brought money to it."""
        inbound = pc.field("to_node").isin(pa.array(sorted(nodes), pa.int64()))
        edges = read_run(self.run, ALLOCATION_TRACE).filter(inbound)
        found: dict[int, set[tuple[int, str]]] = defaultdict(set)
        columns = (edges[name].to_pylist() for name in ("to_node", "step", "rule"))
        for node, step, rule in zip(*columns, strict=True):
            found[node].add((step, rule))
        return found

    def _charged(
        self, names: _Names, amount: Decimal, cost: Decimal, rules: set[tuple[int, str]]
    ) -> Charged:
        found = [rule for step, name in sorted(rules) for rule in self._named(step, name)]
        if len(found) == 1 and found[0].method == _RATE:
            quantity = self._quantity(found[0], names)
            return Charged(amount, cost, quantity, (_RATE, found[0].name))
        return Charged(amount, cost, None, tuple(found) or None)

    def _named(self, step: int, name: str) -> Iterator[Rule]:
        yield from (rule for rule in self._inputs.model.steps[step - 1].rules if rule.name == name)

    def _quantity(self, rule: Rule, names: _Names) -> Decimal | None:
        """The consumer's own quantity, looked up as the run did; None for several drivers."""
        drivers = {rate.driver for rate in rule.rates}
        if len(drivers) != 1:
            return None
        rows = self._rows(drivers.pop())
        for source in (*names, ""):
            quantities = [row["quantity"] for row in rows if (row["from_key"] or "") == source]
            if quantities:
                mine = [
                    row["quantity"] for row in rows
                    if (row["from_key"] or "") == source and row["to_key"] == self._consumer
                ]  # fmt: skip
                return exact_sum(mine)
        return None

    def _rows(self, driver: str) -> list[dict[str, Any]]:
        """The driver's quantities as the run froze them; read once."""
        if driver not in self._usage:
            batches = [one["batch_id"] for one in self._inputs.content["drivers"]]
            periods = (self.run.period, driver_period(self.run.period))
            self._usage[driver] = usage_of(batches, [driver], periods).to_pylist()
        return self._usage[driver]


def _sums(lines: pa.Table) -> dict[_Names, Decimal]:
    """Exact sums by solution, tower and cost pool."""
    wide = lines["amount"].cast(pa.decimal256(76, 24))
    place = lines.column_names.index("amount")
    summed = lines.set_column(place, "amount", wide).group_by(list(_KEY)).aggregate(
        [("amount", "sum")]
    )  # fmt: skip
    names = zip(*(summed[name].to_pylist() for name in _KEY), strict=True)
    return dict(zip(names, summed["amount_sum"].to_pylist(), strict=True))


def _told(names: _Names) -> LineKey:
    """The names as a statement prints them."""
    return names[0] or NO_SOLUTION, names[1] or NO_TOWER, names[2] or UNCLASSIFIED


class _Telling:
    """Both sides, line by line, in parts and in words."""

    def __init__(
        self, scope: Scope, sides: tuple[_Side, _Side], currency: str, consumer: str
    ) -> None:
        self._scope, self._sides = scope, sides
        self._currency, self._consumer = currency, consumer
        self._scale = max(side.run.scale for side in sides)
        one, other = (side.run for side in sides)
        self._than = (
            period_name(one.period) if one.period != other.period else f"run {one.run.run_id}"
        )

    def lines(self) -> list[ChangedLine]:
        before, now = (side.charged for side in self._sides)
        made = [self._line(key, before.get(key), now.get(key)) for key in {**now, **before}]
        moved = [line for line in made if line.difference]
        return sorted(moved, key=lambda x: (-abs(x.difference), x.solution, x.tower, x.cost_pool))

    def _line(self, key: LineKey, before: Charged | None, now: Charged | None) -> ChangedLine:
        parts = self._seen(key, parts_of_change(before, now, scale=self._scale))
        old, new = (side.amount if side else NOTHING for side in (before, now))
        name = f"{key[0]} on {key[1]}, paid from {key[2]}"
        return ChangedLine(*key, old, new, parts, self.sentence(name, old, new, parts))

    def _seen(self, key: LineKey, parts: Parts) -> tuple[tuple[str, Decimal], ...]:
        """The parts that are not zero, as far as the reader may tell them apart."""
        found = {kind: getattr(parts, kind) for kind in KINDS}
        if not self._scope.everything and not all(
            is_disclosed(side.run, key[2]) for side in self._sides
        ):
            told = ("price", "driver", "rate") if found["price"] else ("driver",)
            found[SHARED] = exact_sum(found.pop(kind) for kind in told)
        return _ordered(found)

    def sentence(
        self, name: str, before: Decimal, now: Decimal, parts: Sequence[tuple[str, Decimal]]
    ) -> str:
        """'Mail …: 12.00 EUR more than in May 2026: 10.00 because its cost changed, …'"""
        difference = EXACT.subtract(now, before)
        if not difference:
            return f"{name}: as much as in {self._than}."
        way = "more" if difference > 0 else "less"
        size = money(abs(difference), self._currency)
        because = ", ".join(self._because(parts))
        return f"{name}: {size} {self._currency} {way} than in {self._than}: {because}."

    def _because(self, parts: Sequence[tuple[str, Decimal]]) -> Iterator[str]:
        """A part each; those too small to be printed only where there is nothing larger."""
        told = [(kind, amount, money(amount, self._currency)) for kind, amount in parts]
        shown = [part for part in told if part[2].strip("0.\N{MINUS SIGN}")] or told
        for kind, amount, text in shown:
            yield f"{'+' if amount > 0 else ''}{text} because {_BECAUSE[kind]}"


def _ordered(found: dict[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
    kept = [(kind, amount) for kind, amount in found.items() if amount]
    return tuple(sorted(kept, key=lambda part: (-abs(part[1]), part[0])))


def _summed(lines: Sequence[ChangedLine]) -> tuple[tuple[str, Decimal], ...]:
    sums: dict[str, list[Decimal]] = defaultdict(list)
    for line in lines:
        for kind, amount in line.parts:
            sums[kind].append(amount)
    return _ordered({kind: exact_sum(amounts) for kind, amounts in sums.items()})


def _version(run: RunPeriod) -> int | None:
    return run.model_version.number if run.model_version else None
