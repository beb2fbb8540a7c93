"""Where an amount came from, and who pays a line: the run's trace, read in both directions.

Amounts are always the asker's own share: a source tells what of it stands behind her figure, not
what it cost in all. Whole lines and their other payers are for those who see everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from bursar.allocate import tracing
from bursar.allocate.at_entry import classified_at_entry
from bursar.allocate.errors import NoStatement as NothingCharged
from bursar.allocate.inputs import frozen_inputs
from bursar.allocate.models import RunPeriod
from bursar.allocate.publishing import run_in_force
from bursar.allocate.run_trace import PathRow
from bursar.core.money.amount import exact_text
from bursar.core.tables.cube import COST_COLUMN
from bursar.office.people.scope import Scope
from bursar.record import queries
from bursar.record.documents.finding import batch_among
from bursar.record.documents.lines import SOURCE as BY_HAND
from bursar.record.errors import UnknownLine as NoSuchLine
from bursar.report.balance import require_everything
from bursar.report.dimensions import (
    NO_SOLUTION,
    NO_TOWER,
    RETAINED,
    UNALLOCATED,
    UNCLASSIFIED,
    require_basis,
)
from bursar.report.entered_since import REASON
from bursar.report.errors import NotRun, UnknownConsumer, UnknownLine
from bursar.report.lines import told_line
from bursar.report.periods import Organization, last_day
from bursar.report.wording import ratio_of


@dataclass(frozen=True)
class TraceSource:
    """What one dimension of one batch contributed."""

    source: str
    batch_id: str
    dim_id: int
    dimension: dict[str, str]
    amount: Decimal

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "dim_id": str(self.dim_id), "amount": exact_text(self.amount)}


@dataclass(frozen=True)
class TraceStep:
    """One movement on the way, summed over the sources: which rule, which driver, how much."""

    step: int
    """Position in the model, from 1; 0 is the classification."""
    name: str
    rule: str
    driver: str | None
    source: str
    target: str
    amount: Decimal

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "amount": exact_text(self.amount)}


@dataclass(frozen=True)
class StatementTrace:
    """What stands behind a statement, or a part of it; sources sum to the amount, exactly."""

    basis: str
    period: str
    consumer: str
    currency: str
    amount: Decimal
    sources: tuple[TraceSource, ...]
    path: tuple[TraceStep, ...]
    run_id: str

    def to_json(self) -> dict[str, Any]:
        return {
            "basis": self.basis,
            "period": self.period,
            "consumer": self.consumer,
            "amount": exact_text(self.amount),
            "currency": self.currency,
            "sources": [source.to_json() for source in self.sources],
            "path": [step.to_json() for step in self.path],
            "run_id": self.run_id,
        }


@dataclass(frozen=True)
class LinePayer:
    """What of a line rests with one consumer, or with nobody and why."""

    consumer: str
    outcome: str
    solution: str
    tower: str
    cost_pool: str
    amount: Decimal
    share: Decimal
    reason: str

    def to_json(self) -> dict[str, Any]:
        numbers = {"amount": exact_text(self.amount), "share": exact_text(self.share)}
        return {**vars(self), **numbers}


@dataclass(frozen=True)
class LineTrace:
    """Who pays a cost line; payers sum to the line's amount, exactly."""

    basis: str
    period: str
    line_id: str
    currency: str
    amount: Decimal
    line: dict[str, Any]
    payers: tuple[LinePayer, ...]
    path: tuple[TraceStep, ...]
    rules: str
    run_id: str

    def to_json(self) -> dict[str, Any]:
        """`sources` holds the line itself, `payers` who bears it."""
        source = {
            "source": self.line.get("source", ""),
            "batch_id": self.line.get("batch_id"),
            "dimension": self.line,
            "amount": exact_text(self.amount),
        }
        return {
            "basis": self.basis,
            "period": self.period,
            "line_id": self.line_id,
            "amount": exact_text(self.amount),
            "currency": self.currency,
            "sources": [source],
            "payers": [payer.to_json() for payer in self.payers],
            "path": [step.to_json() for step in self.path],
            "rules": self.rules,
            "run_id": self.run_id,
        }


def trace_statement(
    scope: Scope,
    *,
    period: str,
    consumer: str,
    solution: str | None = None,
    tower: str | None = None,
    cost_pool: str | None = None,
    currency: str | None = None,
    legal_entity: str | None = None,
    basis: str = "effective",
) -> StatementTrace:
    """What stands behind a consumer's own amount, or the part of it that is chosen.

    Printed names such as 'No solution' choose what has none. Raises NotRun, UnknownConsumer (also
    where the scope does not hold her), UnknownBasis.
    """
    run = _run(period, basis)
    if not scope.holds(consumer, last_day(period)):
        raise _unknown(consumer, period)
    try:
        found = tracing.trace_statement(
            run,
            consumer,
            solution=_unset(solution, NO_SOLUTION),
            tower=_unset(tower, NO_TOWER),
            cost_pool=_unset(cost_pool, UNCLASSIFIED),
            currency=currency,
            legal_entity=legal_entity,
        )
    except NothingCharged as refusal:
        raise _unknown(consumer, period, Organization(scope, [period])) from refusal
    return StatementTrace(
        basis=basis,
        period=period,
        consumer=consumer,
        currency=found.currency,
        amount=found.amount,
        sources=tuple(
            TraceSource(s.source, s.batch_id, s.dim_id, dict(s.dimension), s.amount)
            for s in found.sources
        ),
        path=_path(found.path),
        run_id=run.run.run_id,
    )


def trace_line(scope: Scope, *, line_id: str, basis: str = "effective") -> LineTrace:
    """Who pays one cost line. Raises UnknownLine, NotRun, UnknownBasis, and BeyondScope for a
    restricted scope, since a line's other payers are none of her figures.
    """
    require_everything(scope, "Who pays a whole line")
    try:
        line = queries.line(line_id)
    except NoSuchLine as refusal:
        raise UnknownLine(refusal.message) from refusal
    run = _run(line["posting_period"], basis)
    if line["source"] == BY_HAND and line_id.startswith("d"):
        holder = batch_among(line_id, frozen_inputs(run).batch_ids)
        if holder is None:
            return _entered_since(line, line_id, run)
        line = {**line, "batch_id": holder}
    found = tracing.trace_line(run, line)
    payers = tuple(
        LinePayer(
            consumer=p.consumer or (RETAINED if p.outcome == "retained" else UNALLOCATED),
            outcome=p.outcome,
            solution=p.solution or NO_SOLUTION,
            tower=p.tower or NO_TOWER,
            cost_pool=p.cost_pool or UNCLASSIFIED,
            amount=p.amount,
            share=ratio_of(p.amount, found.amount),
            reason=p.reason or "",
        )
        for p in found.payments
    )
    return LineTrace(
        basis=basis,
        period=found.period,
        line_id=line_id,
        currency=found.currency,
        amount=found.amount,
        line=told_line(line),
        payers=payers,
        path=_path(found.path),
        rules=found.rules or "",
        run_id=run.run.run_id,
    )


def _entered_since(line: dict[str, Any], line_id: str, run: RunPeriod) -> LineTrace:
    """A line that the run does not know: nobody pays it yet (rule D11)."""
    amount = line[COST_COLUMN[run.basis]] or Decimal(0)
    layers = classified_at_entry(frozen_inputs(run).model, pa.Table.from_pylist([line]))
    [told] = layers.to_pylist()
    payer = LinePayer(
        consumer=UNALLOCATED,
        outcome="unallocated",
        solution=told["solution"] or NO_SOLUTION,
        tower=told["tower"] or NO_TOWER,
        cost_pool=told["cost_pool"] or UNCLASSIFIED,
        amount=amount,
        share=ratio_of(amount, amount),
        reason=REASON,
    )
    return LineTrace(
        basis=run.basis,
        period=run.period,
        line_id=line_id,
        currency=line["billing_currency"],
        amount=amount,
        line=told_line(line),
        payers=(payer,),
        path=(),
        rules="",
        run_id=run.run.run_id,
    )


def _run(period: str, basis: str) -> RunPeriod:
    run = run_in_force(period, require_basis(basis))
    if run is None:
        raise NotRun(
            f"{period} has no run on {basis} cost, so nothing is traced yet. "
            f"Run it: bursar run --period {period}."
        )
    return run


def _path(rows: Sequence[PathRow]) -> tuple[TraceStep, ...]:
    return tuple(
        TraceStep(
            r.step, r.name, r.rule or "no rule", r.driver, r.source or "", r.target or "", r.amount
        )
        for r in rows
    )


def _unset(value: str | None, printed: str) -> str | None:
    return "" if value == printed else value


def _unknown(
    consumer: str, period: str, organization: Organization | None = None
) -> UnknownConsumer:
    text = f"'{consumer}' was charged nothing of that kind in {period}, or you may not see it."
    below = organization.children(period, consumer) if organization else ()
    if below:
        text += f" Its cost is that of {', '.join(below)}: trace one of them."
    return UnknownConsumer(text)
