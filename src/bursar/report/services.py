"""The catalogue of services: what each is, costs, costs per unit, and was planned to cost.

Rules SV1-SV8 of docs/spec/services.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.allocate.driving import usage_of
from bursar.allocate.inputs import FrozenInputs, driver_period, frozen_inputs
from bursar.allocate.language.members import DeclaredMember
from bursar.allocate.models import RunPeriod
from bursar.allocate.queries import runs_in_force
from bursar.allocate.run_files import read_run
from bursar.core.calc.allocation.model import Rule
from bursar.core.calc.service_plan import ServicePlan, Variances, in_force, variances
from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.core.money.rounding import round_half_up
from bursar.core.tables.allocation import ALLOCATED_LINE, ALLOCATION_NODE, ALLOCATION_TRACE
from bursar.office.calendar.periods import calendar_of
from bursar.office.people.scope import Scope
from bursar.report.balance import require_everything
from bursar.report.dimensions import require_basis

HISTORY = 13
"""Months of the trend, the one that is looked at among them."""

_UNIT_COST_DIGITS = 6


@dataclass(frozen=True)
class Month:
    """A service in one period and currency; volume and unit cost are None where there is none."""

    period: str
    cost: Decimal
    charged: Decimal
    volume: Decimal | None
    unit_cost: Decimal | None

    @property
    def uncharged(self) -> Decimal:
        return EXACT.subtract(self.cost, self.charged)


@dataclass(frozen=True)
class ServiceRow:
    """One service in one currency, with what changed since the month before."""

    service: str
    label: str
    owner: str
    unit: str
    includes: tuple[str, ...]
    driver: str
    currency: str
    month: Month
    previous: Month | None
    volume_effect: Decimal | None
    unit_cost_effect: Decimal | None
    rate: Decimal | None
    past: tuple[tuple[str, Decimal], ...]
    """(period, unit cost) of every month of the trend that has one, oldest first."""
    plan: ServicePlan | None = None
    output: Decimal | None = None
    """How much there was of what the service is for."""
    against_plan: Variances | None = None
    """None where there is no plan, or no volume to hold against it."""

    @property
    def change(self) -> Decimal | None:
        return EXACT.subtract(self.month.cost, self.previous.cost) if self.previous else None

    @property
    def variance(self) -> Decimal | None:
        """Actual less planned cost; above zero is unfavourable."""
        return EXACT.subtract(self.month.cost, self.plan.cost) if self.plan else None

    def to_json(self) -> dict[str, Any]:
        month, previous = self.month, self.previous
        return {
            "service": self.service,
            "label": self.label,
            "owner": self.owner,
            "unit": self.unit,
            "includes": list(self.includes),
            "driver": self.driver,
            "currency": self.currency,
            "cost": exact_text(month.cost),
            "charged": exact_text(month.charged),
            "uncharged": exact_text(month.uncharged),
            "volume": _text(month.volume),
            "unit_cost": _text(month.unit_cost),
            "rate": _text(self.rate),
            "previous_cost": _text(previous.cost if previous else None),
            "previous_volume": _text(previous.volume if previous else None),
            "previous_unit_cost": _text(previous.unit_cost if previous else None),
            "change": _text(self.change),
            "volume_effect": _text(self.volume_effect),
            "unit_cost_effect": _text(self.unit_cost_effect),
            "plan": self._plan(),
            "trend": [{"period": p, "unit_cost": exact_text(c)} for p, c in self.past],
        }

    def _plan(self) -> dict[str, Any] | None:
        if self.plan is None:
            return None
        against = self.against_plan
        return {
            "cost": exact_text(self.plan.cost),
            "volume": exact_text(self.plan.volume),
            "rate": exact_text(self.plan.rate),
            "output": _text(self.plan.output),
            "actual_output": _text(self.output),
            "variance": _text(self.variance),
            "price_variance": _text(against.price if against else None),
            "volume_variance": _text(against.volume if against else None),
            "efficiency_variance": _text(against.efficiency if against else None),
        }


@dataclass(frozen=True)
class Services:
    """Every service of a period, the dearest first."""

    period: str
    basis: str
    rows: tuple[ServiceRow, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "period": self.period,
            "basis": self.basis,
            "services": [row.to_json() for row in self.rows],
        }


def services(scope: Scope, *, period: str, basis: str = "effective") -> Services:
    """The services of the run in force; none where the period was not run.

    Raises BeyondScope for a restricted scope: a unit cost tells what others use. Refuses
    `report.unknown_basis`.
    """
    require_everything(scope, "What services cost")
    require_basis(basis)
    wanted = _ending_with(period)
    runs = runs_in_force(basis=basis, periods=wanted)
    told = {run.period: _Told(run) for run in sorted(runs, key=lambda run: run.period)}
    now = told.get(period)
    if now is None:
        return Services(period, basis, ())
    before = told.get(wanted[1])
    rows = [
        _row(key, now, before, [one.months[key] for one in told.values() if key in one.months])
        for key in now.months
    ]
    order = sorted(rows, key=lambda row: (row.currency, -abs(row.month.cost), row.service))
    return Services(period, basis, tuple(order))


def _ending_with(period: str) -> list[str]:
    """The months of the trend, newest first."""
    calendar, found = calendar_of(), [period]
    while len(found) < HISTORY:
        day_before = calendar.period(found[-1]).start - timedelta(days=1)
        found.append(calendar.period_of(day_before).code)
    return found


class _Told:
    """One run's services by name and currency."""

    def __init__(self, run: RunPeriod) -> None:
        self.run = run
        inputs = frozen_inputs(run)
        self.declared = {m.name: m for m in inputs.model.members if m.layer == "solution"}
        lines = read_run(run, ALLOCATED_LINE)
        lines = lines.filter(pc.is_valid(lines["solution"]))
        self.drivers = _drivers(run, self.declared)
        volumes = _volumes(inputs, run.period, self.drivers)
        counted = {name: m.output for name, m in self.declared.items() if m.output}
        self.outputs = _volumes(inputs, run.period, counted)
        self.rates = {name: _rate(inputs, name, run.period) for name in self.drivers}
        self.months: dict[tuple[str, str], Month] = {
            key: _month(run.period, parts, volumes.get(key[0]))
            for key, parts in _amounts(lines).items()
        }


def _amounts(lines: pa.Table) -> dict[tuple[str, str], list[tuple[str, Decimal]]]:
    """(solution, currency) → outcome and amount of each line."""
    found: dict[tuple[str, str], list[tuple[str, Decimal]]] = defaultdict(list)
    names = ("solution", "currency", "outcome", "amount")
    columns = (lines[name].to_pylist() for name in names)
    for solution, currency, outcome, amount in zip(*columns, strict=True):
        found[solution, currency].append((outcome, amount))
    return found


def _month(period: str, parts: Sequence[tuple[str, Decimal]], volume: Decimal | None) -> Month:
    cost = exact_sum(amount for _, amount in parts)
    charged = exact_sum(amount for outcome, amount in parts if outcome == "allocated")
    return Month(period, cost, charged, volume, _unit_cost(cost, volume))


def _unit_cost(cost: Decimal, volume: Decimal | None) -> Decimal | None:
    if not volume or volume < 0:
        return None
    return round_half_up(Fraction(cost) / Fraction(volume), _UNIT_COST_DIGITS)


def _drivers(run: RunPeriod, declared: Mapping[str, DeclaredMember]) -> dict[str, str]:
    """Service → the driver that counts it: as declared, or the only one that divided it."""
    nodes = read_run(run, ALLOCATION_NODE)
    edges = read_run(run, ALLOCATION_TRACE)
    edges = edges.filter(pc.is_valid(edges["driver"]))
    solutions, consumers = nodes["solution"].to_pylist(), nodes["consumer"].to_pylist()
    used: dict[str, set[str]] = defaultdict(set)
    ends = (edges[name].to_pylist() for name in ("from_node", "to_node", "driver"))
    for source, target, driver in zip(*ends, strict=True):
        if solutions[source] and consumers[source] is None and consumers[target]:
            used[solutions[source]].add(driver)
    found = {name: drivers.pop() for name, drivers in used.items() if len(drivers) == 1}
    return found | {name: member.volume for name, member in declared.items() if member.volume}


def _volumes(
    inputs: FrozenInputs, period: str, drivers: Mapping[str, str]
) -> dict[str, Decimal | None]:
    batches = [one["batch_id"] for one in inputs.content["drivers"]]
    measures = sorted(set(drivers.values()))
    rows = usage_of(batches, measures, (period, driver_period(period)))
    quantities: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    columns = (rows[name].to_pylist() for name in ("measure", "from_key", "quantity"))
    for measure, source, quantity in zip(*columns, strict=True):
        quantities[measure, source or ""].append(quantity)
    found: dict[str, Decimal | None] = {}
    for service, driver in drivers.items():
        mine = quantities.get((driver, service)) or quantities.get((driver, ""))
        found[service] = exact_sum(mine) if mine else None
    return found


def _rate(inputs: FrozenInputs, service: str, period: str) -> Decimal | None:
    """The one price that a rule charges this service at (rule SV5)."""
    first = calendar_of().period(period).start
    found = [
        rate.price_on(first)
        for step in inputs.model.steps
        if step.to == "consumer"
        for rule in step.rules
        if _is_of(rule, service)
        for rate in rule.rates
    ]
    if len(found) != 1 or found[0] is None or len(found[0].tiers) != 1:
        return None
    return found[0].tiers[0].price


def _is_of(rule: Rule, service: str) -> bool:
    """Whether the rule says by name that it takes this service."""
    return any(
        test.column == "solution" and not test.negated and service in test.values
        for test in rule.when
    )


def _row(
    key: tuple[str, str], now: _Told, before: _Told | None, past: Iterable[Month]
) -> ServiceRow:
    service, currency = key
    member = now.declared.get(service, DeclaredMember("solution", service))
    month, previous = now.months[key], before.months.get(key) if before else None
    volume_effect, unit_cost_effect = _effects(previous, month, now.run.scale)
    plan = in_force(member.plan, currency, calendar_of().period(month.period).start)
    output = now.outputs.get(service)
    return ServiceRow(
        service=service,
        label=member.label,
        owner=member.owner,
        unit=member.unit,
        includes=member.includes,
        driver=now.drivers.get(service, ""),
        currency=currency,
        month=month,
        previous=previous,
        volume_effect=volume_effect,
        unit_cost_effect=unit_cost_effect,
        rate=now.rates.get(service),
        past=tuple((one.period, one.unit_cost) for one in past if one.unit_cost is not None),
        plan=plan,
        output=output,
        against_plan=_against(plan, month, output, now.run.scale),
    )


def _against(
    plan: ServicePlan | None, month: Month, output: Decimal | None, scale: int
) -> Variances | None:
    if plan is None or month.volume is None:
        return None
    return variances(plan, cost=month.cost, volume=month.volume, output=output, scale=scale)


def _effects(
    previous: Month | None, month: Month, scale: int
) -> tuple[Decimal | None, Decimal | None]:
    """What of the change of cost is volume and what is unit cost (rule SV4)."""
    if previous is None or previous.unit_cost is None or month.unit_cost is None:
        return None, None
    volumes = Fraction(previous.volume or 0), Fraction(month.volume or 0)
    mean = (Fraction(previous.cost) / volumes[0] + Fraction(month.cost) / volumes[1]) / 2
    effect = round_half_up((volumes[1] - volumes[0]) * mean, scale)
    change = EXACT.subtract(month.cost, previous.cost)
    return effect, EXACT.subtract(change, effect)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else exact_text(amount)
