"""Asking a generated run of so many edges what it would charge with other quantities.

Usage: python -m bench.what_if_once EDGES
"""

from __future__ import annotations

import json
import sys
import time
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from bench.measuring import fastest
from bursar.core.calc.allocation.drivers import Quantity
from bursar.core.calc.allocation.engine import allocate
from bursar.core.calc.allocation.model import Rule, Step
from bursar.core.calc.allocation.what_if import WhatIf
from bursar.core.calc.matching import Test
from bursar.core.money.units import column_of_integers

_SOLUTIONS, _CONSUMERS = 200, 50
_SHARED_BY = 20
"""Solutions that use one pool."""


def main(edges: int) -> None:
    given = _model(edges // (_SHARED_BY * (_CONSUMERS + 1)))
    begin = time.perf_counter()
    asked = WhatIf(**given)
    built = time.perf_counter() - begin
    begin = time.perf_counter()
    run = allocate(**given)
    ran = time.perf_counter() - begin
    answer: dict[str, Any] = {"edges": run.trace.num_rows, "built": built, "ran": ran}
    changes = {
        "one pool": Quantity("use of pools", "P00001", "S00020"),
        "one solution": Quantity("use of solutions", "S00007", "C00003"),
        "everything": Quantity("heads", None, "C00003"),
    }
    for name, quantity in changes.items():
        change = {quantity: Decimal("123.5")}
        first = time.perf_counter()
        asked.changed(change)
        answer[f"{name}, first"] = time.perf_counter() - first
        seconds, moved = fastest(partial(asked.changed, change), times=5)
        assert moved
        assert sum(moved.values()) == 0
        answer[name] = seconds
    print(json.dumps(answer))


def _model(pools: int) -> dict[str, Any]:
    """Pools to solutions by their use, solutions to consumers by use; one of them by heads."""
    chance = np.random.default_rng(pools)
    names = {
        "P": [f"P{n:05d}" for n in range(pools)],
        "S": [f"S{n:05d}" for n in range(_SOLUTIONS)],
        "C": [f"C{n:05d}" for n in range(_CONSUMERS)],
    }
    rows: list[tuple[str, str | None, str, int]] = [
        ("use of pools", pool, names["S"][(n + k) % _SOLUTIONS], int(q))
        for n, pool in enumerate(names["P"])
        for k, q in enumerate(chance.integers(1, 1000, _SHARED_BY))
    ]
    rows += [
        ("use of solutions", solution, consumer, int(q))
        for solution in names["S"][: _SOLUTIONS // 2]
        for consumer, q in zip(names["C"], chance.integers(1, 1000, _CONSUMERS), strict=True)
    ]
    rows += [
        ("heads", None, consumer, int(q))
        for consumer, q in zip(names["C"], chance.integers(1, 1000, _CONSUMERS), strict=True)
    ]
    measures, from_keys, to_keys, quantities = zip(*rows, strict=True)
    by_head = tuple(names["S"][_SOLUTIONS // 2 :])
    rules = (
        Rule("heads", (Test("solution", "equals", by_head),), "weighted", driver="heads"),
        Rule("use", (), "weighted", driver="use of solutions"),
    )
    nodes = {name: pa.nulls(pools, pa.string()) for name in ("tower", "solution", "consumer")}
    return {
        "nodes": pa.table(
            {
                "legal_entity": ["main"] * pools,
                "currency": ["EUR"] * pools,
                "cost_pool": names["P"],
                **nodes,
                "direct_units": column_of_integers(chance.integers(10**6, 10**12, pools)),
            }
        ),
        "steps": [
            Step("pools", "solution", (Rule("use", (), "weighted", driver="use of pools"),)),
            Step("solutions", "consumer", rules),
        ],
        "members": {"solution": names["S"], "consumer": names["C"]},
        "drivers": pa.table(
            {
                "measure": measures,
                "from_key": pa.array(from_keys, pa.string()),
                "to_key": to_keys,
                "quantity": pa.array([Decimal(q) for q in quantities], pa.decimal128(38, 20)),
            }
        ),
    }


if __name__ == "__main__":
    main(int(sys.argv[1]))
