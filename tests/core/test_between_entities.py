"""Charges between legal entities in the engine: rules IC1-IC5 of docs/spec/intercompany.md."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.methods import PEOPLE, TIERS, D, cost, paid, run

from bursar.core.calc.allocation.dividing import Terms
from bursar.core.calc.allocation.intercompany import Between, Intercompany
from bursar.core.calc.allocation.model import Rule, Step
from bursar.core.calc.allocation.rates import Price, Rate

POOLS = Intercompany(pass_through=("Licences",), shareholder=("Audit",))
BETWEEN = Between(POOLS, {"North": "Firm", "South": "Shop"}, {("Firm", "Shop"): D(5)})
TERMS = Terms(scale=2, first_day=date(2026, 1, 1), days=31, between=BETWEEN)
EVEN = Rule("even", (), "even", PEOPLE)


def use(rule=EVEN):
    return Step("use", "consumer", (rule,))


def test_ic1_ic2_what_crosses_is_marked_up_by_agreement_and_nothing_else():
    """300 in three: South belongs to another entity, West to none that anybody named."""
    found = run([cost(30000)], use(), terms=TERMS)
    assert paid(found) == {"North": 10000, "South": 10500, "West": 10000, "markup": -500}
    (rest,) = [line for line in found.allocated.to_pylist() if line["outcome"] == "markup"]
    assert rest["reason"] == "the markup that Firm and Shop agreed"


def test_ic1_the_seller_is_who_bears_the_cost():
    found = run([cost(30000, entity="Shop")], use(), terms=TERMS)
    assert paid(found) == {"North": 10000, "South": 10000, "West": 10000}


def test_ic2_a_percentage_of_the_rule_goes_before_the_agreement():
    own = replace(EVEN, markup=(("South", D(20)),))
    assert paid(run([cost(30000)], use(own), terms=TERMS))["South"] == 12000
    everybody = replace(EVEN, markup=(("", D(20)),))
    assert paid(run([cost(30000)], use(everybody), terms=TERMS))["South"] == 12000


def test_ic3_pass_through_cost_is_never_marked_up():
    """Neither by the agreement nor by the rule; a part stands under its pool."""
    marked = replace(EVEN, markup=(("", D(20)),))
    for rule in (EVEN, marked):
        found = paid(run([cost(30000, pool="Licences / Desktop")], use(rule), terms=TERMS))
        assert found == {"North": 10000, "South": 10000, "West": 10000}
    assert "markup" in paid(run([cost(30000, pool="Licences of others")], use(), terms=TERMS))


def test_ic4_shareholder_cost_stays_with_the_seller():
    found = run([cost(30000, pool="Audit / Group")], use(), terms=TERMS)
    assert paid(found) == {"North": 10000, "West": 10000, "retained": 10000}
    (kept,) = [line for line in found.allocated.to_pylist() if line["outcome"] == "retained"]
    assert kept["reason"] == "shareholder cost stays with Firm"


def test_ic5_prices_and_own_cost_have_no_markup():
    rate = Rate("r", "u", "h", "EUR", (Price(None, TIERS, "graduated"),))
    rows = [("u", None, "South", "3")]
    charged = use(Rule("rate", (), "rate", rates=(rate,), difference="recovery"))
    plain = replace(TERMS, between=None)
    for step in (charged, use()):
        nodes = [cost(30000, consumer="South")] if step is not charged else [cost(30000)]
        found = run(nodes, step, rows=rows, terms=TERMS)
        assert paid(found) == paid(run(nodes, step, rows=rows, terms=plain))


def test_kinds_of_cost_in_one_division_keep_apart():
    nodes = [
        cost(30000),
        cost(30000, pool="Licences / Desktop"),
        cost(30000, pool="Audit / Group"),
        cost(30000, entity="Shop"),
    ]
    found = run(nodes, use(), terms=TERMS)
    assert paid(found) == {
        "North": 40000, "South": 30500, "West": 40000, "markup": -500, "retained": 10000,
    }  # fmt: skip
    alone = [paid(run([node], use(), terms=TERMS)) for node in nodes]
    assert paid(found) == {
        name: sum(part.get(name, 0) for part in alone) for name in {n for p in alone for n in p}
    }


money = st.lists(
    st.tuples(
        st.integers(-(10**12), 10**12),
        st.sampled_from(["A / 1", "Licences / 1", "Audit / 2"]),
        st.sampled_from(["Firm", "Shop", "Bank"]),
    ),
    max_size=8,
)
belonging = st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(["Firm", "Shop", "Bank"]))
agreed = st.dictionaries(
    st.tuples(*[st.sampled_from(["Firm", "Shop", "Bank"])] * 2),
    st.decimals(0, 400, places=2),
    max_size=5,
)
rules = st.sampled_from([
    EVEN,
    Rule("some", (), "fixed", shares=(("North", D(20)), ("South", D(30))), residual="retained"),
    Rule("mix", (), "weighted", driver="u"),
    replace(EVEN, markup=(("South", D(7)),), subsidy=(("North", D(40)),), subsidy_by="West"),
])  # fmt: skip
used = st.lists(
    st.tuples(st.just("u"), st.none(), st.sampled_from(PEOPLE), st.sampled_from(["0", "1", "2.5"])),
    max_size=4,
)


@given(money, belonging, agreed, rules, used)
@settings(max_examples=150, deadline=None)
def test_s10_charges_between_entities_conserve_whatever_is_agreed(
    costs, entity_of, markups, rule, rows
):
    terms = replace(TERMS, between=Between(POOLS, entity_of, markups))
    nodes = [cost(units, pool=pool, entity=entity) for units, pool, entity in costs]
    found = run(nodes, use(rule), rows=rows, terms=terms)
    by_entity: dict[str, int] = {}
    for line in found.allocated.to_pylist():
        entity = line["legal_entity"]
        by_entity[entity] = by_entity.get(entity, 0) + int(line["units"])
        if line["outcome"] == "allocated" and line["cost_pool"] == "Audit / 2":
            assert entity_of.get(line["consumer"], entity) == entity
        if line["outcome"] == "markup":
            assert line["cost_pool"] == "A / 1"
    for entity in {node[0][0] for node in nodes}:
        units = sum(amount for place, amount in nodes if place[0] == entity)
        assert by_entity.get(entity, 0) == units
    again = run(nodes[::-1], use(rule), rows=rows[::-1], terms=terms)
    assert found.allocated.equals(again.allocated)


@pytest.mark.parametrize("pool", ["Licences", "Licences / Desktop"])
def test_a_pool_stands_for_its_parts(pool):
    assert POOLS.kind(pool) == 1
    assert POOLS.kind(None) == 0
