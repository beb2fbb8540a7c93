"""Which cost of the ledger stands behind each node of a run: worked out when somebody asks.

A run freezes its batches and what it decided for each dimension. The cubes of those batches never
change, so the entries that follow are the run's own; they are held against its nodes every time.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bursar.allocate.entering import Cells, Numbers, finer, line_cells, rounded, sums_of
from bursar.allocate.facts import Facts, files_of, open_facts
from bursar.allocate.inputs import frozen_inputs
from bursar.allocate.models import RunPeriod
from bursar.allocate.nodes import KEY, distinct, matching
from bursar.allocate.run_files import read_run
from bursar.core.calc.classification import LAYERS
from bursar.core.money.units import (
    column_of_integers,
    integers_of,
    scale_of_column,
    units_of_column,
)
from bursar.core.refusal import InvariantBroken
from bursar.core.tables.allocation import ALLOCATION_NODE, CLASSIFIED_DIMENSION


def entries_of(run_period: RunPeriod) -> pa.Table:
    """batch_id, dim_id, node_id, units and rules of every cell, by node and batch.

    The units of a node's entries add up to its direct units; InvariantBroken where they do not.
    """
    return _entries(run_period.run.run_id, run_period.period)


@lru_cache(maxsize=4)
def _entries(run_id: str, period: str) -> pa.Table:
    run_period = RunPeriod.objects.get(run__run_id=run_id, period=period)
    nodes = read_run(run_period, ALLOCATION_NODE)
    cells = _cells(run_period)
    node_of = _node_of(nodes, cells.keys, period)
    units = _units(cells, node_of, run_period.scale)
    direct = integers_of(nodes["direct_units"])
    if (_entered(units, node_of, len(direct)) != direct).any():
        raise InvariantBroken(f"{period}: entries of the run differ from what entered its nodes.")
    entries = pa.table(
        {
            "batch_id": cells.amounts["batch_id"],
            "dim_id": cells.amounts["dim_id"],
            "node_id": node_of,
            "units": column_of_integers(units),
            "rules": cells.rules,
        }
    )
    return entries.take(pa.array(np.argsort(node_of, kind="stable")))


def _cells(run_period: RunPeriod) -> Cells:
    inputs = frozen_inputs(run_period)
    period, basis = run_period.period, run_period.basis
    with open_facts(files_of(inputs.batch_ids)) as facts:
        if inputs.model.line_columns:
            return line_cells(facts, inputs.model, period=period, basis=basis)
        return _by_dimension(facts, run_period)


def _by_dimension(facts: Facts, run_period: RunPeriod) -> Cells:
    """As the run itself decided, whatever rules would say today."""
    amounts = facts.cells(run_period.period, run_period.basis)
    decided = read_run(run_period, CLASSIFIED_DIMENSION).sort_by("dim_id")
    rows = decided.take(pa.array(matching(decided["dim_id"].to_numpy(), amounts["dim_id"])))
    owners = facts.known_by(["legal_entity"])
    places = pa.array(matching(owners["dim_id"].to_numpy(), amounts["dim_id"]))
    keys = {"legal_entity": owners["legal_entity"].take(places), "currency": amounts["currency"]}
    layers = {layer: rows[layer] for layer in LAYERS}
    return Cells(amounts, pa.table({**keys, **layers}), rows["rules"])


def _node_of(nodes: pa.Table, keys: pa.Table, period: str) -> npt.NDArray[np.int64]:
    """The id of each key's node."""
    plain = pa.schema([(name, pa.string()) for name in KEY])
    both = pa.concat_tables([nodes.select(KEY).cast(plain), keys.select(KEY).cast(plain)])
    combinations, place = distinct(both)
    id_of = np.full(combinations.num_rows, -1, np.int64)
    id_of[place[: nodes.num_rows]] = nodes["node_id"].to_numpy()
    found = id_of[place[nodes.num_rows :]]
    if (found < 0).any():
        raise InvariantBroken(f"{period}: cost entered at a node that the run does not have.")
    return found


def _units(cells: Cells, node_of: npt.NDArray[np.int64], scale: int) -> Numbers:
    amounts = cells.amounts["amount"]
    if not len(amounts):
        return np.zeros(0, np.int64)
    exact = scale_of_column(amounts)
    units = integers_of(units_of_column(amounts, exact))
    if scale >= exact:
        return finer(units, 10 ** (scale - exact))
    return _coarser(units, node_of, 10 ** (exact - scale))


def _coarser(units: Numbers, node_of: npt.NDArray[np.int64], step: int) -> Numbers:
    """Cells in coarser units, cut at the running totals of their node so that sums fit."""
    found = np.zeros(len(units), object)
    running: dict[int, int] = {}
    for place, (node, value) in enumerate(zip(node_of.tolist(), units.tolist(), strict=True)):
        before = running.get(node, 0)
        running[node] = before + int(value)
        found[place] = rounded(running[node], step) - rounded(before, step)
    return found


def _entered(units: Numbers, node_of: npt.NDArray[np.int64], nodes: int) -> Numbers:
    """What entered each node, zero where nothing did."""
    used, place = np.unique(node_of, return_inverse=True)
    sums: Numbers = np.zeros(nodes, object)
    sums[used] = sums_of(units, place, len(used))
    return sums
