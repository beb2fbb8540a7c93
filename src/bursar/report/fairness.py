"""Is a statement fair? What each rule charged, beside other ways that could be defended.

Rules FA9-FA14 of docs/spec/fairness.md. Nothing here changes what anybody pays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from bursar.allocate.driving import usage_of
from bursar.allocate.inputs import driver_period, frozen_inputs
from bursar.allocate.language.model import CostModel
from bursar.allocate.models import RunPeriod
from bursar.allocate.run_files import read_run
from bursar.core.calc.allocation.model import Rule
from bursar.core.calc.allocation.split import split_exact
from bursar.core.calc.fairness.games import FixedAndVariable, stand_alone
from bursar.core.calc.fairness.shapley import shapley
from bursar.core.money.amount import exact_sum, exact_text
from bursar.core.money.units import from_units
from bursar.core.tables.allocation import ALLOCATION_NODE, ALLOCATION_TRACE
from bursar.core.tables.usage_line import USAGE_LINE
from bursar.office.manifest.models import LakeFile
from bursar.office.people.scope import Scope
from bursar.record import queries
from bursar.report.bill_of_it import is_disclosed
from bursar.report.dimensions import NO_SOLUTION
from bursar.report.driver_origin import UNTOLD, DriverOrigin, driver_origins, model_said
from bursar.report.errors import NoStatement
from bursar.report.issued import frozen_statement
from bursar.report.periods import last_day
from bursar.report.wording import money, percent, ratio_of

AS_CHARGED, EQUAL, ALONE, SHAPLEY = "as charged", "in equal parts", "alone", "Shapley share"
_WHOLE = 100
FEWEST_PEERS = 3
"""With no more who pay, each could tell the others by what is left."""


@dataclass(frozen=True)
class Way:
    """One way to divide the same amount, and what this consumer would pay by it."""

    name: str
    kind: str
    """as charged, driver, in equal parts, alone or Shapley share."""
    amount: Decimal | None
    """None where the way cannot divide it."""
    why_not: str = ""

    def to_json(self) -> dict[str, Any]:
        amount = None if self.amount is None else exact_text(self.amount)
        return {**vars(self), "amount": amount}


@dataclass(frozen=True)
class MeasuredBy:
    """A driver behind a charge: this consumer's quantity, and of how many it is."""

    driver: str
    unit: str
    own: Decimal
    total: Decimal | None
    """Of all whom it measures; None where the consumer may not see it."""
    origin: DriverOrigin

    @property
    def share(self) -> Decimal | None:
        return None if self.total is None else ratio_of(self.own, self.total)

    @property
    def sentence(self) -> str:
        """'Measured by seats: 30 of 100 seat (30.0 %); measured; from HR, imported on …'."""
        said = f"By {self.driver}: {_number(self.own)}"
        if self.total is not None and self.share is not None:
            said += f" of {_number(self.total)}"
        said += f" {self.unit}" if self.unit else ""
        if self.share is not None:
            said += f" ({percent(self.share)})"
        return f"{said}; {self.origin.sentence}."

    def to_json(self) -> dict[str, Any]:
        return {
            "driver": self.driver,
            "unit": self.unit,
            "own": exact_text(self.own),
            "total": None if self.total is None else exact_text(self.total),
            "share": None if self.share is None else exact_text(self.share),
            "origin": self.origin.to_json(),
        }


@dataclass(frozen=True)
class Peer:
    """One who pays of the same whole; without a name, unless who looks may see all."""

    name: str
    amount: Decimal
    share: Decimal
    own: bool

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "amount": exact_text(self.amount), "share": exact_text(self.share)}


@dataclass(frozen=True)
class JudgedCharge:
    """What one rule charged the consumer of one solution; open pools show the whole of it."""

    solution: str
    rule: str
    charged: Decimal
    whole: Decimal | None
    """What the rule divided in all; None where the consumer may not see it."""
    payers: int | None
    ways: tuple[Way, ...]
    sentence: str
    measured: tuple[MeasuredBy, ...] = ()
    peers: tuple[Peer, ...] = ()
    """All who pay, the largest first; empty where that is not open, or too few to hide anybody."""

    @property
    def share(self) -> Decimal | None:
        return None if self.whole is None else ratio_of(self.charged, self.whole)

    def to_json(self) -> dict[str, Any]:
        return {
            "solution": self.solution,
            "rule": self.rule,
            "charged": exact_text(self.charged),
            "whole": None if self.whole is None else exact_text(self.whole),
            "share": None if self.share is None else str(self.share),
            "payers": self.payers,
            "ways": [way.to_json() for way in self.ways],
            "sentence": self.sentence,
            "measured": [one.to_json() for one in self.measured],
            "peers": [peer.to_json() for peer in self.peers],
        }


@dataclass(frozen=True)
class Fairness:
    """A statement's charges, each beside the other ways."""

    statement_id: str
    consumer: str
    period: str
    legal_entity: str
    currency: str
    basis: str
    charges: tuple[JudgedCharge, ...]
    """The largest first."""

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "charges": [one.to_json() for one in self.charges]}


def fairness(scope: Scope, *, statement_id: str) -> Fairness:
    """One statement. Raises NoStatement, also where the scope may not see it."""
    row = frozen_statement(statement_id)
    if row is None or not scope.holds(row.consumer, last_day(row.period)):
        raise NoStatement(f"There is no statement '{statement_id}', or none that you may see.")
    run = row.run_period
    judge = _Judge(run, row.consumer, (row.legal_entity, row.currency))
    found = [judge.told(divided, everything=scope.everything) for divided in judge.divided()]
    found.sort(key=lambda one: (-abs(one.charged), one.solution, one.rule))
    return Fairness(
        statement_id=statement_id,
        consumer=row.consumer,
        period=row.period,
        legal_entity=row.legal_entity,
        currency=row.currency,
        basis=run.basis,
        charges=tuple(found),
    )


class _Divided(NamedTuple):
    """What one rule moved from one solution to consumers, in one legal entity and currency."""

    solution: str | None
    rule: Rule
    units: dict[str, int]
    """By consumer."""
    pools: frozenset[str]


class _Judge:
    """One statement's run, read once."""

    def __init__(self, run: RunPeriod, consumer: str, purse: tuple[str, str]) -> None:
        self.run, self.consumer, self.currency = run, consumer, purse[1]
        self.inputs = frozen_inputs(run)
        self.model: CostModel = self.inputs.model
        nodes = read_run(run, ALLOCATION_NODE)
        mine = pc.and_(
            pc.equal(nodes["legal_entity"], purse[0]), pc.equal(nodes["currency"], purse[1])
        )
        nodes = nodes.filter(mine)
        columns = (nodes[name].to_pylist() for name in ("solution", "cost_pool", "consumer"))
        self._names = dict(
            zip(nodes["node_id"].to_pylist(), zip(*columns, strict=True), strict=True)
        )
        self._quantities: dict[str, list[dict[str, Any]]] = {}
        batches = [batch["batch_id"] for batch in self.inputs.content["drivers"]]
        version = run.model_version
        self._origins = driver_origins(
            LakeFile.objects.filter(owner__in=batches, table=USAGE_LINE.name),
            period=run.period,
            notes=model_said(version.text if version else None).driver_notes,
        )

    def divided(self) -> list[_Divided]:
        """What every rule that fills the consumer divided, where this consumer has a part."""
        steps = {n: step for n, step in enumerate(self.model.steps, start=1)
                 if step.to == "consumer" and not step.among}  # fmt: skip
        edges = read_run(self.run, ALLOCATION_TRACE)
        edges = edges.filter(pc.field("step").isin(pa.array(list(steps), pa.int32())))
        units: dict[tuple[int, str, str | None], dict[str, int]] = defaultdict(dict)
        pools: dict[tuple[int, str, str | None], set[str]] = defaultdict(set)
        columns = (edges[n].to_pylist() for n in ("step", "rule", "from_node", "to_node", "units"))
        for step, rule, source, target, moved in zip(*columns, strict=True):
            if source in self._names and target in self._names:
                solution, pool, _ = self._names[source]
                key, payer = (step, rule, solution), self._names[target][2]
                units[key][payer] = units[key].get(payer, 0) + int(moved)
                pools[key].add(pool or "")
        return [
            _Divided(solution, rule, by, frozenset(pools[step, name, solution]))
            for (step, name, solution), by in units.items()
            if by.get(self.consumer)
            for rule in steps[step].rules
            if rule.name == name
        ]

    def told(self, divided: _Divided, *, everything: bool) -> JudgedCharge:
        """Who may not see the whole is told what is charged alone (rule FA12)."""
        name, charged = divided.solution or NO_SOLUTION, divided.units[self.consumer]
        measured = self._measured(divided, totals=everything or self._open(divided, "drivers"))
        if not (everything or self._open(divided, "total")):
            said = (
                f"{name}: {self._money(charged)} by the rule '{divided.rule.name}'. What others "
                "pay behind it is not disclosed, so it cannot be set beside other ways."
            )
            return JudgedCharge(
                name, divided.rule.name, self._amount(charged), None, None, (), said, measured
            )
        ways = tuple(self._ways(divided))
        whole = sum(divided.units.values())
        return JudgedCharge(
            solution=name,
            rule=divided.rule.name,
            charged=self._amount(charged),
            whole=self._amount(whole),
            payers=sum(1 for units in divided.units.values() if units),
            ways=ways,
            sentence=self._sentence(name, divided, ways),
            measured=measured,
            peers=self._peers(divided, everything=everything),
        )

    def _open(self, divided: _Divided, what: str) -> bool:
        return all(is_disclosed(self.run, pool, what=what) for pool in divided.pools)

    def _measured(self, divided: _Divided, *, totals: bool) -> tuple[MeasuredBy, ...]:
        """The drivers that divided it, with this consumer's own quantity (rule FA13)."""
        found = []
        for driver in divided.rule.measures:
            if driver == divided.rule.capacity:
                continue
            rows = self._rows_for(driver, divided.solution)
            own = [row["quantity"] for row in rows if row["to_key"] == self.consumer]
            units = sorted({row["unit"] for row in rows if row["unit"]})
            whole = exact_sum(row["quantity"] for row in rows) if totals else None
            origin = self._origins.get(driver, UNTOLD)
            found.append(MeasuredBy(driver, ", ".join(units), exact_sum(own), whole, origin))
        return tuple(found)

    def _peers(self, divided: _Divided, *, everything: bool) -> tuple[Peer, ...]:
        """Who pays how much; names only for who sees everything (rule FA14)."""
        paying = {name: units for name, units in divided.units.items() if units}
        few = len(paying) <= FEWEST_PEERS
        if not everything and (few or not self._open(divided, "peers")):
            return ()
        whole = self._amount(sum(paying.values()))
        ranked = sorted(paying.items(), key=lambda one: (-one[1], one[0]))
        found, number = [], 0
        for name, units in ranked:
            own = name == self.consumer
            number += not own
            amount = self._amount(units)
            shown = name if everything or own else f"Peer {number}"
            found.append(Peer(shown, amount, ratio_of(amount, whole), own))
        return tuple(found)

    def _ways(self, divided: _Divided) -> Iterator[Way]:
        rule, charged = divided.rule, divided.units[self.consumer]
        label = f"{AS_CHARGED}, {rule.driver_label or rule.method}"
        yield Way(label, AS_CHARGED, self._amount(charged))
        for driver in rule.alternatives:
            weights, why_not = self._weights(driver, divided.solution)
            amount = None if why_not else self._part(divided, weights)
            yield Way(f"by {driver}", "driver", amount, why_not)
        payers = {name: 1 for name, units in divided.units.items() if units}
        yield Way(EQUAL, EQUAL, self._part(divided, payers))
        yield from self._game(divided)

    def _game(self, divided: _Divided) -> Iterator[Way]:
        """Fixed and variable, where the model says how much of the service is fixed (FA11)."""
        percent = next(
            (m.fixed for m in self.model.members
             if m.layer == "solution" and m.name == divided.solution), None
        )  # fmt: skip
        if percent is None or divided.rule.driver is None:
            return
        needs, why_not = self._weights(divided.rule.driver, divided.solution)
        if why_not:
            return
        names = sorted(needs)
        whole = Fraction(sum(divided.units.values()))
        fixed = whole * Fraction(percent) / _WHOLE
        game = FixedAndVariable(
            fixed, (whole - fixed) / sum(needs.values()), tuple(Fraction(needs[n]) for n in names)
        )
        place = names.index(self.consumer) if self.consumer in names else None
        alone = stand_alone(game)[place] if place is not None else Fraction(0)
        value = shapley(game).shares[place] if place is not None else Fraction(0)
        told = f"{percent.normalize():f} % of the cost fixed"
        yield Way(f"{ALONE}, {told}", ALONE, self._amount(round(alone)))
        yield Way(f"{SHAPLEY}, {told}", SHAPLEY, self._amount(round(value)))

    def _part(self, divided: _Divided, weights: dict[str, int]) -> Decimal:
        """This consumer's part of what the rule divided; all parts add up to it."""
        names = sorted(weights)
        parts = split_exact(sum(divided.units.values()), [weights[name] for name in names])
        return self._amount(dict(zip(names, parts, strict=True)).get(self.consumer, 0))

    def _weights(self, driver: str, solution: str | None) -> tuple[dict[str, int], str]:
        """Whole weights by consumer, of the solution's rows or else of those for any cost; or why
        they divide nothing."""
        known = self.model.known.get("consumer", frozenset())
        sums: dict[str, Fraction] = defaultdict(Fraction)
        for row in self._rows_for(driver, solution):
            if row["to_key"] in known:
                sums[row["to_key"]] += Fraction(row["quantity"])
        if not sums:
            return {}, f"there are no quantities of {driver} for it"
        if any(quantity < 0 for quantity in sums.values()):
            return {}, f"a quantity of {driver} is below zero"
        if not any(sums.values()):
            return {}, f"all quantities of {driver} are zero"
        return _whole_numbers(sums), ""

    def _rows_for(self, driver: str, solution: str | None) -> list[dict[str, Any]]:
        """Its rows for the solution, or else those for any cost."""
        rows = self._rows(driver)
        for source in (solution or "", ""):
            found = [row for row in rows if (row["from_key"] or "") == source]
            if found:
                return found
        return []

    def _rows(self, driver: str) -> list[dict[str, Any]]:
        """The rule's own driver as the run froze it; another one as it is measured today."""
        if driver not in self._quantities:
            period = self.run.period
            if driver in self.model.drivers:
                batches = [batch["batch_id"] for batch in self.inputs.content["drivers"]]
                usage = usage_of(batches, [driver], (period, driver_period(period)))
            else:
                usage = queries.usage_lines(driver_period(period))
                usage = usage.filter(pc.equal(usage["measure"], driver))
            self._quantities[driver] = usage.to_pylist()
        return self._quantities[driver]

    def _sentence(self, name: str, divided: _Divided, ways: Sequence[Way]) -> str:
        charged = divided.units[self.consumer]
        said = f"{name}: {self._money(charged)} by the rule '{divided.rule.name}'"
        defended = (way.amount for way in ways if way.kind in ("driver", EQUAL))
        others = [amount for amount in defended if amount is not None]
        if others:
            low, high = (money(amount, self.currency) for amount in (min(others), max(others)))
            between = f"{low} to {high}" if low != high else low
            said += f"; {between} by other ways that could be defended"
        alone = next((way.amount for way in ways if way.kind == ALONE), None)
        if alone is not None:
            said += f"; {money(alone, self.currency)} if nobody shared it"
        return f"{said}."

    def _amount(self, units: int) -> Decimal:
        return from_units(units, self.run.scale)

    def _money(self, units: int) -> str:
        return f"{money(self._amount(units), self.currency)} {self.currency}"


def _number(quantity: Decimal) -> str:
    """'1,250.5': grouped, without idle zeros."""
    return f"{Decimal(exact_text(quantity)):,f}"


def _whole_numbers(sums: dict[str, Fraction]) -> dict[str, int]:
    common = lcm(*(quantity.denominator for quantity in sums.values()))
    return {name: int(quantity * common) for name, quantity in sums.items()}
