"""From a statement's amount back to the ledger, and from a cost line to who pays it, exactly.

Both read what the run itself wrote and the batches it froze, so an old run answers like on its
first day, whatever was imported since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bursar.allocate.errors import NoLine, NoStatement
from bursar.allocate.models import RunPeriod
from bursar.allocate.queries import dimension_columns
from bursar.allocate.run_trace import PathRow, RunTrace, divided, trace_of
from bursar.core.calc.classification import LAYERS, classify
from bursar.core.money.amount import EXACT
from bursar.core.money.units import cut_to_units
from bursar.core.tables.cube import COST_COLUMN


@dataclass(frozen=True)
class SourceShare:
    """What one dimension of one batch contributed."""

    source: str
    batch_id: str
    dim_id: int
    dimension: dict[str, str]
    amount: Decimal


@dataclass(frozen=True)
class StatementOrigin:
    """Where an amount came from; the sources add up to it, to the last digit."""

    period: str
    consumer: str
    currency: str
    amount: Decimal
    sources: tuple[SourceShare, ...]
    path: tuple[PathRow, ...]


@dataclass(frozen=True)
class Payment:
    """What of a line rests somewhere: with a consumer, or with nobody and why."""

    outcome: str
    consumer: str | None
    solution: str | None
    tower: str | None
    cost_pool: str | None
    amount: Decimal
    reason: str | None


@dataclass(frozen=True)
class LineDestination:
    """Who pays a line; the payments add up to its amount, to the last digit."""

    period: str
    line_id: str
    currency: str
    amount: Decimal
    payments: tuple[Payment, ...]
    path: tuple[PathRow, ...]
    rules: str | None


def trace_statement(run_period: RunPeriod, consumer: str, **chosen: str | None) -> StatementOrigin:
    """What stands behind a consumer's amount, or the part of it that is chosen.

    `chosen` may name solution, tower, cost_pool, legal_entity and currency; None or absent is
    all of them, the empty text is what has none. Where several currencies would meet, the one
    with the largest amount is traced. Refuses `statement.none`.
    """
    trace = trace_of(run_period)
    lines = _chosen_lines(trace.lines, consumer, chosen)
    if not lines.num_rows:
        raise NoStatement(
            f"'{consumer}' was charged nothing of that kind in {run_period.period}. "
            "See its statement: bursar statement."
        )
    currency = chosen.get("currency") or _main_currency(lines)
    lines = lines.filter(pc.equal(lines["currency"], currency))
    units = trace.units_of_lines(lines)
    traced = trace.index.sources_of(lines["node_id"].to_numpy(), units)
    shares = list(trace.entered(traced.nodes.tolist(), traced.units.tolist()))
    path = (*trace.classified(shares), *trace.path(traced.edges, traced.edge_units))
    return StatementOrigin(
        period=run_period.period,
        consumer=consumer,
        currency=currency,
        amount=trace.amount(sum(int(u) for u in units.tolist())),
        sources=tuple(_sources(trace, shares)),
        path=path,
    )


def trace_line(run_period: RunPeriod, line: Mapping[str, Any]) -> LineDestination:
    """Who pays a cost line (as `record.queries.line` gives it). Refuses `trace.no_line`."""
    trace = trace_of(run_period)
    amount = line[COST_COLUMN[run_period.basis]] or Decimal(0)
    entry = _entry_of(trace, line)
    node = entry["node_id"]
    units, rest = cut_to_units(amount, trace.scale)
    found = trace.index.destinations_of(np.array([node]), np.array([units], object))
    payments = list(_payments(trace, found.nodes.tolist(), found.units.tolist()))
    if rest:
        payments.append(
            Payment("rounding", None, None, None, None, rest, "below the unit of the run")
        )
    first = PathRow(
        0, "classify", entry["rules"] or "", None, None,
        trace.nodes["cost_pool"][node].as_py(), EXACT.subtract(amount, rest),
    )  # fmt: skip
    return LineDestination(
        period=run_period.period,
        line_id=line["line_id"],
        currency=line["billing_currency"],
        amount=amount,
        payments=tuple(sorted(payments, key=lambda p: (-abs(p.amount), p.consumer or ""))),
        path=(first, *trace.path(found.edges, found.edge_units)),
        rules=entry["rules"],
    )


def _chosen_lines(lines: pa.Table, consumer: str, chosen: Mapping[str, str | None]) -> pa.Table:
    lines = lines.filter(
        pc.and_(pc.equal(lines["outcome"], "allocated"), pc.equal(lines["consumer"], consumer))
    )
    for name, value in chosen.items():
        if value is None:
            continue
        if value == "":
            lines = lines.filter(pc.is_null(lines[name]))
        else:
            lines = lines.filter(pc.equal(lines[name], value))
    return lines


def _main_currency(lines: pa.Table) -> str:
    totals: dict[str, Decimal] = {}
    for currency, amount in zip(
        lines["currency"].to_pylist(), lines["amount"].to_pylist(), strict=True
    ):
        totals[currency] = EXACT.add(totals.get(currency, Decimal(0)), amount)
    return max(sorted(totals), key=lambda currency: abs(totals[currency]))


def _sources(trace: RunTrace, shares: Sequence[tuple[int, int]]) -> Iterator[SourceShare]:
    """Shares summed per batch and dimension, the largest first."""
    sums: dict[tuple[str, int], int] = {}
    batches, dims = trace.entries["batch_id"], trace.entries["dim_id"]
    for row, units in shares:
        key = (batches[row].as_py(), dims[row].as_py())
        sums[key] = sums.get(key, 0) + units
    said = dimension_columns(trace.run_period, sorted({dim for _, dim in sums}))
    names = trace.inputs.sources
    for (batch, dim), units in sorted(sums.items(), key=lambda item: (-abs(item[1]), item[0])):
        if units:
            columns = said.get(dim, {})
            yield SourceShare(names[batch], batch, dim, columns, trace.amount(units))


def _entry_of(trace: RunTrace, line: Mapping[str, Any]) -> dict[str, Any]:
    """Where the line's cost entered: by its dimension, or by itself where rules look at lines."""
    entries = trace.entries
    mine = entries.filter(
        pc.and_(
            pc.equal(entries["batch_id"], line["batch_id"]),
            pc.equal(entries["dim_id"], line["dim_id"]),
        )
    ).to_pylist()
    mine = [e for e in mine if _is_node(trace, e["node_id"], currency=line["billing_currency"])]
    if len(mine) > 1:
        layers = _classified_line(trace, line)
        mine = [e for e in mine if _is_node(trace, e["node_id"], **layers)]
    if not mine:
        raise NoLine(
            f"The line {line['line_id']} is not in the run of {trace.run_period.period}: it was "
            "imported later, or states no amount on this basis. Run the period again."
        )
    return dict(mine[0])


def _is_node(trace: RunTrace, node: int, **wanted: str | None) -> bool:
    return all(trace.nodes[name][node].as_py() == value for name, value in wanted.items())


def _classified_line(trace: RunTrace, line: Mapping[str, Any]) -> dict[str, str | None]:
    """The layers that the run's own rules give this one line."""
    model = trace.inputs.model
    dimension = dimension_columns(trace.run_period, [line["dim_id"]])[line["dim_id"]]
    columns = {
        name: pa.array([line[name] if name in model.line_columns else dimension.get(name)])
        for name in model.columns_read
    }
    row = classify(pa.table(columns), model.rules, members=model.known).layers.to_pylist()[0]
    return {layer: row[layer] for layer in LAYERS}


def _payments(trace: RunTrace, nodes: Sequence[int], units: Sequence[int]) -> Iterator[Payment]:
    """What rests at nodes, told apart by outcome and reason."""
    for node, amount in zip(nodes, units, strict=True):
        here = trace.lines.filter(pc.equal(trace.lines["node_id"], node))
        shares = divided(int(amount), trace.units_of_lines(here))
        for row, share in zip(here.to_pylist(), shares, strict=True):
            if share:
                names = {name: row[name] for name in ("consumer", "solution", "tower", "cost_pool")}
                yield Payment(
                    outcome=row["outcome"], **names, amount=trace.amount(share),
                    reason=row["reason"],
                )  # fmt: skip
