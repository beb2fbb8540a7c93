"""Running the steps of a cost model: rules S1-S11 of docs/spec/allocation.md."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.plain_model import driver_table, node_table, resting, run
from tests.core.random_models import MEMBERS, random_nodes, random_rows, random_steps

from bursar.core.calc.allocation.conserve import assert_conserved
from bursar.core.calc.allocation.engine import allocate
from bursar.core.calc.allocation.model import Rule, Step
from bursar.core.calc.matching import Test
from bursar.core.refusal import InvariantBroken
from bursar.core.tables.allocation import ALLOCATION_NODE, ALLOCATION_TRACE


def allocated(nodes, steps, rows=()):
    return allocate(
        nodes=node_table(nodes), steps=steps, members=MEMBERS, drivers=driver_table(list(rows))
    )


def cost(units, pool="Cloud / A", tower=None, solution=None, consumer=None, currency="EUR"):
    return ("Firm", currency, pool, tower, solution, consumer), units


def step(to, *rules):
    return Step(f"to {to}", to, rules)


def paid(allocation):
    """{consumer or outcome: units}"""
    found = {}
    for line in allocation.allocated.to_pylist():
        name = line["consumer"] or line["outcome"]
        found[name] = found.get(name, 0) + int(line["units"])
    return found


def test_s4_direct_and_even():
    steps = [
        step(
            "consumer",
            Rule("own", (Test("solution", "equals", ("ERP",)),), "direct", ("South",)),
            Rule("all", (), "even", ("West", "North", "South")),
        )
    ]
    found = allocated([cost(7, solution="ERP"), cost(100)], steps)
    assert paid(found) == {"North": 33, "South": 34 + 7, "West": 33}


def test_s5_fixed_shares_and_each_kind_of_rest():
    shares = (("North", Decimal("33.3")), ("South", Decimal(30)))
    last = Rule("last", (), "direct", ("West",))
    for rest, expected in {
        "unallocated": {"North": 333, "South": 300, "unallocated": 367},
        "retained": {"North": 333, "South": 300, "retained": 367},
        "next": {"North": 333, "South": 300, "West": 367},
        "South": {"North": 333, "South": 667},
        "West": {"North": 333, "South": 300, "West": 367},
    }.items():
        rule = Rule("split", (), "fixed", shares=shares, residual=rest)
        assert paid(allocated([cost(1000)], [step("consumer", rule, last)])) == expected


def test_s5_what_is_passed_on_and_never_taken_goes_to_the_next_step():
    rule = Rule("half", (), "fixed", shares=(("ERP", Decimal(50)),), residual="next")
    last = Rule("rest", (Test("solution", "missing"),), "direct", ("West",))
    found = allocated([cost(10)], [step("solution", rule), step("consumer", last)])
    assert paid(found) == {"West": 5, "unallocated": 5}
    assert {line["reason"] for line in found.allocated.to_pylist()} == {
        None, "no rule matched in: to consumer",
    }  # fmt: skip


@pytest.mark.parametrize(
    "rule",
    [
        Rule("short", (), "fixed", shares=(("North", Decimal(40)), ("South", Decimal(40)))),
        Rule("long", (), "fixed", shares=(("North", Decimal(60)), ("South", Decimal(41)))),
        Rule("minus", (), "fixed", shares=(("North", Decimal(101)), ("South", Decimal(-1)))),
        Rule("nobody", (), "even"),
        Rule("nothing", (), "tiered"),
    ],
)
def test_s5_a_rule_that_cannot_divide_is_an_error(rule):
    with pytest.raises(ValueError, match=rule.name):
        allocated([cost(1)], [step("consumer", rule)])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("u", "ERP", "North", 1), ("u", "Compute", "South", 1)], {"North": 9}),
        ([("u", "Compute / Servers", "North", 1), ("u", "Compute", "South", 1)], {"North": 9}),
        ([("u", "Compute", "North", 1), ("u", "Cloud / A", "South", 1)], {"North": 9}),
        ([("u", "Cloud / A", "North", 1), ("u", "Cloud", "South", 1)], {"North": 9}),
        ([("u", "Cloud", "North", 1), ("u", None, "South", 1)], {"North": 9}),
        ([("u", None, "North", "0.1"), ("u", "", "North", "0.1"), ("u", None, "West", "0.4")],
         {"North": 3, "West": 6}),
    ],
)  # fmt: skip
def test_s6_the_most_particular_from_key_decides(rows, expected):
    steps = [step("consumer", Rule("use", (), "weighted", driver="u"))]
    node = cost(9, tower="Compute / Servers", solution="ERP")
    assert paid(allocated([node], steps, rows)) == expected


@pytest.mark.parametrize(
    ("rows", "code", "reason"),
    [
        ([], "allocate.driver_missing", "the driver 'u' has no rows in this period"),
        ([("u", "ERP", "North", 1)], "allocate.driver_missing",
         "the driver 'u' has no rows for 'Cloud / A'"),
        ([("u", "Cloud", "North", 0)], "allocate.driver_zero",
         "the driver 'u' is zero for 'Cloud'"),
        ([("u", None, "North", 0)], "allocate.driver_zero", "the driver 'u' is zero for any cost"),
        ([("u", None, "North", 2), ("u", None, "South", -1)], "allocate.driver_negative",
         "the driver 'u' has a negative quantity for any cost"),
        ([("u", None, "Nobody", 2)], "allocate.driver_unknown_target",
         "the driver 'u' names 'Nobody', which is no consumer"),
    ],
)  # fmt: skip
def test_s7_a_driver_that_cannot_divide_is_named_and_nothing_is_lost(rows, code, reason):
    steps = [step("consumer", Rule("use", (), "weighted", driver="u"))]
    found = allocated([cost(100), cost(-30, currency="USD")], steps, rows)
    assert [(line["outcome"], line["units"], line["reason"])
            for line in found.allocated.to_pylist()] == [
        ("unallocated", 100, reason), ("unallocated", -30, reason),
    ]  # fmt: skip
    assert [(p.code, p.message, p.currency, p.units) for p in found.problems] == [
        (code, reason, "EUR", 100), (code, reason, "USD", -30),
    ]  # fmt: skip


def test_s7_others_do_not_pay_for_a_name_that_is_unknown():
    steps = [step("consumer", Rule("use", (), "weighted", driver="u"))]
    rows = [("u", None, "North", 1), ("u", None, "Nobody", 3)]
    assert paid(allocated([cost(100)], steps, rows)) == {"North": 25, "unallocated": 75}


def test_s7_unclassified_cost_without_rows_says_so():
    steps = [step("consumer", Rule("use", (), "weighted", driver="u"))]
    found = allocated([cost(1, pool=None)], steps, [("u", "ERP", "North", 1)])
    assert found.problems[0].message == "the driver 'u' has no rows for unclassified cost"


def test_s9_every_rest_has_its_reason():
    assert paid(allocated([cost(5, consumer="West")], [])) == {"West": 5}
    for steps, pool, reason in [
        ([], None, "no classification rule set a cost pool; the model has no steps"),
        ([step("tower")], "Cloud / A", "no step of the model leads to a consumer"),
        ([step("tower"), step("consumer")], "Cloud / A",
         "no rule matched in: to tower, to consumer"),
        ([step("consumer", Rule("keep", (), "residual", residual="retained"))], "Cloud / A",
         "the rule 'keep' retains it"),
    ]:  # fmt: skip
        lines = allocated([cost(5, pool=pool)], steps).allocated.to_pylist()
        assert [line["reason"] for line in lines] == [reason]


def test_s1_entities_and_currencies_never_mix():
    node, units = cost(10)
    nodes = [(node, units), (("Other", *node[1:]), 3), cost(7, currency="USD")]
    steps = [step("consumer", Rule("all", (), "even", ("North", "South")))]
    lines = allocated(nodes, steps).allocated.to_pylist()
    sums = {}
    for line in lines:
        owner = line["legal_entity"], line["currency"]
        sums[owner] = sums.get(owner, 0) + int(line["units"])
    assert sums == {("Firm", "EUR"): 10, ("Firm", "USD"): 7, ("Other", "EUR"): 3}


def test_tables_are_as_declared_and_entries_point_at_nodes():
    nodes = [cost(3, solution="Shop"), cost(4), cost(5, solution="Shop")]
    steps = [step("solution", Rule("all", (), "direct", ("Shop",)))]
    found = allocated(nodes, steps)
    assert found.nodes.schema.equals(ALLOCATION_NODE.schema)
    assert found.trace.schema.equals(ALLOCATION_TRACE.schema)
    assert found.entries.to_pylist() == [1, 0, 1]
    assert [(n["direct_units"], n["total_units"]) for n in found.nodes.to_pylist()] == [
        (4, 4), (8, 12),
    ]  # fmt: skip
    nothing = allocated([], steps)
    assert nothing.nodes.num_rows == nothing.trace.num_rows == nothing.allocated.num_rows == 0


def test_s10_a_lost_unit_breaks_the_run():
    found = allocated([cost(10)], [step("consumer", Rule("all", (), "even", ("North", "South")))])
    assert_conserved(found.nodes, found.trace, found.allocated)
    one_less = pa.array([4, 5], pa.decimal128(38, 0))
    torn = found.allocated.set_column(8, "units", one_less)
    with pytest.raises(InvariantBroken, match="Firm EUR: 10 units entered the run, 9 came to rest"):
        assert_conserved(found.nodes, found.trace, torn)
    torn = found.trace.set_column(3, "units", one_less)
    with pytest.raises(InvariantBroken, match="direct and inbound differ from its total by -1"):
        assert_conserved(found.nodes, torn, found.allocated)


def test_s10_an_edge_across_currencies_breaks_the_run():
    steps = [step("consumer", Rule("all", (), "direct", ("North",)))]
    found = allocated([cost(10), cost(10, currency="USD")], steps)
    crossed = found.trace.set_column(2, "to_node", pa.array([3, 1]))
    assert found.trace["to_node"].to_pylist() == [1, 3]
    with pytest.raises(InvariantBroken, match="leaves its currency"):
        assert_conserved(found.nodes, crossed, found.allocated)


@settings(max_examples=300)
@given(random_nodes, random_steps, random_rows)
def test_s1_to_s9_the_engine_agrees_with_the_rules_read_aloud(nodes, steps, rows):
    found = allocated(nodes, steps, rows)
    assert resting(found) == run(nodes, steps, MEMBERS, rows)


@given(random_nodes, random_steps, random_rows, st.randoms(use_true_random=False))
def test_s11_order_of_input_is_irrelevant(nodes, steps, rows, random):
    shuffled, shuffled_rows = list(nodes), list(rows)
    random.shuffle(shuffled)
    random.shuffle(shuffled_rows)
    first, second = allocated(nodes, steps, rows), allocated(shuffled, steps, shuffled_rows)
    assert first.nodes.equals(second.nodes)
    assert first.trace.equals(second.trace)
    assert first.allocated.equals(second.allocated)
    assert first.problems == second.problems


@given(random_nodes, random_steps, random_rows)
def test_a3_flows_of_positive_amounts_are_never_negative(nodes, steps, rows):
    charges = [(node, abs(amount)) for node, amount in nodes]
    found = allocated(charges, steps, rows)
    assert all(edge["units"] > 0 for edge in found.trace.to_pylist())
    assert all(line["units"] > 0 for line in found.allocated.to_pylist())


def test_a_dictionary_may_hold_names_that_no_node_has():
    """Classification leaves such dictionaries where a rule matched no line."""
    plain = node_table([cost(7), cost(5, pool=None)])
    pools = pa.DictionaryArray.from_arrays(
        pa.array([1, None], pa.int32()), pa.array(["Telecom / Lease", "Cloud / A"])
    )
    coded = plain.set_column(plain.column_names.index("cost_pool"), "cost_pool", pools)
    rule = Rule("all", (), "direct", ("West",))
    found = [
        allocate(
            nodes=nodes, steps=[step("consumer", rule)], members=MEMBERS, drivers=driver_table([])
        )
        for nodes in (plain, coded)
    ]
    assert found[0].allocated.to_pylist() == found[1].allocated.to_pylist()
    assert paid(found[1]) == {"West": 12}
