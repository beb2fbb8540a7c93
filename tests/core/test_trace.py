"""Where money came from and where it went: rules T1-T4 of docs/spec/allocation.md."""

from collections import defaultdict
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from tests.core.plain_model import divided
from tests.core.random_models import random_nodes, random_rows, random_steps
from tests.core.test_engine import (
    allocated,
    cost,
    step,
)

from bursar.core.calc.allocation.model import Rule
from bursar.core.calc.allocation.trace import TraceIndex, destinations_of, sources_of
from bursar.core.calc.matching import Test

SHARED = [
    step(
        "solution",
        Rule("half", (Test("cost_pool", "equals", ("Cloud",)),), "even", ("ERP", "Shop")),
    ),
    step("consumer", Rule("all", (), "weighted", driver="use")),
]
USE = [("use", "ERP", "North", 3), ("use", "ERP", "South", 1), ("use", "Shop", "South", 1)]


def ids(allocation, **wanted):
    rows = allocation.nodes.to_pylist()
    return np.array([r["node_id"] for r in rows if wanted.items() <= r.items()], np.int64)


def test_t1_a_consumer_s_amount_is_led_back_to_what_entered():
    found = allocated(
        [cost(100), cost(40, pool="Cloud / B"), cost(8, solution="Shop")], SHARED, USE
    )
    south = ids(found, consumer="South")
    traced = TraceIndex(found.nodes, found.trace).sources_of(south)
    pools, solutions = found.nodes["cost_pool"], found.nodes["solution"]
    named = {
        f"{pools[node]}/{solutions[node]}": units
        for node, units in zip(traced.nodes.tolist(), traced.units.tolist(), strict=True)
    }
    # 100: 12 or 13 by way of ERP and 50 by way of Shop; what was direct to Shop stays whole.
    assert sum(named.values()) == 12 + 50 + 5 + 20 + 8
    assert named["Cloud / B/None"] == 25
    assert named["Cloud / A/None"] + named["Cloud / A/Shop"] == 70


def test_t2_an_entered_amount_is_followed_to_who_pays():
    found = allocated([cost(100), cost(8, solution="Shop")], SHARED, USE)
    entry = int(found.entries[0].as_py())
    traced = destinations_of(found.nodes, found.trace, entry, 100)
    payers = defaultdict(int)
    for node, units in zip(traced.nodes.tolist(), traced.units.tolist(), strict=True):
        payers[found.nodes["consumer"][node].as_py()] += units
    assert payers == {"North": 38, "South": 62}
    on_the_way = divided(100, [50, 50]) + divided(50, [38, 12]) + divided(50, [1])
    assert traced.edge_units.tolist() == on_the_way


def test_t2_what_rests_on_the_way_is_a_destination():
    steps = [
        step(
            "consumer",
            Rule("part", (), "fixed", shares=(("North", Decimal(75)),), residual="retained"),
        )
    ]
    found = allocated([cost(100)], steps)
    traced = destinations_of(found.nodes, found.trace, 0, 10)
    assert (traced.nodes.tolist(), traced.units.tolist()) == ([0, 1], [2, 8])


@given(random_nodes, random_steps, random_rows)
def test_t1_the_sources_of_everything_are_the_direct_amounts(nodes, steps, rows):
    found = allocated(nodes, steps, rows)
    index = TraceIndex(found.nodes, found.trace)
    lines = found.allocated.to_pylist()
    traced = index.sources_of(
        np.array([line["node_id"] for line in lines], np.int64),
        np.array([int(line["units"]) for line in lines], dtype=object),
    )
    assert sum(traced.units.tolist()) == sum(amount for _, amount in nodes)


@given(random_nodes, random_steps, random_rows)
def test_t1_and_t2_both_ways_keep_every_unit(nodes, steps, rows):
    found = allocated(nodes, steps, rows)
    index = TraceIndex(found.nodes, found.trace)
    for node in found.nodes.to_pylist():
        here = np.array([node["node_id"]])
        for units in (int(node["total_units"]), 7):
            asked = np.array([units], dtype=object)
            back, forth = index.sources_of(here, asked), index.destinations_of(here, asked)
            assert sum(back.units.tolist()) == sum(forth.units.tolist()) == units


@given(random_nodes, random_steps, random_rows)
def test_t3_charges_alone_are_led_back_to_what_entered_exactly(nodes, steps, rows):
    charges = [(node, abs(amount)) for node, amount in nodes]
    found = allocated(charges, steps, rows)
    index = TraceIndex(found.nodes, found.trace)
    lines = found.allocated.to_pylist()
    traced = index.sources_of(
        np.array([line["node_id"] for line in lines], np.int64),
        np.array([int(line["units"]) for line in lines], dtype=object),
    )
    entered = {n["node_id"]: int(n["direct_units"]) for n in found.nodes.to_pylist()}
    assert dict(zip(traced.nodes.tolist(), traced.units.tolist(), strict=True)) == {
        node: units for node, units in entered.items() if units
    }
    edges = dict(zip(traced.edges.tolist(), traced.edge_units.tolist(), strict=True))
    assert edges == dict(enumerate(int(u) for u in found.trace["units"].to_pylist()))


def test_t4_inflows_that_cancel_to_zero_lose_nothing():
    found = allocated([cost(5, solution="Shop"), cost(-5)], [
        step("solution", Rule("all", (), "direct", ("Shop",))),
    ])  # fmt: skip
    shop = ids(found, solution="Shop")
    assert found.nodes["total_units"][int(shop[0])].as_py() == 0
    traced = TraceIndex(found.nodes, found.trace).sources_of(shop, np.array([4]))
    assert traced.units.tolist() == [2, 2]


def test_t4_an_amount_at_a_node_that_nothing_entered_stays_there():
    found = allocated([cost(0)], [])
    traced = TraceIndex(found.nodes, found.trace).sources_of(np.array([0]), np.array([9]))
    assert (traced.nodes.tolist(), traced.units.tolist()) == ([0], [9])


def test_without_an_amount_the_whole_node_is_traced():
    found = allocated([cost(100)], SHARED, USE)
    traced = sources_of(found.nodes, found.trace, ids(found, consumer="North"))
    assert traced.units.tolist() == [38]


def test_nodes_in_another_order_are_no_index():
    found = allocated([cost(1), cost(2, solution="Shop")], [])
    with pytest.raises(ValueError, match="numbered by their row"):
        TraceIndex(found.nodes.take(pa.array([1, 0])), found.trace)
