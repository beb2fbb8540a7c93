"""A cost model learned from a workbook, and the proof: the engine run on the workbook's costs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa

from bursar.allocate.language.model import CostModel
from bursar.allocate.learned_text import DriverRow, Proposal
from bursar.allocate.model_text import parse_model
from bursar.connect.grids.formulas import read_formulas
from bursar.core.calc.allocation.dividing import Terms
from bursar.core.calc.allocation.engine import allocate
from bursar.core.calc.learning.explain import Explanation, cents
from bursar.core.calc.learning.learn import Learned, LearnedPool, learn
from bursar.core.money.amount import LEDGER_PLACES, exact_text
from bursar.core.money.rounding import round_half_up
from bursar.core.money.units import column_of_integers, from_units, integers_of, scale_of, to_units
from bursar.core.refusal import InvariantBroken

_FINER = 8
"""Digits below the costs' own in which the engine divides, as runs do."""
_LAYERS = ("cost_pool", "tower", "solution", "consumer")


@dataclass(frozen=True)
class ProvedPool:
    """A pool beside what the engine makes of it. `near` lines differ by one cent."""

    learned: LearnedPool
    way: Explanation | None
    exact: int
    near: int
    lines: int
    charged: Fraction
    reproduced: Fraction


@dataclass(frozen=True)
class LearnedModel:
    """A model's text, the drivers it needs, and how much of the workbook it reproduces."""

    workbook: str
    learned: Learned
    shape: str
    text: str
    drivers: tuple[DriverRow, ...]
    pools: tuple[ProvedPool, ...]

    @property
    def charged(self) -> Fraction:
        return sum((pool.charged for pool in self.pools), Fraction(0))

    @property
    def reproduced(self) -> Fraction:
        return sum((pool.reproduced for pool in self.pools), Fraction(0))

    @property
    def near(self) -> int:
        """Lines that are reproduced but for one cent."""
        return sum(pool.near for pool in self.pools)

    def to_json(self) -> dict[str, Any]:
        """As the command line prints it; amounts are text, shares are percent."""
        source = self.learned.flows.source
        return {
            "workbook": self.workbook,
            "shape": self.shape,
            "costs_from": source.where if source else None,
            "charged": money(self.charged),
            "reproduced": money(self.reproduced),
            "reproduced_percent": percent(self.reproduced, self.charged),
            "lines_within_one_cent": self.near,
            "pools": [_pool_json(pool) for pool in self.pools],
            "findings": [
                {
                    "code": finding.code,
                    "sheet": finding.place.sheet,
                    "cell": finding.place.cell,
                    "message": finding.message,
                }
                for finding in self.learned.findings
            ],
            "drivers": [
                {"driver": d, "from": giver, "to": to, "quantity": exact_text(quantity)}
                for d, giver, to, quantity in self.drivers
            ],
            "model": self.text,
        }


def learn_model(path: Path, *, currency: str = "EUR") -> LearnedModel:
    """Read a workbook and propose the model that reproduces it; nothing is stored.

    Refusals: those of `read_formulas`, learn.nothing_numeric, learn.not_calculated,
    learn.no_results.
    """
    learned = learn(read_formulas(path))
    proposal = Proposal(learned, path.name, currency)
    text = proposal.text()
    parsed = parse_model(text)
    if any(problem.code == "model.test_failed" for problem in parsed.problems):
        # Half a cent may fall to the other side where the workbook's own digits are rounded.
        text = proposal.text(tests=False)
        parsed = parse_model(text)
    if parsed.model is None:
        raise InvariantBroken(f"a proposed model has problems: {parsed.problems[:3]}")
    made = _charges(parsed.model, proposal)
    pools = tuple(_proved(pool, proposal, made) for pool in learned.pools)
    return LearnedModel(path.name, learned, proposal.shape, text, tuple(proposal.drivers), pools)


def _charges(model: CostModel, proposal: Proposal) -> dict[tuple[str, str], Fraction]:
    """What the engine moves from each pool to each target, from the run's own trace."""
    costs = {n: f for n, f in proposal.learned.flows.costs.items() if n in proposal.ways}
    amounts = [figure.amount for figure in costs.values()]
    scale = min(scale_of(amounts) + _FINER, LEDGER_PLACES)
    units = pa.array([Decimal(to_units(amount, scale)) for amount in amounts], pa.decimal128(38, 0))
    names = {"legal_entity": "main", "currency": proposal.currency}
    columns = {key: pa.array([value] * len(costs), pa.string()) for key, value in names.items()}
    columns |= {layer: pa.array([None] * len(costs), pa.string()) for layer in _LAYERS}
    columns["cost_pool"] = pa.array(list(costs), pa.string())
    rows = list(zip(*proposal.drivers, strict=True)) or [(), (), (), ()]
    drivers = {
        name: pa.array(values, pa.string())
        for name, values in zip(("measure", "from_key", "to_key"), rows[:3], strict=True)
    }
    done = allocate(
        nodes=pa.table({**columns, "direct_units": column_of_integers(integers_of(units))}),
        steps=model.steps,
        members=model.known,
        drivers=pa.table({**drivers, "quantity": pa.array(rows[3], pa.decimal128(38, 24))}),
        terms=Terms(scale=scale),
    )
    nodes = done.nodes.to_pylist()
    found: dict[tuple[str, str], Fraction] = {}
    for edge in done.trace.to_pylist():
        step = model.steps[edge["step"] - 1]
        if proposal.shape != "flat" and edge["step"] == 1:
            continue  # each pool to the member of its own name
        way = edge["rule"], nodes[edge["to_node"]][step.to]
        found[way] = found.get(way, Fraction(0)) + Fraction(from_units(int(edge["units"]), scale))
    return found


def _proved(
    one: LearnedPool, proposal: Proposal, made: dict[tuple[str, str], Fraction]
) -> ProvedPool:
    name = one.pool.name
    targets = {*one.pool.lines, *(to for giver, to in made if giver == name)}
    exact, near, reproduced, charged = 0, 0, Fraction(0), Fraction(0)
    for target in targets:
        line = one.pool.lines.get(target)
        amount = Fraction(line.amount) if line else Fraction(0)
        off = abs(cents(made.get((name, target), Fraction(0))) - cents(amount))
        exact, near = exact + (off == 0), near + (off == 1)
        charged += abs(amount)
        reproduced += abs(amount) if off <= 1 else 0
    return ProvedPool(one, proposal.ways[name], exact, near, len(targets), charged, reproduced)


def money(amount: Fraction) -> str:
    """To the cent, as text."""
    return format(round_half_up(amount, 2), "f")


def percent(part: Fraction, whole: Fraction) -> str:
    """Percent with two digits, never 100 where something is missing."""
    if not whole:
        return "0.00"
    ratio = part / whole * 100
    return "99.99" if part < whole and ratio > Fraction(9999, 100) else money(ratio)


def _pool_json(pool: ProvedPool) -> dict[str, Any]:
    own = pool.learned.pool
    return {
        "pool": own.name,
        "cost": money(own.amount),
        "charged": money(pool.charged),
        "reproduced": money(pool.reproduced),
        "reproduced_percent": percent(pool.reproduced, pool.charged),
        "lines": pool.lines,
        "lines_exact": pool.exact,
        "lines_within_one_cent": pool.near,
        "proposed": _way_json(pool.way) if pool.way else None,
        "also": [_way_json(way) for way in pool.learned.explanations if way is not pool.way],
    }


def _way_json(way: Explanation) -> dict[str, Any]:
    return {
        "method": way.kind,
        "says": way.says,
        "from": list(way.places),
        "charged_percent_of_cost": money(way.ratio * 100) if way.ratio is not None else None,
    }
