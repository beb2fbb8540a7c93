"""The step `allocate.run`, for one period that has entered the model.

Nodes → carried through the steps → files. Sums are asserted on the way: in the engine, in the
balance, and again on the files as written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bursar.allocate.balance import balance, outcomes
from bursar.allocate.between import as_between
from bursar.allocate.control import require_control
from bursar.allocate.driving import drivers_of
from bursar.allocate.entering import Entered, enter
from bursar.allocate.facts import files_of, open_facts
from bursar.allocate.inputs import Inputs, days_of, lacking_promotion
from bursar.allocate.language.model import CostModel, closing_within
from bursar.allocate.nodes import KEY
from bursar.allocate.recovering import as_terms, left_open, places_of
from bursar.allocate.result import PeriodResult, RunProblem
from bursar.allocate.run_files import run_folder
from bursar.allocate.statements import write_statements
from bursar.core.calc.allocation.dividing import Terms
from bursar.core.calc.allocation.engine import Allocation, allocate
from bursar.core.money.amount import exact_sum
from bursar.core.money.units import column_of_integers, column_of_units, from_units
from bursar.core.refusal import InvariantBroken
from bursar.core.tables.allocation import (
    ALLOCATED_LINE,
    ALLOCATION_EXCHANGE,
    ALLOCATION_NODE,
    ALLOCATION_TRACE,
    CLASSIFIED_DIMENSION,
)
from bursar.core.tables.table import LEDGER, Table
from bursar.lake.engines.relation import Engine
from bursar.lake.files import ManifestRecord, remove_files, write_file


@dataclass
class StepLog:
    """What a run did, step by step, summed over its periods."""

    rows: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str) -> Iterator[list[float]]:
        """Counts rows in and out (set by the block) and the seconds it took."""
        counts, started = [0.0, 0.0], perf_counter()
        yield counts
        known = self.rows.setdefault(name, [0.0, 0.0, 0.0])
        for place, value in enumerate((*counts, perf_counter() - started)):
            known[place] += value

    def to_json(self) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "rows_in": int(rows_in),
                "rows_out": int(rows_out),
                "seconds": round(seconds, 3),
            }
            for name, (rows_in, rows_out, seconds) in self.rows.items()
        ]


@dataclass(frozen=True)
class Workplace:
    """Where a period is computed: for which run, into which lake, and who counts the time."""

    run_id: str
    lake: Path
    log: StepLog
    engine: Engine
    draft: CostModel | None = None
    """A model that is tried before it is applied; only in dry runs."""


def enter_alike(wanted: Sequence[Inputs], at: Workplace) -> dict[str, Entered]:
    """These periods' cost in the model, by period: those of one model are one question."""
    found: dict[str, Entered] = {}
    for alike in _by_model(wanted):
        first, periods = alike[0], [inputs.period for inputs in alike]
        batches = sorted({batch for inputs in alike for batch in inputs.batch_ids})
        path = "lines" if first.model.line_columns else "cubes"
        files = files_of(batches)
        with open_facts(files, at.engine) as facts, at.log.timed(f"classify ({path})") as counts:
            entered = enter(facts, first.model, periods=periods, basis=first.basis)
            require_control(facts, batches, entered, first.basis)
            cells = sum(one.cells for one in entered.values())
            counts[:] = cells, sum(one.nodes.num_rows for one in entered.values())
        found |= entered
    return found


def _by_model(wanted: Sequence[Inputs]) -> list[list[Inputs]]:
    """A model whose rules look at lines reads one period at a time: lines are many."""
    found: dict[tuple[int | None, str], list[Inputs]] = {}
    for inputs in wanted:
        alone = inputs.period if inputs.model.line_columns else ""
        number = inputs.version.number if inputs.version else None
        found.setdefault((number, alone), []).append(inputs)
    return list(found.values())


def compute_period(
    inputs: Inputs, entered: Entered, *, at: Workplace, replaces: int | None
) -> PeriodResult:
    """Computes and writes one period; nothing is in force afterwards.

    Raises InvariantBroken where any two sums differ that must not.
    """
    with at.log.timed("allocate") as counts:
        allocation = allocate(
            nodes=_nodes(entered, inputs),
            steps=inputs.model.steps,
            members=inputs.model.known,
            drivers=drivers_of(inputs),
            terms=_terms(inputs, entered.scale),
        )
        counts[:] = entered.nodes.num_rows, allocation.allocated.num_rows
    allocated = _allocated_lines(allocation, inputs, entered.scale)
    terms = balance(entered.cost, allocated, entered.rounding)
    with at.log.timed("write statements") as counts:
        statements = write_statements(allocated, run_id=at.run_id, issued=inputs.issued)
        counts[:] = allocated.num_rows, len(statements)
    with at.log.timed("write files"):
        records = _write(_tables(entered, allocation, allocated), inputs.period, at)
    return PeriodResult(
        inputs=inputs,
        scale=entered.scale,
        records=records,
        allocated=allocated,
        balance=tuple(terms),
        statements=tuple(statements),
        problems=tuple(_problems(inputs, allocation, entered.scale)),
        cells=entered.cells,
        path="lines" if inputs.model.line_columns else "cubes",
        left=left_open(inputs.model, allocation.nodes, allocation.trace, allocated, entered.scale),
        replaces=replaces,
    )


def _nodes(entered: Entered, inputs: Inputs) -> pa.Table:
    """What entered, and with nothing in them the nodes that a true-up touches."""
    nodes = entered.nodes.append_column("direct_units", column_of_integers(entered.direct))
    places = places_of(inputs.due)
    if not places:
        return nodes
    columns = {name: [place[n] for place in places] for n, name in enumerate(KEY)}
    empty = pa.table({**columns, "direct_units": [Decimal(0)] * len(places)})
    plain = pa.schema([*((name, pa.string()) for name in KEY), nodes.schema.field("direct_units")])
    return pa.concat_tables([nodes.select(plain.names).cast(plain), empty.cast(plain)])


def _terms(inputs: Inputs, scale: int) -> Terms:
    first, days = days_of(inputs.period)
    return Terms(
        scale=scale,
        first_day=first,
        days=days,
        closing={"consumer": closing_within(inputs.model, first, days)},
        due=as_terms(inputs.due, scale),
        between=as_between(inputs.between, inputs.model),
    )


def _allocated_lines(allocation: Allocation, inputs: Inputs, scale: int) -> pa.Table:
    found = allocation.allocated
    rows = found.num_rows
    constant = {
        "period": inputs.period,
        "scenario": inputs.scenario,
        "basis": inputs.basis,
    }
    columns: dict[str, Any] = {
        name: pa.array(np.repeat(value, rows).tolist(), pa.string())
        for name, value in constant.items()
    }
    columns |= {name: found[name] for name in found.column_names if name != "units"}
    columns["amount"] = column_of_units(found["units"], scale, places=LEDGER.scale)
    return pa.table({name: columns[name] for name in ALLOCATED_LINE.names}).cast(
        ALLOCATED_LINE.schema
    )


def _tables(
    entered: Entered, allocation: Allocation, allocated: pa.Table
) -> list[tuple[Table, pa.Table]]:
    exchanged = [(ALLOCATION_EXCHANGE, allocation.exchanged)] if allocation.exchanged else []
    return [
        (CLASSIFIED_DIMENSION, entered.decided().select(CLASSIFIED_DIMENSION.names)),
        (ALLOCATION_NODE, allocation.nodes),
        (ALLOCATION_TRACE, allocation.trace),
        *exchanged,
        (ALLOCATED_LINE, allocated),
    ]


def _write(
    tables: list[tuple[Table, pa.Table]], period: str, at: Workplace
) -> tuple[ManifestRecord, ...]:
    """Writes all files or none, and reads back that the money is in them."""
    records: list[ManifestRecord] = []
    try:
        for table, content in tables:
            path = f"{run_folder(at.run_id, period)}/{table.name}.parquet"
            typed = content.cast(table.schema)
            records.append(write_file(at.lake, path, typed, table=table.name, period=period))
        _require_written(tables[-1][1], at.lake / records[-1].path)
    except BaseException:
        remove_files(at.lake, records)
        raise
    return tuple(records)


def _require_written(meant: pa.Table, path: Path) -> None:
    written = pq.ParquetFile(path).read()
    if outcomes(written) != outcomes(meant):
        raise InvariantBroken(f"{path.name} holds other sums than were written to it.")


def _problems(inputs: Inputs, allocation: Allocation, scale: int) -> Iterator[RunProblem]:
    """What a person should see of a run that otherwise went well."""
    if inputs.version is None and not inputs.model.rules:
        yield RunProblem(
            "run.no_model",
            "No cost model is in force for this period, so all cost stays unclassified.",
        )
    lacking = lacking_promotion(inputs)
    if lacking:
        yield RunProblem(
            "run.needs_reindex",
            f"Batches {', '.join(lacking)} lack columns that the model promotes; their period "
            "was closed when these became dimensions.",
        )
    for problem in allocation.problems:
        amount = from_units(problem.units, scale)
        yield RunProblem(problem.code, problem.message, amount, problem.currency)
    yield from _unclassified(allocation, scale)


def _unclassified(allocation: Allocation, scale: int) -> Iterator[RunProblem]:
    amounts: dict[str, list[Decimal]] = {}
    names = ("currency", "cost_pool", "direct_units")
    columns = (allocation.nodes[name].to_pylist() for name in names)
    for currency, pool, units in zip(*columns, strict=True):
        if pool is None and units:
            amounts.setdefault(currency, []).append(from_units(int(units), scale))
    for currency, listed in sorted(amounts.items()):
        yield RunProblem(
            "run.unclassified",
            "No classification rule set a cost pool.",
            exact_sum(listed),
            currency,
        )
