"""Classifying by ordered rules: rules C1-C6 of docs/spec/allocation.md."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.core.calc.classification import (
    ClassRule,
    FromColumn,
    Target,
    Test,
    UnknownColumnError,
    classify,
    columns_read,
)
from bursar.core.calc.matching import Matcher, pattern_problem
from bursar.core.tables.table import LEDGER, MOMENT

MEMBERS = {"consumer": {"Online", "Stores"}, "solution": {"Webshop"}}
COSTS = pa.table(
    {
        "provider": ["AWS", "AWS", "Azure", None, ""],
        "category": ["Compute", "Storage", "Compute", "Compute", "Networking"],
        "tag.team": ["web-shop", "Stores", "unknown", None, "Online"],
        "cost": pa.array([Decimal("1.5"), Decimal(-2), Decimal(0), None, Decimal(7)], LEDGER),
        "start": pa.array([datetime(2026, 1, day, 23, tzinfo=UTC) for day in range(1, 6)], MOMENT),
    }
)


def rows(*tests):
    return Matcher(COSTS).rows(tests).tolist()


def rule(name, *tests, **sets):
    return ClassRule(name, tests, tuple(Target(layer, value) for layer, value in sets.items()))


def layer(name, *rules):
    return classify(COSTS, rules, members=MEMBERS).layers.column(name).to_pylist()


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (Test("provider", "equals", ("AWS",)), [0, 1]),
        (Test("provider", "equals", ("aws",)), []),
        (Test("provider", "equals", ("AWS", "Azure")), [0, 1, 2]),
        (Test("provider", "equals", ("AWS",), negated=True), [2, 3, 4]),
        (Test("provider", "missing"), [3, 4]),
        (Test("provider", "missing", negated=True), [0, 1, 2]),
        (Test("tag.team", "starts_with", ("web",)), [0]),
        (Test("tag.team", "ends_with", ("s", "e")), [1, 4]),
        (Test("tag.team", "contains", ("-",)), [0]),
        (Test("tag.team", "contains", ("-",), negated=True), [1, 2, 3, 4]),
        (Test("category", "matches", ("^(Comp|Net)",)), [0, 2, 3, 4]),
        (Test("category", "matches", ("^Comp", "^Net"), negated=True), [1]),
        (Test("provider", "matches", ("(?i)aws",)), [0, 1]),
        (Test("cost", "above", (Decimal(0),)), [0, 4]),
        (Test("cost", "below", (Decimal(0),)), [1]),
        (Test("cost", "equals", (Decimal("1.50"),)), [0]),
        (Test("start", "from", (date(2026, 1, 4),)), [3, 4]),
        (Test("start", "before", (date(2026, 1, 2),)), [0]),
    ],
)
def test_c2_and_c3_every_operator(test, expected):
    assert rows(test) == expected


def test_c2_all_tests_of_a_rule_must_hold():
    assert rows(Test("provider", "equals", ("AWS",)), Test("cost", "above", (Decimal(0),))) == [0]
    assert rows() == [0, 1, 2, 3, 4]


def test_c4_a_bare_name_stands_for_its_parts():
    nodes = pa.table(
        {"cost_pool": ["Staffing / Internal Labor", "Staffing", "Staffing and more / X", None]}
    )
    matcher = Matcher(nodes)
    assert matcher.rows([Test("cost_pool", "equals", ("Staffing",))]).tolist() == [0, 1]
    exact = Test("cost_pool", "equals", ("Staffing / Internal Labor",))
    assert matcher.rows([exact]).tolist() == [0]


def test_c1_the_first_match_wins_for_each_layer_alone():
    found = classify(
        COSTS,
        [
            rule("aws", Test("provider", "equals", ("AWS",)), cost_pool="Cloud / Public"),
            rule(
                "compute", Test("category", "equals", ("Compute",)), cost_pool="X", tower="Compute"
            ),
            rule("team", consumer=FromColumn("tag.team", (("web-shop", "Online"),))),
        ],
        members=MEMBERS,
    ).layers
    assert found.column("cost_pool").to_pylist() == ["Cloud / Public"] * 2 + ["X"] * 2 + [None]
    assert found.column("tower").to_pylist() == ["Compute", None, "Compute", "Compute", None]
    assert found.column("consumer").to_pylist() == ["Online", "Stores", None, None, "Online"]
    assert found.column("solution").to_pylist() == [None] * 5
    assert found.column("rules").to_pylist() == [
        "aws; compute; team", "aws; team", "compute", "compute", "team",
    ]  # fmt: skip


def test_c5_what_is_no_member_falls_through():
    by_team = rule("team", consumer=FromColumn("tag.team"))
    assert layer("consumer", by_team) == [None, "Stores", None, None, "Online"]
    rest = rule("rest", consumer="Corporate")
    assert layer("consumer", by_team, rest) == [
        "Corporate", "Stores", "Corporate", "Corporate", "Online",
    ]  # fmt: skip
    astray = rule("map", consumer=FromColumn("tag.team", (("web-shop", "Nobody"),)))
    assert layer("consumer", astray)[0] is None


def test_c6_the_columns_that_rules_read_are_known_beforehand():
    rules = [
        rule("a", Test("provider", "missing"), tower="T"),
        rule("b", consumer=FromColumn("tag.team")),
    ]
    assert columns_read(rules) == ("provider", "tag.team")
    with pytest.raises(UnknownColumnError, match=r"'resource_id'.*promote it") as refusal:
        classify(COSTS, [rule("c", Test("resource_id", "missing"), tower="T")], members={})
    assert refusal.value.code == "classify.unknown_column"
    with pytest.raises(UnknownColumnError):
        classify(COSTS, [rule("d", tower=FromColumn("x_nothing"))], members={})


def test_without_rules_everything_is_visibly_unclassified():
    found = classify(COSTS, [], members={}).layers
    assert found.num_rows == 5
    assert all(column.null_count == 5 for column in found.columns)
    empty = classify(COSTS.slice(0, 0), [rule("a", tower="T")], members={}).layers
    assert empty.num_rows == 0


def test_an_operator_that_does_not_exist_is_a_defect_of_the_caller():
    with pytest.raises(ValueError, match="'like' is no operator"):
        rows(Test("provider", "like", ("A",)))


letters = st.sampled_from(["a", "b", "ab", "", None])
tests_on_letters = st.builds(
    Test,
    column=st.sampled_from(["p", "q"]),
    operator=st.sampled_from(["equals", "starts_with", "contains", "missing"]),
    values=st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=2).map(tuple),
    negated=st.booleans(),
)
rules_on_letters = st.lists(
    st.builds(
        ClassRule,
        name=st.sampled_from(["r", "s", "t"]),
        when=st.lists(tests_on_letters, max_size=2).map(tuple),
        sets=st.lists(
            st.builds(
                Target,
                st.sampled_from(["cost_pool", "tower"]),
                st.sampled_from(["X", "Y"]) | st.just(FromColumn("p", (("b", "Y"),))),
            ),
            min_size=1,
            max_size=2,
            unique_by=lambda target: target.layer,
        ).map(tuple),
    ),
    max_size=5,
)


def holds(test, row):
    value, answer = row[test.column], False
    if test.operator == "missing":
        answer = not value
    elif value is not None:
        answer = {
            "equals": value in test.values,
            "starts_with": value.startswith(test.values),
            "contains": any(v in value for v in test.values),
        }[test.operator]
    return answer != test.negated


def by_row(row, rules, members):
    """Rules C1-C5 read aloud for one row."""
    found = {}
    for each in rules:
        if not all(holds(test, row) for test in each.when):
            continue
        for target in each.sets:
            value = target.value
            if isinstance(value, FromColumn):
                value = dict(value.mapping).get(row[value.column], row[value.column])
                value = value if value in members[target.layer] else None
            if value is not None:
                found.setdefault(target.layer, value)
    return found.get("cost_pool"), found.get("tower")


@given(st.lists(st.tuples(letters, letters), max_size=12), rules_on_letters)
def test_columns_agree_with_rules_read_row_by_row(pairs, rules):
    table = pa.table(
        {
            "p": pa.array([p for p, _ in pairs], pa.string()),
            "q": pa.array([q for _, q in pairs], pa.string()),
        }
    )
    members = {"cost_pool": {"a", "Y"}, "tower": {"Y"}}
    found = classify(table, rules, members=members).layers.to_pylist()
    assert [(row["cost_pool"], row["tower"]) for row in found] == [
        by_row(row, rules, members) for row in table.to_pylist()
    ]


def test_a_pattern_takes_time_by_the_text_and_not_by_its_own_form():
    table = pa.table({"name": ["a" * 5000 + "!"]})
    assert not Matcher(table).rows([Test("name", "matches", ("^(a+)+$", "(a|a)*b$"))]).size
    assert pattern_problem("^(a+)+$") is None
    assert pattern_problem(r"(a)\1") is not None
