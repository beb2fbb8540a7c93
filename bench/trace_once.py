"""Tracing one consumer's statement through a generated run of so many edges.

Usage: python -m bench.trace_once EDGES
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import pyarrow as pa

from bench.measuring import fastest
from bursar.core.calc.allocation.split import split
from bursar.core.calc.allocation.trace import TraceIndex
from bursar.core.calc.classification import LAYERS
from bursar.core.money.units import column_of_integers
from bursar.core.tables.allocation import ALLOCATION_NODE, ALLOCATION_TRACE

_SIZES = (0.02, 0.06, 0.15, 0.35)
"""Nodes of each level, from pools to consumers, per edge."""
_CONSUMERS = 400


def main(edges: int) -> None:
    nodes, trace, last = _run(edges)
    begin = time.perf_counter()
    index = TraceIndex(nodes, trace)
    built = time.perf_counter() - begin
    statement = np.arange(last, nodes.num_rows)[::_CONSUMERS]
    seconds, traced = fastest(lambda: index.sources_of(statement), times=5)
    asked = int(index.total[statement].sum())
    assert int(traced.units.sum()) == asked
    answer = {
        "seconds": seconds,
        "built": built,
        "edges": trace.num_rows,
        "passed": len(traced.edges),
        "sources": len(traced.nodes),
        "statement_nodes": len(statement),
    }
    print(json.dumps(answer))


def _run(edges: int) -> tuple[pa.Table, pa.Table, int]:
    """A finished run: money enters at the first level and is split level by level."""
    chance = np.random.default_rng(edges)
    sizes = [max(1, int(edges * size)) for size in _SIZES]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    total = np.zeros(starts[-1], np.int64)
    total[: sizes[0]] = chance.integers(10**6, 10**9, sizes[0])
    direct = total.copy()
    pieces = []
    for level in range(len(sizes) - 1):
        count = sizes[level]
        degrees = chance.multinomial(edges // (len(sizes) - 1), np.full(count, 1 / count))
        offsets = np.concatenate([[0], np.cumsum(degrees)])
        weights = chance.integers(1, 10_000, offsets[-1])
        from_nodes = np.repeat(np.arange(starts[level], starts[level + 1]), degrees)
        to_nodes = chance.integers(starts[level + 1], starts[level + 2], offsets[-1])
        units = split(total[starts[level] : starts[level + 1]], offsets, weights).flows
        np.add.at(total, to_nodes, units)
        pieces.append((np.full(offsets[-1], level + 1), from_nodes, to_nodes, units))
    step, from_nodes, to_nodes, units = (np.concatenate(part) for part in zip(*pieces, strict=True))
    level_of = np.repeat(np.arange(len(sizes)), sizes)
    layers = {name: pa.array(np.where(level_of >= n, "x", None)) for n, name in enumerate(LAYERS)}
    rows = len(total)
    nodes = pa.table(
        {
            "node_id": np.arange(rows),
            "legal_entity": pa.array(["main"]).take(pa.array(np.zeros(rows, np.int64))),
            "currency": pa.array(["EUR"]).take(pa.array(np.zeros(rows, np.int64))),
            **layers,
            "direct_units": column_of_integers(direct),
            "total_units": column_of_integers(total),
        }
    ).cast(ALLOCATION_NODE.schema)
    names = pa.array(["rule"]).take(pa.array(np.zeros(len(units), np.int64)))
    trace = pa.table(
        {
            "step": pa.array(step, pa.int32()),
            "from_node": from_nodes,
            "to_node": to_nodes,
            "units": column_of_integers(units),
            "rule": names,
            "driver": names,
        }
    ).cast(ALLOCATION_TRACE.schema)
    return nodes, trace, int(starts[-2])


if __name__ == "__main__":
    main(int(sys.argv[1]))
