"""A published month with other quantities of its drivers: who would bear more, and who less.

The run is taken as it stands: its nodes, its frozen model and its frozen drivers. Nothing is
written, and what it answers is what a run with these quantities would publish (rules WI1-WI5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.allocate.between import as_between
from bursar.allocate.difference import ALLOCATED
from bursar.allocate.driving import COLUMNS, usage_of
from bursar.allocate.errors import BadQuantity, NoQuantity, NoRun
from bursar.allocate.inputs import basis_of, days_of, driver_period, frozen_inputs
from bursar.allocate.language.model import closing_within
from bursar.allocate.models import RunPeriod
from bursar.allocate.nodes import KEY
from bursar.allocate.publishing import run_in_force
from bursar.allocate.recovering import as_terms, from_json
from bursar.allocate.run_files import read_run
from bursar.core.calc.allocation.dividing import Terms
from bursar.core.calc.allocation.drivers import Quantity
from bursar.core.calc.allocation.resting import Payer
from bursar.core.calc.allocation.what_if import WhatIf
from bursar.core.money.amount import EXACT, exact_text
from bursar.core.money.units import from_units, units_of_column
from bursar.core.refusal import InvariantBroken
from bursar.core.tables.allocation import ALLOCATED_LINE, ALLOCATION_NODE


@dataclass(frozen=True)
class Measured:
    """A quantity as the run had it, and its unit."""

    key: Quantity
    now: Decimal
    unit: str


@dataclass(frozen=True)
class AskedRun:
    """One period of a run, ready to be asked again and again."""

    run: RunPeriod
    quantities: tuple[Measured, ...]
    """By driver, from-key and target."""
    _asked: WhatIf

    def changed(self, quantities: Mapping[Quantity, Decimal]) -> list[dict[str, Any]]:
        """{period, legal_entity, currency, outcome, consumer, before, after, difference} of who
        would bear something else; they add up to nothing but for markups.

        Refuses: `what_if.no_quantity`, `what_if.bad_quantity`.
        """
        known = {measured.key for measured in self.quantities}
        for key, amount in quantities.items():
            if key not in known:
                source = f" from '{key.from_key}'" if key.from_key else ""
                raise NoQuantity(
                    f"The run of {self.run.period} has no quantity of '{key.measure}'{source} for "
                    f"'{key.to_key}'. Import it, and run the period."
                )
            if not amount.is_finite() or amount < 0:
                raise BadQuantity(f"The quantity for '{key.to_key}' is {amount}; give 0 or more.")
        moved = _by_place(self._asked.changed(quantities))
        charged = _by_place(self._asked.charged)
        return [
            self._row(place, charged.get(place, 0), units)
            for place, units in sorted(moved.items(), key=_order)
            if units
        ]

    def _row(self, place: Payer, before: int, moved: int) -> dict[str, Any]:
        old, more = from_units(before, self.run.scale), from_units(moved, self.run.scale)
        return {
            "period": self.run.period,
            "legal_entity": place.legal_entity,
            "currency": place.currency,
            "outcome": place.outcome,
            "consumer": place.consumer,
            "before": exact_text(old),
            "after": exact_text(EXACT.add(old, more)),
            "difference": exact_text(more),
        }


def asked_run(period: str, basis: str | None = None) -> AskedRun:
    """The run in force of the period, carried out once more to be asked. Refuses `run.none`."""
    found = run_in_force(period, basis or basis_of(period))
    if found is None:
        raise NoRun(f"{period} was not run yet. Run it, then try other quantities.")
    return _prepared(found.run.run_id, period)


@lru_cache(maxsize=2)
def _prepared(run_id: str, period: str) -> AskedRun:
    """What was published never changes, so it is prepared once; two are kept."""
    run = RunPeriod.objects.select_related("run").get(run__run_id=run_id, period=period)
    inputs = frozen_inputs(run)
    model = inputs.model
    batches = [batch["batch_id"] for batch in inputs.content["drivers"]]
    usage = usage_of(batches, model.drivers, (run.period, driver_period(run.period)))
    first, days = days_of(run.period)
    due = from_json(inputs.content.get("true_up", {}))
    asked = WhatIf(
        nodes=_entered(run, bool(due)),
        steps=model.steps,
        members=model.known,
        drivers=usage.select(list(COLUMNS)),
        terms=Terms(
            scale=run.scale,
            first_day=first,
            days=days,
            closing={"consumer": closing_within(model, first, days)},
            due=as_terms(due, run.scale),
            between=as_between(inputs.content.get("between"), model),
        ),
    )
    _require_same(run, asked)
    return AskedRun(run, _measured(usage), asked)


def _entered(run: RunPeriod, with_empty: bool) -> pa.Table:
    """Nodes that money entered, and where a true-up is due those that it may touch."""
    nodes = read_run(run, ALLOCATION_NODE)
    if not with_empty:
        nodes = nodes.filter(pc.not_equal(nodes["direct_units"], 0))
    return nodes.select([*KEY, "direct_units"])


def _measured(usage: pa.Table) -> tuple[Measured, ...]:
    sums = usage.group_by(["measure", "from_key", "to_key"]).aggregate(
        [("quantity", "sum"), ("unit", "max")]
    )
    found: dict[Quantity, tuple[Decimal, str]] = {}
    for row in sums.to_pylist():
        key = Quantity(row["measure"], row["from_key"] or None, row["to_key"])
        before, _ = found.get(key, (Decimal(0), ""))
        found[key] = EXACT.add(before, row["quantity_sum"]), row["unit_max"] or ""
    ordered = sorted(found.items(), key=lambda each: tuple(part or "" for part in each[0]))
    return tuple(Measured(key, *told) for key, told in ordered)


def _require_same(run: RunPeriod, asked: WhatIf) -> None:
    """Carried out again, the run must charge what it published."""
    lines = read_run(run, ALLOCATED_LINE)
    units = units_of_column(lines["amount"], run.scale)
    names = ("legal_entity", "currency", "outcome", "consumer")
    published: dict[Payer, int] = {}
    for *key, amount in zip(*(lines[n].to_pylist() for n in names), units.to_pylist(), strict=True):
        payer = Payer(*key)
        published[payer] = published.get(payer, 0) + int(amount)
    again = {payer: amount for payer, amount in asked.charged.items() if amount}
    if again != {payer: amount for payer, amount in published.items() if amount}:
        raise InvariantBroken(
            f"the run of {run.period} charges other amounts when it is carried out again."
        )


def _by_place(amounts: Mapping[Payer, int]) -> dict[Payer, int]:
    """A consumer is told for what it is charged alone; other outcomes by legal entity."""
    found: dict[Payer, int] = {}
    for payer, units in amounts.items():
        place = payer if payer.outcome == ALLOCATED else payer._replace(consumer=None)
        found[place] = found.get(place, 0) + units
    return found


def _order(each: tuple[Payer, int]) -> tuple[bool, str, str, str, str]:
    place, _ = each
    return (
        place.outcome != ALLOCATED,
        place.consumer or "",
        place.legal_entity,
        place.currency,
        place.outcome,
    )
