"""How the cost of periods enters the model: classified once, then summed to nodes in whole units.

All periods of one model are one question: every dimension is classified once, the engine joins
and sums, and only the sums of nodes become integers. Which dimension stands behind which node is
told later, from the same frozen facts (`entries`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bursar.allocate.balance import Purse, by_owner, by_purse
from bursar.allocate.facts import Facts
from bursar.allocate.language.model import CostModel
from bursar.allocate.nodes import KEY, distinct, matching
from bursar.core.calc.classification import LAYERS, classify, columns_read
from bursar.core.money.units import from_units, integers_of, scale_of_column, units_of_column
from bursar.core.refusal import InvariantBroken

FINEST_SHARE = 8
"""Splits are cut at least this fine: a third of a cent kept to 8 digits never grows to a cent."""

_SAFE = float(2**62)
Numbers = npt.NDArray[Any]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Entered:
    """One period's nodes with the money that entered them."""

    nodes: pa.Table
    """One row per node: `KEY`."""
    direct: Numbers
    """Units that entered each node: int64, or Python integers where these are too small."""
    scale: int
    cost: dict[Purse, Decimal]
    """What came in, by legal entity and currency."""
    rounding: dict[Purse, Decimal]
    """What lies below the unit, where the model asks for coarser units than the ledger has."""
    decided: Callable[[], pa.Table]
    """Gives one row per dimension with cost: dim_id, the layers and the rules that decided."""
    cells: int
    """How many sums of the ledger went in."""


@dataclass(frozen=True)
class Cells:
    """A period's cost by batch, dimension, currency and what else rules look at, classified."""

    amounts: pa.Table
    """batch_id, dim_id, currency, amount."""
    keys: pa.Table
    """`KEY` of each cell."""
    rules: pa.ChunkedArray
    """Names of the rules that decided each cell."""


@dataclass(frozen=True)
class _Classes:
    """Dimensions, each with the number of its class: its legal entity and layers."""

    dim_ids: Rows
    class_of: Rows
    classes: pa.Table
    layers: pa.Table
    """Of each dimension, with the rules."""


def enter(
    facts: Facts, model: CostModel, *, periods: Sequence[str], basis: str, from_lines: bool = False
) -> dict[str, Entered]:
    """Classify and sum these periods; reads lines only where a rule asks for what they hold.

    With `from_lines` the sums are made from the lines although the cubes have them already.
    """
    if model.line_columns:
        return {p: _entered_by_lines(facts, model, period=p, basis=basis) for p in periods}
    known = _classified(facts, model)
    table = pa.table({"dim_id": known.dim_ids, "class_id": known.class_of})
    sums = facts.sums_by_class(periods, basis, table, lines=from_lines)
    if sums["class_id"].null_count:
        raise InvariantBroken("Cost of the ledger has a dimension that is in no file.")
    amounts = facts.amounts(periods, basis)
    by_period, stated = _parts(sums, periods), _parts(amounts, periods)
    return {p: _entered(known, by_period[p], stated[p], model.scale) for p in periods}


def line_cells(facts: Facts, model: CostModel, *, period: str, basis: str) -> Cells:
    """Cells told apart by the line columns that rules read, each classified for itself."""
    columns = model.line_columns
    cells = facts.line_cells(period, basis, columns)
    wanted = [name for name in columns_read(model.rules) if name not in columns]
    dimensions = facts.known_by([_ENTITY, *(name for name in wanted if name != _ENTITY)])
    rows = dimensions.take(pa.array(matching(dimensions["dim_id"].to_numpy(), cells["dim_id"])))
    for column in columns:
        rows = rows.append_column(column, cells[column])
    layers = classify(rows, model.rules, members=model.known).layers
    keys = {"legal_entity": rows["legal_entity"], "currency": cells["currency"]}
    return Cells(
        amounts=cells.select(["batch_id", "dim_id", "currency", "amount"]),
        keys=pa.table({**keys, **{layer: layers[layer] for layer in LAYERS}}),
        rules=layers["rules"],
    )


_ENTITY = "legal_entity"


def _classified(facts: Facts, model: CostModel) -> _Classes:
    read = [name for name in columns_read(model.rules) if name != _ENTITY]
    dimensions = facts.known_by([_ENTITY, *read])
    layers = classify(dimensions, model.rules, members=model.known).layers
    keys = pa.table({_ENTITY: dimensions[_ENTITY], **{n: layers[n] for n in LAYERS}})
    classes, class_of = distinct(keys)
    return _Classes(dimensions["dim_id"].to_numpy(), class_of, classes, layers)


def _parts(table: pa.Table, periods: Sequence[str]) -> dict[str, pa.Table]:
    """The rows of each period."""
    coded = pc.index_in(table["period"], value_set=pa.array(periods, pa.string()))
    if coded.null_count:
        table, coded = table.filter(coded.is_valid()), coded.drop_null()
    numbers = coded.to_numpy().astype(np.uint16)
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers, minlength=len(periods)))
    ordered = table.take(pa.array(order)) if len(periods) > 1 else table
    starts = [0, *ends[:-1].tolist()]
    return {
        period: ordered.slice(start, end - start)
        for period, start, end in zip(periods, starts, ends.tolist(), strict=True)
    }


def _entered(known: _Classes, sums: pa.Table, stated: pa.Table, wanted: int | None) -> Entered:
    nodes = known.classes.take(sums["class_id"].combine_chunks())
    nodes = nodes.append_column("currency", sums["currency"]).select(KEY)
    exact = scale_of_column(stated["amount"]) if stated.num_rows else 0
    ids = stated["dim_id"]
    return _with_units(
        nodes, sums["amount"], (exact, wanted),
        decided=lambda: _decided(known, ids), cells=stated.num_rows,
    )  # fmt: skip


def _decided(known: _Classes, ids: pa.ChunkedArray) -> pa.Table:
    dims = np.unique(ids.to_numpy())
    layers = known.layers.take(pa.array(matching(known.dim_ids, dims)))
    return layers.add_column(0, "dim_id", pa.array(dims, pa.int64()))


def _entered_by_lines(facts: Facts, model: CostModel, *, period: str, basis: str) -> Entered:
    cells = line_cells(facts, model, period=period, basis=basis)
    nodes, node_of = distinct(cells.keys)
    amounts = cells.amounts["amount"]
    exact = scale_of_column(amounts) if len(amounts) else 0
    sums = sums_of(integers_of(units_of_column(amounts, exact)), node_of, nodes.num_rows)
    found = pa.array([from_units(int(unit), exact) for unit in sums], pa.decimal128(38, 24))
    return _with_units(
        nodes, pa.chunked_array([found]), (exact, model.scale),
        decided=lambda: _by_dimension(cells), cells=len(amounts),
    )  # fmt: skip


def _with_units(
    nodes: pa.Table,
    amounts: pa.ChunkedArray,
    scales: tuple[int, int | None],
    *,
    decided: Callable[[], pa.Table],
    cells: int,
) -> Entered:
    """The nodes' sums in units of the run's scale, and what lies below one."""
    exact, wanted = scales
    scale = max(exact, FINEST_SHARE) if wanted is None else wanted
    units = integers_of(units_of_column(amounts, exact)) if len(amounts) else np.zeros(0, np.int64)
    rest: list[Decimal] = []
    if scale >= exact:
        direct = finer(units, 10 ** (scale - exact))
    else:
        step = 10 ** (exact - scale)
        direct = np.zeros(len(units), object)
        direct[:] = [rounded(unit, step) for unit in units.tolist()]
        rest = [
            from_units(unit - int(whole) * step, exact)
            for unit, whole in zip(units.tolist(), direct, strict=True)
        ]
    return Entered(
        nodes=nodes,
        direct=direct,
        scale=scale,
        cost=by_owner(nodes.select(KEY[:2]).append_column("amount", amounts)),
        rounding=_rounding(nodes, rest) if rest else {},
        decided=decided,
        cells=cells,
    )


def finer(units: Numbers, factor: int) -> Numbers:
    """The same amounts in units that are so many times smaller."""
    if factor == 1:
        return units
    size = float(np.abs(units.astype(float)).sum()) * factor
    wide = units if size < _SAFE and units.dtype != object else units.astype(object)
    return wide * factor


def rounded(value: int, step: int) -> int:
    """Whole steps, half away from zero."""
    whole = (2 * abs(value) + step) // (2 * step)
    return whole if value >= 0 else -whole


def sums_of(units: Numbers, node_of: Rows, nodes: int) -> Numbers:
    """What each node's cells add up to."""
    if not nodes:
        return np.zeros(0, units.dtype)
    safe = units.dtype != object and float(np.abs(units.astype(float)).sum()) < _SAFE
    order = np.argsort(node_of, kind="stable")
    starts = np.searchsorted(node_of[order], np.arange(nodes))
    sums: Numbers = np.add.reduceat((units if safe else units.astype(object))[order], starts)
    return sums


def _by_dimension(cells: Cells) -> pa.Table:
    """What was decided per dimension; null where lines of one dimension were told apart."""
    dims, place = np.unique(cells.amounts["dim_id"].to_numpy(), return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(len(dims)))
    columns: dict[str, Any] = {"dim_id": pa.array(dims, pa.int64())}
    names = {**{layer: cells.keys[layer] for layer in LAYERS}, "rules": cells.rules}
    for name, values in names.items():
        coded = values.combine_chunks()
        codes = coded.indices.fill_null(-1).to_numpy()[order]
        low, high = np.minimum.reduceat(codes, starts), np.maximum.reduceat(codes, starts)
        mask = (low != high) | (low < 0)
        columns[name] = pa.DictionaryArray.from_arrays(pa.array(low, mask=mask), coded.dictionary)
    return pa.table(columns)


def _rounding(nodes: pa.Table, rest: Sequence[Decimal]) -> dict[Purse, Decimal]:
    owners = (nodes[name].to_pylist() for name in KEY[:2])
    found = by_purse(zip(*owners, rest, strict=True))
    return {purse: amount for purse, amount in found.items() if amount}
