"""What members of a layer charged each other in a run, and what their rates left open."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.allocate.inputs import frozen_inputs
from bursar.allocate.publishing import run_in_force
from bursar.allocate.queries import runs_in_force
from bursar.allocate.run_files import read_run
from bursar.core.calc.allocation.patterns import RECOVERY_GAP
from bursar.core.money.amount import exact_sum, exact_text
from bursar.core.money.units import from_units
from bursar.core.tables.allocation import ALLOCATED_LINE, ALLOCATION_EXCHANGE
from bursar.office.people.scope import Scope
from bursar.report.balance import require_everything


@dataclass(frozen=True)
class Charged:
    """What one member passed on to another, gross of what came back."""

    step: str
    legal_entity: str
    currency: str
    giver: str
    taker: str
    amount: Decimal

    def to_json(self) -> dict[str, str]:
        return {
            "step": self.step,
            "legal_entity": self.legal_entity,
            "currency": self.currency,
            "giver": self.giver,
            "taker": self.taker,
            "amount": exact_text(self.amount),
        }


@dataclass(frozen=True)
class Gap:
    """Cost less charges of one solution in one period, and since the first period shown."""

    period: str
    solution: str
    currency: str
    reason: str
    amount: Decimal
    to_date: Decimal

    def to_json(self) -> dict[str, str]:
        return {
            "period": self.period,
            "solution": self.solution,
            "currency": self.currency,
            "reason": self.reason,
            "amount": exact_text(self.amount),
            "to_date": exact_text(self.to_date),
        }


def service_exchange(scope: Scope, *, period: str, basis: str) -> list[Charged]:
    """Who charged whom in the run in force; empty where none of its steps is among members.

    Refuses `report.beyond_scope` to whoever may not see everything.
    """
    require_everything(scope, "what services charge each other")
    run = run_in_force(period, basis)
    if run is None:
        return []
    steps = frozen_inputs(run).model.steps
    return [
        Charged(
            step=steps[row["step"] - 1].name,
            legal_entity=row["legal_entity"],
            currency=row["currency"],
            giver=row["giver"],
            taker=row["taker"] or "nobody: it rests",
            amount=from_units(int(row["units"]), run.scale),
        )
        for row in read_run(run, ALLOCATION_EXCHANGE).to_pylist()
    ]


def recovery_ledger(scope: Scope, *, basis: str, year: str = "") -> list[Gap]:
    """Every period's recovery gap by solution, with its running total: what rates charged too
    little (above zero) or too much, true-ups included. `year` begins the periods' codes.

    Refuses `report.beyond_scope` to whoever may not see everything.
    """
    require_everything(scope, "what standard rates left open")
    found: list[Gap] = []
    running: dict[tuple[str, str, str], list[Decimal]] = {}
    for run in runs_in_force(basis=basis):
        if not run.period.startswith(year):
            continue
        sums: dict[tuple[str, str, str], list[Decimal]] = {}
        for line in read_run(run, ALLOCATED_LINE).to_pylist():
            if line["outcome"] == RECOVERY_GAP:
                key = (line["solution"] or "no solution", line["currency"], line["reason"] or "")
                sums.setdefault(key, []).append(line["amount"])
        for key, amounts in sorted(sums.items()):
            running.setdefault(key, []).extend(amounts)
            amount, to_date = exact_sum(amounts), exact_sum(running[key])
            found.append(Gap(run.period, *key, amount, to_date))
    return found


def exchange_json(rows: list[Charged] | list[Gap]) -> list[dict[str, Any]]:
    """Amounts as text, in main units."""
    return [row.to_json() for row in rows]
