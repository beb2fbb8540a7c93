"""How a period's cost enters the model: classified, then summed to nodes in whole units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bursar.allocate.balance import Purse
from bursar.allocate.facts import Facts
from bursar.allocate.language.model import CostModel
from bursar.core.calc.classification import LAYERS, classify
from bursar.core.money.amount import exact_sum
from bursar.core.money.units import from_units, scale_of_column, units_of_column

KEY = ("legal_entity", "currency", *LAYERS)
"""What makes a node."""

FINEST_SHARE = 8
"""Splits are cut at least this fine: a third of a cent kept to 8 digits never grows to a cent."""

_SAFE = float(2**62)
Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class Entered:
    """Nodes with the money that entered them, and the cells that it came from."""

    nodes: pa.Table
    """One row per node: `KEY`."""
    direct: Numbers
    """Units that entered each node: int64, or Python integers where these are too small."""
    scale: int
    cells: pa.Table
    """batch_id, dim_id, currency and amount, as the ledger says."""
    node_of: npt.NDArray[np.int64]
    """Row of `nodes` for each cell."""
    units: Numbers
    """Units of each cell; those of a node add up to its direct units."""
    rules: pa.ChunkedArray
    """Names of the rules that decided each cell."""
    dimensions: pa.Table
    """One row per dimension: dim_id, the layers and rules."""
    rounding: dict[Purse, Decimal]
    """What lies below the unit, where the model asks for coarser units than the ledger has."""


def enter(facts: Facts, model: CostModel, *, period: str, basis: str) -> Entered:
    """Classify the period's cost and sum it to nodes; reads lines only where a rule asks for."""
    columns = model.line_columns
    cells = facts.line_cells(period, basis, columns) if columns else facts.cells(period, basis)
    dimensions, place = _used(facts.dimensions(model.promote), cells)
    rows = dimensions.take(pa.array(place)) if columns else dimensions
    for column in columns:
        rows = _with_column(rows, column, cells[column])
    layers = classify(rows, model.rules, members=model.known).layers
    of_cell = layers if columns else layers.take(pa.array(place))
    keys = pa.table(
        {
            "legal_entity": dimensions["legal_entity"].take(pa.array(place)),
            "currency": cells["currency"],
            **{layer: of_cell[layer] for layer in LAYERS},
        }
    )
    nodes, node_of = _distinct(keys)
    units, direct, scale, rest = _in_units(cells["amount"], node_of, nodes.num_rows, model.scale)
    return Entered(
        nodes=nodes,
        direct=direct,
        scale=scale,
        cells=cells.select(["batch_id", "dim_id", "currency", "amount"]),
        node_of=node_of,
        units=units,
        rules=of_cell["rules"],
        dimensions=(
            _by_dimension(dimensions, place, of_cell)
            if columns
            else layers.add_column(0, "dim_id", dimensions["dim_id"])
        ),
        rounding=_rounding(nodes, rest),
    )


def _used(dimensions: pa.Table, cells: pa.Table) -> tuple[pa.Table, npt.NDArray[np.int64]]:
    """The dimensions that cells have, ascending, and the row of each cell's dimension."""
    known = dimensions["dim_id"].to_numpy()
    wanted, place = np.unique(cells["dim_id"].to_numpy(), return_inverse=True)
    rows = np.searchsorted(known, wanted)
    return dimensions.take(pa.array(rows)), place


def _with_column(rows: pa.Table, name: str, values: pa.ChunkedArray) -> pa.Table:
    if name in rows.column_names:
        return rows.set_column(rows.column_names.index(name), name, values)
    return rows.append_column(name, values)


def _distinct(keys: pa.Table) -> tuple[pa.Table, npt.NDArray[np.int64]]:
    """Each combination once, in ascending order with nulls first, and the row of every key."""
    combined = np.zeros(keys.num_rows, np.int64)
    for name in keys.column_names:
        ranks, count = _ranked(keys[name])
        combined = np.unique(combined, return_inverse=True)[1] * (count + 1) + ranks
    _, first, place = np.unique(combined, return_index=True, return_inverse=True)
    return keys.take(pa.array(first)), place.astype(np.int64)


def _ranked(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], int]:
    """Each value's place among the sorted distinct ones, from 1; 0 is null."""
    coded = column.combine_chunks().dictionary_encode()
    values = coded.dictionary.to_pylist()
    order = {value: rank for rank, value in enumerate(sorted(values), start=1)}
    ranks = np.array([*(order[value] for value in values), 0], np.int64)
    return ranks[coded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)], len(values)


def _in_units(
    amounts: pa.ChunkedArray, node_of: npt.NDArray[np.int64], nodes: int, wanted: int | None
) -> tuple[Numbers, Numbers, int, list[Decimal]]:
    """Units per cell and per node, their scale, and what of each node lies below a unit."""
    exact = scale_of_column(amounts) if len(amounts) else 0
    units = _numbers(units_of_column(amounts, exact))
    scale = max(exact, FINEST_SHARE) if wanted is None else wanted
    if scale >= exact:
        units = _finer(units, 10 ** (scale - exact))
        return units, _sums(units, node_of, nodes), scale, [Decimal(0)] * nodes
    sums = _sums(units.astype(object), node_of, nodes)
    step = 10 ** (exact - scale)
    coarse = _coarser(units, node_of, step)
    direct = _sums(coarse, node_of, nodes)
    rest = [from_units(int(s) - int(d) * step, exact) for s, d in zip(sums, direct, strict=True)]
    return coarse, direct, scale, rest


def _numbers(units: pa.Array) -> Numbers:
    """int64 where every sum provably stays inside it, else Python integers."""
    try:
        small: Numbers = units.cast(pa.int64()).to_numpy()
        if float(np.abs(small.astype(float)).sum()) < _SAFE:
            return small
    except pa.ArrowInvalid:
        pass
    wide = np.empty(len(units), object)
    wide[:] = [int(value) for value in units.to_pylist()]
    return wide


def _finer(units: Numbers, factor: int) -> Numbers:
    if factor == 1:
        return units
    size = float(np.abs(units.astype(float)).sum()) * factor
    wide = units if size < _SAFE and units.dtype != object else units.astype(object)
    return wide * factor


def _coarser(units: Numbers, node_of: npt.NDArray[np.int64], step: int) -> Numbers:
    """Cells in coarser units, cut at the running totals of their node so that sums fit."""
    found = np.zeros(len(units), object)
    running: dict[int, int] = {}
    for place, (node, value) in enumerate(zip(node_of.tolist(), units.tolist(), strict=True)):
        before = running.get(node, 0)
        running[node] = before + int(value)
        found[place] = _rounded(running[node], step) - _rounded(before, step)
    return found


def _rounded(value: int, step: int) -> int:
    whole = (2 * abs(value) + step) // (2 * step)
    return whole if value >= 0 else -whole


def _sums(units: Numbers, node_of: npt.NDArray[np.int64], nodes: int) -> Numbers:
    if not nodes:
        return np.zeros(0, units.dtype)
    order = np.argsort(node_of, kind="stable")
    starts = np.searchsorted(node_of[order], np.arange(nodes))
    sums: Numbers = np.add.reduceat(units[order], starts)
    return sums


def _by_dimension(dimensions: pa.Table, place: npt.NDArray[np.int64], layers: pa.Table) -> pa.Table:
    """What was decided per dimension; null where lines of one dimension were told apart."""
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(dimensions.num_rows))
    columns: dict[str, Any] = {"dim_id": dimensions["dim_id"]}
    for name in (*LAYERS, "rules"):
        values = np.array(layers[name].to_pylist(), object)[order]
        columns[name] = pa.array(_agreed(values, starts), pa.string())
    return pa.table(columns)


def _agreed(values: Numbers, starts: npt.NDArray[np.int64]) -> Sequence[str | None]:
    ends = [*starts[1:].tolist(), len(values)]
    found: list[str | None] = []
    for start, end in zip(starts.tolist(), ends, strict=True):
        first = values[start]
        same = all(value == first for value in values[start + 1 : end])
        found.append(first if same else None)
    return found


def _rounding(nodes: pa.Table, rest: Sequence[Decimal]) -> dict[Purse, Decimal]:
    found: dict[Purse, list[Decimal]] = {}
    purses = zip(nodes["legal_entity"].to_pylist(), nodes["currency"].to_pylist(), strict=True)
    for purse, amount in zip(purses, rest, strict=True):
        if amount:
            found.setdefault(purse, []).append(amount)
    return {purse: exact_sum(amounts) for purse, amounts in found.items()}
