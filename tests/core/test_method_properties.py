"""Every method conserves, whatever the model: rules S10 and S12-S22 of docs/spec/allocation.md."""

from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.methods import PEOPLE, TIERS, D, among, cost, reciprocal_second_path, run

from bursar.core.calc.allocation.dividing import Terms
from bursar.core.calc.allocation.model import Rule, Step
from bursar.core.calc.allocation.rates import Price, Rate
from bursar.core.calc.allocation.trace import TraceIndex
from bursar.core.calc.matching import Test


@st.composite
def random_exchange(draw):
    """A step among S1, S2, IT and HR with random shares; each lets at least 5 % out or keeps it."""
    rules = []
    for who in draw(st.lists(st.sampled_from(["S1", "S2", "IT", "HR"]), unique=True)):
        to = draw(st.dictionaries(st.sampled_from(["S1", "S2", "IT", "HR", "P1", "P2"]),
                                  st.integers(0, 19), max_size=5))  # fmt: skip
        rest = draw(st.sampled_from(["P1", "unallocated", "retained"]))
        named = tuple((name, D(percent)) for name, percent in to.items())
        rules.append(
            Rule(who, (Test("solution", "equals", (who,)),), "fixed", shares=named, residual=rest)
        )
    how = draw(st.sampled_from(["reciprocal", "step_down"]))
    return among(how, *rules, order=tuple(draw(st.permutations(["S1", "S2", "IT", "HR"]))))


@st.composite
def random_use(draw):
    """A step to consumers by any of the methods, with subsidies and markups."""
    changes = {}
    if draw(st.booleans()):
        changes["markup"] = (("", D(draw(st.integers(1, 300)))),)
    if draw(st.booleans()):
        changes |= {"subsidy": (("North", D(draw(st.integers(1, 100)))),), "subsidy_by": "West"}
    rate = Rate(
        "r", "u", "h", "EUR", (Price(None, TIERS, draw(st.sampled_from(["graduated", "volume"]))),)
    )
    rule = draw(st.sampled_from([
        Rule("mix", (), "weighted", drivers=(("u", D(60)), ("v", D(40))), **changes),
        Rule("idle", (), "weighted", driver="u", capacity="v", idle="retained", **changes),
        Rule("fill", (), "waterfall", caps=(("North", D(5)), ("South", D(7))), residual="West",
             currency="EUR"),
        Rule("rate", (), "rate", rates=(rate,), difference="recovery"),
        Rule("rate", (), "rate", rates=(rate,), difference="shared", **changes),
        Rule("some", (), "even", PEOPLE, starts=date(2026, 1, 9), **changes),
    ]))  # fmt: skip
    return Step("use", "consumer", (rule,))


quantities = st.lists(
    st.tuples(st.sampled_from("uv"), st.sampled_from([None, "S1", "P1"]),
              st.sampled_from([*PEOPLE, "Nobody"]), st.sampled_from(["0", "1", "2.5", "999999"])),
    max_size=8,
)  # fmt: skip
money = st.lists(
    st.tuples(st.sampled_from(["S1", "S2", "IT", "HR", "P1", None]),
              st.sampled_from(["A / 1", "B / 2"]), st.integers(-(10**12), 10**12)),
    max_size=7,
)  # fmt: skip


@given(costs=money, exchange=random_exchange(), use=random_use(), rows=quantities)
@settings(max_examples=150, deadline=None)
def test_s10_every_method_conserves_and_no_order_matters(costs, exchange, use, rows):
    terms = Terms(scale=2, first_day=date(2026, 1, 1), days=31)
    nodes = [cost(units, who, pool=pool) for who, pool, units in costs]
    found = run(nodes, exchange, use, rows=rows, terms=terms)
    assert sum(int(line["units"]) for line in found.allocated.to_pylist()) == sum(
        units for _, units in nodes
    )
    again = run(nodes[::-1], exchange, use, rows=rows[::-1], terms=terms)
    assert found.allocated.equals(again.allocated)
    assert found.trace.equals(again.trace)
    everywhere = np.unique(found.allocated["node_id"].to_numpy())
    out = TraceIndex(found.nodes, found.trace).sources_of(everywhere)
    totals = found.nodes["total_units"].to_pylist()
    assert sum(out.units.tolist()) == sum(int(totals[node]) for node in everywhere.tolist())


@given(exchange=random_exchange(), amounts=st.lists(st.integers(0, 10**9), min_size=4, max_size=4))
@settings(max_examples=80, deadline=None)
def test_s22_any_circle_equals_following_the_money(exchange, amounts):
    exchange = replace(exchange, among="reciprocal")
    direct = dict(zip(("S1", "S2", "IT", "HR"), amounts, strict=True))
    gives = {}
    for rule in exchange.rules:
        to = {name: int(percent) for name, percent in rule.shares}
        to[rule.residual] = to.get(rule.residual, 0) + 100 - sum(to.values())
        gives[rule.name] = to
    expected = reciprocal_second_path(direct, gives)
    found = {}
    for line in run([cost(v, k) for k, v in direct.items()], exchange).allocated.to_pylist():
        said = line["reason"] or ""
        word = "unallocated" if "leaves it" in said else "retained" if "retains" in said else ""
        name = word or line["solution"]
        found[name] = found.get(name, 0) + int(line["units"])
    assert sum(found.values()) == sum(amounts)
    for name in {*found, *expected}:
        assert abs(found.get(name, 0) - expected.get(name, 0)) < 8
