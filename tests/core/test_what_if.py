"""Rules WI1-WI3: other quantities, from what they touch, give what a whole run gives."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.methods import among, cost, shares
from tests.core.plain_model import driver_table, node_table
from tests.core.random_models import MEMBERS, random_nodes, random_rows, random_steps

from bursar.core.calc.allocation.dividing import Terms
from bursar.core.calc.allocation.drivers import Quantity
from bursar.core.calc.allocation.engine import allocate
from bursar.core.calc.allocation.model import Rule, Step
from bursar.core.calc.allocation.rates import Price, Rate, Tier
from bursar.core.calc.allocation.what_if import WhatIf

amounts = st.sampled_from(["0", "2", "7", "0.125", "99999999999.0001", "-3"]).map(Decimal)


def whole(nodes, steps, members, rows, terms=None):
    """{(entity, currency, outcome, consumer): units} of a run of its own."""
    found = allocate(
        nodes=node_table(nodes), steps=steps, members=members, drivers=driver_table(rows),
        terms=terms,
    )  # fmt: skip
    sums = {}
    for line in found.allocated.to_pylist():
        payer = tuple(line[n] for n in ("legal_entity", "currency", "outcome", "consumer"))
        sums[payer] = sums.get(payer, 0) + int(line["units"])
    return {payer: units for payer, units in sums.items() if units}


def merged(rows):
    """One row per driver, from-key and to-key, as a what-if names them."""
    sums = {}
    for measure, from_key, to_key, quantity in rows:
        key = Quantity(measure, from_key or None, to_key)
        sums[key] = sums.get(key, Decimal(0)) + Decimal(quantity)
    return sums


def agree(nodes, steps, members, rows, changes, terms=None):
    """The what-if's base and its answer against two runs of the engine."""
    asked = WhatIf(
        nodes=node_table(nodes), steps=steps, members=members, drivers=driver_table(rows),
        terms=terms,
    )  # fmt: skip
    before = whole(nodes, steps, members, rows, terms)
    assert {tuple(p): u for p, u in asked.charged.items() if u} == before
    changed = merged(rows) | changes
    new_rows = [(*key, str(amount)) for key, amount in changed.items()]
    after = whole(nodes, steps, members, new_rows, terms)
    expected = {p: after.get(p, 0) - before.get(p, 0) for p in {**before, **after}}
    found = {tuple(p): units for p, units in asked.changed(changes).items()}
    assert found == {p: units for p, units in expected.items() if units}
    # Asked again, and for nothing, it has not changed by being asked.
    assert {tuple(p): units for p, units in asked.changed(changes).items()} == found
    assert asked.changed({}) == {}
    return found


@settings(max_examples=150, deadline=None)
@given(random_nodes, random_steps, random_rows, st.data())
def test_wi1_a_change_gives_to_the_last_unit_what_a_run_gives(nodes, steps, rows, data):
    keys = sorted(merged(rows), key=str)
    chosen = data.draw(st.lists(st.sampled_from(keys), unique=True)) if keys else []
    changes = {key: data.draw(amounts) for key in chosen}
    agree(nodes, steps, MEMBERS, rows, changes)


def by(driver, layer="consumer", **more):
    return Step(f"by {driver}", layer, (Rule(driver, (), "weighted", driver=driver, **more),))


PEOPLE = {"consumer": ("North", "South", "West"), "solution": ("S1", "S2", "P1", "P2")}
USE = [("use", None, "North", "1"), ("use", None, "South", "2"), ("use", None, "West", "0")]


def test_wi1_by_hand_a_third_moves():
    found = agree(
        [cost(90_00, "P1")], [by("use")], PEOPLE, USE, {Quantity("use", None, "North"): Decimal(4)}
    )
    # From 30.00 and 60.00 to 60.00 and 30.00.
    assert found == {
        ("Firm", "EUR", "allocated", "North"): 30_00,
        ("Firm", "EUR", "allocated", "South"): -30_00,
    }


def test_wi2_services_that_charge_each_other_are_asked_as_a_whole():
    steps = [
        among(
            "reciprocal", shares("S1", S2="20", P1="30", P2="50"), shares("S2", S1="10", P1="90")
        ),
        by("use"),
    ]
    nodes = [cost(1_000_01, "S1"), cost(600_02, "S2"), cost(77, "P1")]
    agree(nodes, steps, PEOPLE, USE, {Quantity("use", None, "West"): Decimal("0.3")})
    driven = Rule("hours", (), "weighted", driver="hours")
    steps[0] = among("step_down", driven, order=("S1", "S2"))
    rows = [
        *USE,
        ("hours", "S1", "P1", "3"),
        ("hours", "S1", "S2", "1"),
        ("hours", "S2", "P2", "1"),
    ]
    agree(nodes, steps, PEOPLE, rows, {Quantity("hours", "S1", "S2"): Decimal(7)})


@pytest.mark.parametrize("difference", ["recovery", "shared"])
def test_wi2_rates_caps_and_idle_capacity_are_asked_as_a_whole(difference):
    rate = Rate("r", "use", "unit", "EUR", (Price(None, (Tier(None, Decimal("7.5")),)),))
    rated = Rule("rated", (), "rate", rates=(rate,), difference=difference)
    nodes = [cost(33_33), cost(5_01, pool="Cloud / A")]
    change = {Quantity("use", None, "South"): Decimal("1.5")}
    agree(nodes, [Step("rate", "consumer", (rated,))], PEOPLE, USE, change, Terms(scale=2))
    caps = (("North", Decimal("5.00")), ("South", Decimal("50.00")))
    fill = Rule("fill", (), "waterfall", caps=caps, residual="unallocated", currency="EUR")
    steps = [by("use", "solution"), Step("fill", "consumer", (fill,))]
    rows = [("use", None, "P1", "1"), ("use", None, "P2", "1")]
    agree(nodes, steps, PEOPLE, rows, {Quantity("use", None, "P2"): Decimal(5)}, Terms(scale=2))
    there = [*USE, ("there", None, "n", "10")]
    idle = [by("use", capacity="there", idle="retained")]
    for key, amount in ((("use", None, "North"), 6), (("there", None, "n"), 20)):
        agree(nodes, idle, PEOPLE, there, {Quantity(*key): Decimal(amount)})


def test_wi3_a_row_that_no_driver_has_is_refused():
    asked = WhatIf(
        nodes=node_table([cost(1)]), steps=[by("use")], members=PEOPLE, drivers=driver_table(USE)
    )
    for key in (("use", None, "East"), ("use", "S1", "North"), ("none", None, "North")):
        with pytest.raises(KeyError):
            asked.changed({Quantity(*key): Decimal(1)})
