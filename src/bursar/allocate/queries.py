"""Reading allocation: runs in force, allocated lines, statements, and what no rule took.

None of these limits what a user may see: `report` does, which takes a scope.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import QuerySet

from bursar.allocate.entries import entries_of
from bursar.allocate.errors import NoRun
from bursar.allocate.facts import files_of, open_facts
from bursar.allocate.inputs import frozen_inputs, gather_all, periods_with_cost
from bursar.allocate.issuing import issued_in_force
from bursar.allocate.models import RunPeriod, Statement
from bursar.allocate.publishing import run_in_force
from bursar.allocate.run_files import read_run
from bursar.core.money.amount import exact_sum
from bursar.core.money.units import from_units
from bursar.core.tables.allocation import ALLOCATED_LINE, ALLOCATION_NODE
from bursar.core.tables.cost_line import COST_LINE
from bursar.office.calendar.queries import is_closed
from bursar.record.models import Batch

ACTUAL = "actual"


def runs_in_force(
    *, basis: str | None = None, scenario: str = ACTUAL, periods: Sequence[str] | None = None
) -> list[RunPeriod]:
    """Results that count now, by period."""
    rows = RunPeriod.objects.filter(superseded_at__isnull=True, scenario=scenario)
    if basis is not None:
        rows = rows.filter(basis=basis)
    if periods is not None:
        rows = rows.filter(period__in=list(periods))
    return list(rows.select_related("run", "model_version").order_by("period", "basis"))


def require_run(period: str, basis: str, scenario: str = ACTUAL) -> RunPeriod:
    """The result that counts for a period; refuses `run.none`."""
    found = run_in_force(period, basis, scenario)
    if found is None:
        raise NoRun(
            f"{period} was never run on the basis {basis}. Run it first: "
            f"bursar run --period {period} --basis {basis}."
        )
    return found


def stale_periods(
    *, basis: str, scenario: str = ACTUAL, among: Collection[str] | None = None
) -> list[str]:
    """Open periods whose inputs are not those of the run in force, or that have no run."""
    issued = issued_in_force(basis, scenario)
    stale = []
    held = [p for p in periods_with_cost() if among is None or p in among]
    chosen = [period for period in held if not is_closed(period)]
    for inputs in gather_all(chosen, basis=basis, scenario=scenario):
        now = replace(inputs, issued=issued.before(inputs.period))
        current = run_in_force(inputs.period, basis, scenario)
        if current is None or current.input_hash != now.hash:
            stale.append(inputs.period)
    return stale


def changed_since_run(basis: str, scenario: str = ACTUAL) -> list[str]:
    """Periods whose run in force is not made of exactly the batches of cost in force now."""
    now: dict[str, set[str]] = {}
    rows = Batch.objects.filter(kind=COST_LINE.name, superseded_at__isnull=True)
    for batch_id, postings in rows.values_list("batch_id", "postings"):
        for _, period in postings:
            now.setdefault(period, set()).add(batch_id)
    return [
        run.period
        for run in runs_in_force(basis=basis, scenario=scenario)
        if set(frozen_inputs(run).batch_ids) != now.get(run.period, set())
    ]


def allocated_lines(
    *, basis: str, scenario: str = ACTUAL, periods: Sequence[str] | None = None
) -> pa.Table:
    """Where the money of the runs in force rests."""
    runs = runs_in_force(basis=basis, scenario=scenario, periods=periods)
    tables = [read_run(run, ALLOCATED_LINE) for run in runs]
    return pa.concat_tables(tables) if tables else ALLOCATED_LINE.schema.empty_table()


def statements(
    *,
    basis: str | None = None,
    scenario: str = ACTUAL,
    periods: Sequence[str] | None = None,
    consumers: Sequence[str] | None = None,
) -> QuerySet[Statement]:
    """Statements of runs in force, by period and consumer."""
    rows = Statement.objects.filter(
        run_period__superseded_at__isnull=True, run_period__scenario=scenario
    )
    if basis is not None:
        rows = rows.filter(run_period__basis=basis)
    if periods is not None:
        rows = rows.filter(period__in=list(periods))
    if consumers is not None:
        rows = rows.filter(consumer__in=list(consumers))
    return rows.select_related("run_period", "run_period__run", "run_period__model_version")


@dataclass(frozen=True)
class Unplaced:
    """Cost of one dimension that no rule gave a pool."""

    period: str
    dim_id: int
    currency: str
    amount: Decimal
    columns: dict[str, str]
    """The dimension's columns that say something."""


def unclassified(run_period: RunPeriod) -> list[Unplaced]:
    """What the rules of a run gave no cost pool, the largest amounts first."""
    nodes = read_run(run_period, ALLOCATION_NODE)
    nodes = nodes.filter(pc.is_null(nodes["cost_pool"]))
    currency = dict(zip(nodes["node_id"].to_pylist(), nodes["currency"].to_pylist(), strict=True))
    entries = entries_of(run_period)
    entries = entries.filter(pc.is_in(entries["node_id"], value_set=nodes["node_id"]))
    amounts: dict[tuple[int, str], list[Decimal]] = {}
    for row in entries.to_pylist():
        key = (row["dim_id"], currency[row["node_id"]])
        amounts.setdefault(key, []).append(from_units(int(row["units"]), run_period.scale))
    columns = dimension_columns(run_period, sorted({dim for dim, _ in amounts}))
    found = [
        Unplaced(run_period.period, dim, code, exact_sum(listed), columns.get(dim, {}))
        for (dim, code), listed in amounts.items()
    ]
    return sorted(found, key=lambda row: (-abs(row.amount), row.currency, row.dim_id))


def dimension_columns(run_period: RunPeriod, dim_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """What these dimensions say, from the run's own batches: the columns that are not null."""
    inputs = frozen_inputs(run_period)
    with open_facts(files_of(inputs.batch_ids)) as facts:
        rows = facts.dimensions(inputs.model.promote)
    rows = rows.filter(pc.is_in(rows["dim_id"], value_set=pa.array(dim_ids, pa.int64())))
    return {
        row.pop("dim_id"): {name: value for name, value in row.items() if value is not None}
        for row in rows.to_pylist()
    }
