"""Cost entered by hand after a run: it counts at once and rests unallocated until the next run.

A run's figures are those of its frozen batches. Lines of documents that it does not know, live
ones and those settled later, are classified by the run's own rules at entry and added to what was
allocated, so that totals are right at once and everybody sees why (rule D11).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bursar.allocate.at_entry import (
    batches_at,
    classified_at_entry,
    looks_at_lines,
    model_at,
)
from bursar.core.calc.classification import LAYERS
from bursar.core.tables.allocation import ALLOCATED_LINE
from bursar.core.tables.cube import COST_COLUMN
from bursar.lake.engines.duckdb import quoted
from bursar.lake.live import LiveRows
from bursar.record.documents.finding import settled_since
from bursar.report.facts import Facts, RunInForce

REASON = "entered since the run"

_SCHEMA = pa.schema(
    [
        *(pa.field(n, pa.string()) for n in ("period", "basis", "currency", "legal_entity")),
        *(pa.field(n, pa.string()) for n in (*LAYERS, "outcome", "reason")),
        ALLOCATED_LINE.schema.field("amount"),
        pa.field("lines", pa.int64()),
    ]
)


def entered_since(held: Facts, basis: str) -> pa.Table:
    """Sums of what runs in force do not know, in the columns of allocated lines."""
    return held.once(("entered since", basis), lambda: _summed(held, basis))


def notes_since(held: Facts, basis: str, periods: Iterable[str]) -> list[str]:
    """A sentence for each of these periods in which something was entered since its run."""
    counts: dict[str, int] = defaultdict(int)
    table = entered_since(held, basis)
    for period, lines in zip(table["period"].to_pylist(), table["lines"].to_pylist(), strict=True):
        counts[period] += lines
    return [
        f"{period}: {counts[period]:,} line{'s' if counts[period] != 1 else ''} entered since the "
        "run, shown as unallocated; run again."
        for period in periods
        if counts.get(period)
    ]


def classified_since(held: Facts, periods: Iterable[str], basis: str) -> pa.Table:
    """dim_id, period and layers of what was entered since the run that classifies each period."""
    parts = [
        _placed(held, run, _unknown_to(held, run))
        for run in (held.classifying_run(period, basis) for period in periods)
        if run is not None
    ]
    names = ["dim_id", "period", *LAYERS]
    empty = pa.table({n: pa.array([], pa.int64() if n == "dim_id" else pa.string()) for n in names})
    table = pa.concat_tables([empty, *(part.select(names) for part in parts)])
    # A model that looks at lines may tell lines of one dimension apart; one row stands for it.
    return table.group_by(["dim_id", "period"]).aggregate(
        [(name, "min") for name in LAYERS]
    ).rename_columns(names)  # fmt: skip


def _summed(held: Facts, basis: str) -> pa.Table:
    parts = [_SCHEMA.empty_table()]
    for run in held.runs:
        if run.basis != basis:
            continue
        lines = _unknown_to(held, run)
        measure = quoted(COST_COLUMN[basis])
        placed = _placed(held, run, lines, (COST_COLUMN[basis], "billing_currency", "legal_entity"))
        if not placed.num_rows:
            continue
        layers = ", ".join(LAYERS)
        found = held.ask_table(
            f"SELECT period, $basis AS basis, billing_currency AS currency, legal_entity, "  # noqa: S608
            f"{layers}, 'unallocated' AS outcome, $reason AS reason, sum({measure}) AS amount, "
            f"count(*) AS lines FROM placed WHERE {measure} IS NOT NULL GROUP BY ALL",
            {"basis": basis, "reason": REASON},
            tables={"placed": placed},
        )
        # What the rules already gave an owner has none until the run moves it there.
        nobody = pa.nulls(found.num_rows, pa.string())
        place = found.column_names.index("consumer")
        parts.append(
            found.set_column(place, "consumer", nobody).select(_SCHEMA.names).cast(_SCHEMA)
        )
    return pa.concat_tables(parts)


def _unknown_to(held: Facts, run: RunInForce) -> LiveRows:
    """Lines of documents of the run's period that it did not freeze."""
    live = held.live()
    later = held.once_for_all(
        ("settled since", run.run_id, run.period),
        lambda: settled_since(run.period, batches_at(run.run_id, run.period)),
    )
    if run.period not in live.periods:
        return later
    mine = live.select(pc.equal(live.lines["posting_period"], run.period))
    return mine.then(live.version, later.lines) if later.lines.num_rows else mine


def _placed(
    held: Facts, run: RunInForce, rows: LiveRows, further: tuple[str, ...] = ()
) -> pa.Table:
    """The lines with their period and layers, and these columns of theirs."""
    lines = rows.lines
    columns = {"dim_id": lines["dim_id"], "period": lines["posting_period"]}
    columns |= {name: lines[name] for name in further}
    if not lines.num_rows:
        return pa.table(columns | {n: pa.array([], pa.string()) for n in LAYERS})
    model = held.once_for_all(
        ("model at", run.run_id, run.period), lambda: model_at(run.run_id, run.period)
    )
    if looks_at_lines(model):
        layers = classified_at_entry(model, lines)
    else:
        known = held.once_for_all(("at entry", run.run_id, run.period), _AtEntry)
        layers = known.layers_of(lines, lambda new: classified_at_entry(model, new))
    return pa.table(columns | {name: layers[name] for name in LAYERS})


class _AtEntry:
    """Layers of dimensions that a run's rules were asked for; each is classified once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[str | None, ...]] = {}

    def layers_of(self, lines: pa.Table, ask: Callable[[pa.Table], pa.Table]) -> pa.Table:
        """The layers of every line."""
        coded = lines["dim_id"].combine_chunks().dictionary_encode()
        ids = coded.dictionary.to_pylist()
        new = [number for number, dim in enumerate(ids) if dim not in self._known]
        if new:
            first = np.full(len(ids), -1, np.int64)
            places = coded.indices.to_numpy()
            first[places[::-1]] = np.arange(len(places) - 1, -1, -1)
            found = ask(lines.take(pa.array(first[new])))
            told = zip(*(found[name].to_pylist() for name in LAYERS), strict=True)
            self._known |= {ids[number]: row for number, row in zip(new, told, strict=True)}
        rows = [self._known[dim] for dim in ids]
        columns = {
            name: pa.array([row[place] for row in rows], pa.string())
            for place, name in enumerate(LAYERS)
        }
        return pa.table(columns).take(coded.indices)
