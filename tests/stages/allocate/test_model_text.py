"""The model's text: what a good one becomes, and every problem with its line and its mend."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest

from bursar.allocate.language.canonical import freeze, thaw
from bursar.allocate.language.problems import Problems
from bursar.allocate.model_text import parse_model
from bursar.office.reference.hierarchy import Branch

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"

HEAD = dedent(
    """\
    name: Test
    taxonomy: tbm-5.0
    promote: [team, x_cost_code]
    consumers: [Retail, Stores, Online]
    solutions: [Webshop, ERP]
    """
)
START = HEAD.count("\n")


def problems(text: str, *, head: str = HEAD) -> list[tuple[int, str]]:
    """Line (within the text after the head) and code of every problem."""
    found = parse_model(head + dedent(text)).problems
    return [(p.line - head.count("\n"), p.code.removeprefix("model.")) for p in found]


def message(text: str, *, head: str = HEAD) -> str:
    (problem,) = parse_model(head + dedent(text)).problems
    return problem.message


def classify(when: str, sets: str = "{solution: ERP}") -> str:
    return f"classify:\n  - name: one\n    when: {when}\n    set: {sets}\n"


def step(rule: str, to: str = "consumer") -> str:
    return f"steps:\n  - name: s\n    to: {to}\n    rules:\n      - {rule}\n"


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_examples_have_no_problem(example: Path) -> None:
    assert parse_model(example.read_text(encoding="utf-8")).problems == ()


def test_a_model_says_what_it_means() -> None:
    parsed = parse_model(
        HEAD
        + dedent(
            """\
            basis: billed
            classify:
              - name: compute
                when: {service_name: [EC2, EKS], tag.team: {starts_with: web, not: webshop}}
                set:
                  cost_pool: Cloud Services / Cloud Service Provider
                  consumer: {column: x_cost_code, map: {"0042": Online}}
              - name: dear things of spring
                when:
                  billed_cost: {above: 100.50}
                  charge_period_start: {from: 2026-03-01, before: 2026-06-01}
                set: {tower: Compute / Servers}
            steps:
              - name: to consumers
                to: consumer
                rules:
                  - when: {solution: ERP}
                    method: fixed
                    shares: {Retail: 60, Stores: 12.5}
                    residual: retained
                  - {method: weighted, driver: orders}
            disclosure: {Cloud Services: total}
            scale: 4
            """
        )
    )
    assert parsed.problems == ()
    model = parsed.model
    assert model is not None
    assert (model.name, model.basis, model.scale) == ("Test", "billed", 4)
    assert model.promote == ("tag.team", "x_cost_code")
    assert model.columns_read == (
        "billed_cost", "charge_period_start", "service_name", "tag.team", "x_cost_code",
    )  # fmt: skip
    assert model.line_columns == ("billed_cost", "charge_period_start")
    assert model.drivers == ("orders",)
    assert model.rules[0].sets[1].value.mapping == (("0042", "Online"),)
    assert model.rules[1].when[0].values == (Decimal("100.50"),)
    assert model.rules[1].when[1].values == (date(2026, 3, 1),)
    assert model.steps[0].rules[0].shares == (("Retail", Decimal(60)), ("Stores", Decimal("12.5")))
    frozen = json.loads(json.dumps(freeze(model)))
    assert freeze(thaw(frozen)) == frozen
    assert thaw(frozen).rules == model.rules
    assert thaw(frozen).steps == model.steps


def test_parents_may_change_on_a_day() -> None:
    model = parse_model(
        dedent(
            """\
            name: Reorganization
            consumers:
              - Retail
              - Digital
              - name: Online
                parent: [{name: Retail, until: 2025-07-01}, {name: Digital, from: 2025-07-01}]
            """
        )
    ).model
    assert model is not None
    day = date(2025, 7, 1)
    assert model.branches["consumer"] == (
        Branch("Online", "Retail", None, day),
        Branch("Online", "Digital", day, None),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (1, "model.empty")),
        ("name: [\n", (2, "model.yaml")),
        ("name: a\nname: b\n", (2, "model.duplicate_key")),
        ("name: a\nclasify: []\n", (2, "model.unknown_key")),
        ("basis: billed\n", (1, "model.missing_key")),
        ("- name: a\n", (1, "model.yaml")),
        ("name: a\nbasis: cash\n", (2, "model.unknown_value")),
        ("name: a\ntaxonomy: tbm-4\n", (2, "model.unknown_taxonomy")),
        ("name: a\nscale: 30\n", (2, "model.bad_number")),
        ("name: a\npromote: [team, tag.team]\n", (2, "model.duplicate_key")),
        ("name: a\nconsumers: Retail\n", (2, "model.expected_list")),
        ("name: a\nconsumers: [Retail, Retail]\n", (2, "model.duplicate_member")),
        ("name: a\nconsumers: [retained]\n", (2, "model.reserved_name")),
        ("name: a\nconsumers: [{name: A, parent: B}]\n", (2, "model.unknown_consumer")),
        (
            "name: a\nconsumers:\n  - {name: A, parent: B}\n  - {name: B, parent: A}\n",
            (3, "model.cycle"),
        ),
        (
            "name: a\nconsumers:\n  - A\n  - B\n  - name: C\n    parent:\n"
            "      - {name: A, until: 2026-02-30}\n",
            (7, "model.bad_date"),
        ),
        (
            "name: a\nconsumers:\n  - A\n  - B\n  - name: C\n    parent:\n"
            "      - {name: A, until: 2026-03-01}\n      - {name: B, from: 2026-02-01}\n",
            (8, "model.two_parents"),
        ),
        ("name: a\nname\x07: b\n", (2, "model.yaml")),
    ],
)
def test_problems_of_the_frame(text: str, expected: tuple[int, str]) -> None:
    found = parse_model(text)
    assert found.model is None
    assert [(p.line, p.code) for p in found.problems] == [expected]


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ("{ServiceName: EC2}", "unknown_column"),
        ("{service_nme: EC2}", "unknown_column"),
        ("{tag.owner: me}", "unknown_column"),
        ("{service_name: {begins_with: E}}", "unknown_key"),
        ("{service_name: {above: 3}}", "wrong_operator"),
        ("{billed_cost: {contains: 3}}", "wrong_operator"),
        ("{billed_cost: {above: '1.234,50'}}", "bad_number"),
        ("{charge_period_start: {from: 2026-02-30}}", "bad_date"),
        ('{service_name: {matches: "(("}}', "bad_pattern"),
        ('{service_name: {matches: "(?=a)b"}}', "bad_pattern"),
        (r'{service_name: {matches: "(a)\\1"}}', "bad_pattern"),
        ("{service_name: []}", "empty"),
        ("{service_name: null}", "expected_text"),
        ("{service_name: {missing: maybe}}", "unknown_value"),
        ("{service_name: {not: {equals: a, contains: b}}}", "bad_not"),
        ("[service_name]", "expected_map"),
    ],
)
def test_problems_of_a_when(when: str, code: str) -> None:
    assert problems(classify(when)) == [(3, code)]


@pytest.mark.parametrize(
    ("sets", "code"),
    [
        ("{tower: Compute / Server}", "unknown_tower"),
        ("{cost_pool: Cloud}", "unknown_pool"),
        ("{solution: Webshp}", "unknown_solution"),
        ("{consumer: Wholesale}", "unknown_consumer"),
        ("{towr: Compute / Servers}", "unknown_key"),
        ("{}", "empty"),
        ("{consumer: {map: {a: Retail}}}", "missing_key"),
        ("{consumer: {column: tag.team, map: {a: Nobody}}}", "unknown_consumer"),
        ("{consumer: {column: team}}", "unknown_column"),
    ],
)
def test_problems_of_a_set(sets: str, code: str) -> None:
    assert problems(classify("{service_name: EC2}", sets)) == [(4, code)]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (
            "{when: {tower: Compute / Srvers}, method: residual, target: unallocated}",
            "unknown_tower",
        ),
        ("{when: {service_name: EC2}, method: residual, target: unallocated}", "unknown_column"),
        ("{method: magic}", "unknown_value"),
        ("{target: Retail}", "missing_key"),
        ("{method: direct}", "missing_key"),
        ("{method: direct, target: Retial}", "unknown_consumer"),
        ("{method: direct, target: Retail, driver: d}", "wrong_key"),
        ("{method: even, targets: []}", "empty"),
        ("{method: even, targets: [Retail, Retail]}", "duplicate_target"),
        (
            "{method: fixed, shares: {Retail: 60, Stores: 50}, residual: retained}",
            "shares_over_100",
        ),
        ("{method: fixed, shares: {Retail: 60}}", "shares_need_residual"),
        ("{method: fixed, shares: {Retail: -60}, residual: retained}", "negative_share"),
        ("{method: fixed, shares: {Retail: many}, residual: retained}", "bad_number"),
        ("{method: fixed, shares: {Retail: 60}, residual: nowhere}", "unknown_consumer"),
        ("{method: weighted}", "missing_key"),
        ("{method: weighted, driver: }", "expected_text"),
        ("{method: residual, target: somewhere}", "unknown_consumer"),
    ],
)
def test_problems_of_a_step_rule(rule: str, code: str) -> None:
    assert problems(step(rule)) == [(5, code)]


def test_steps_may_not_go_back_or_repeat_a_layer() -> None:
    rest = "rules: [{method: residual, target: unallocated}]"
    back = f"steps:\n  - {{name: a, to: consumer, {rest}}}\n  - {{name: b, to: tower, {rest}}}\n"
    again = f"steps:\n  - {{name: a, to: tower, {rest}}}\n  - {{name: b, to: tower, {rest}}}\n"
    assert problems(back) == [(3, "cycle")]
    assert problems(again) == [(3, "cycle")]
    assert problems(f"steps:\n  - {{name: a, {rest}}}\n") == [(2, "missing_key")]
    assert problems("steps:\n  - {name: a, to: tower, rules: []}\n") == [(2, "empty")]
    assert problems("steps:\n  - {name: a, to: pool, rules: []}\n") == [(2, "unknown_value")]


def test_two_rules_of_one_name_could_not_be_told_apart_in_a_trace() -> None:
    text = classify("{service_name: EC2}") + "  - name: one\n    set: {solution: ERP}\n"
    assert problems(text) == [(5, "duplicate_rule")]
    rule = "{name: r, method: residual, target: next}"
    assert problems(step(f"{rule}\n      - {rule}")) == [(6, "duplicate_rule")]


def test_a_rule_without_set_and_a_key_that_is_no_text() -> None:
    assert problems("classify:\n  - {name: a, when: {service_name: b}}\n") == [(2, "missing_key")]
    assert problems("? [a, b]\n: c\n") == [(1, "expected_text")]
    assert problems("solutions2: 1\n") == [(1, "unknown_key")]
    assert problems("disclosure: {Cloud Services: everything}\n") == [(1, "unknown_value")]


def test_the_messages_say_how_to_mend_it() -> None:
    assert "Did you mean 'Compute / Servers'?" in message(
        classify("{service_name: a}", "{tower: Compute / Server}")
    )
    assert "Did you mean 'Compute / Servers'?" in message(
        classify("{service_name: a}", "{tower: Servers}")
    )
    assert "Write it as 'service_name'." in message(classify("{ServiceName: EC2}"))
    assert "Add 'owner' under `promote:`" in message(classify("{tag.owner: EC2}"))
    assert "add up to 110 %" in message(
        step("{method: fixed, shares: {Retail: 60, Stores: 50}, residual: retained}")
    )
    assert "other 40 % rest: `residual: unallocated`" in message(
        step("{method: fixed, shares: {Retail: 60}}")
    )
    assert "first on line 1" in message("", head="name: a\nname: b\n")


def test_all_problems_come_at_once_in_the_order_of_their_lines() -> None:
    text = "basis: cash\n" + classify("{a: b}", "{tower: c}") + step("{method: direct, target: d}")
    codes = [code for _, code in problems(text)]
    assert codes == ["unknown_value", "unknown_column", "unknown_tower", "unknown_consumer"]
    json_form = parse_model(HEAD + text).problems[0].to_json()
    assert json_form["where"] == "line 6"
    assert json_form["code"] == "model.unknown_value"


def test_values_are_taken_as_written_not_as_yaml_guesses() -> None:
    parsed = parse_model(HEAD + classify("{gl_account: 0042, cost_center: no, vendor: 1e3}"))
    assert parsed.model is not None
    assert [t.values for t in parsed.model.rules[0].when] == [("0042",), ("no",), ("1e3",)]


BOMB = "name: a\npools: &x0 [A, A, A, A, A, A, A, A, A]\n" + "".join(
    f"{key}: &x{level} [{', '.join([f'*x{level - 1}'] * 9)}]\n"
    for level, key in enumerate(("towers", "solutions", "consumers", "promote", "steps"), 1)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "name: a\nclassify: &all [*all]\n",
        "&all {name: a, classify: [*all]}\n",
        "name: " + "[" * 3000,
        "name: " + "x" * 1_000_001,
    ],
    ids=["aliases", "a list in itself", "a map in itself", "brackets", "a long text"],
)
def test_a_text_made_to_exhaust_the_reader_is_refused_at_once(text: str) -> None:
    (problem,) = parse_model(text).problems
    assert problem.code == "model.too_large"


def test_a_list_may_stand_twice() -> None:
    text = "name: a\nclassify:\n  - {when: {service_name: &s [X, Y]}, set: {solution: S}}\n"
    text += "  - {when: {service_category: *s}, set: {solution: S}}\nsolutions: [S]\n"
    assert parse_model(text).problems == ()


def test_a_text_that_is_wrong_all_over_is_not_read_to_its_end() -> None:
    text = "name: a\n" + "".join(f"clasify{number}: 1\n" for number in range(3000))
    assert len(parse_model(text).problems) == Problems.MOST


@pytest.mark.parametrize("name", [r"a\0", r"\e[31m", r"\ud800"])
def test_names_can_be_printed(name: str) -> None:
    found = parse_model(f'name: a\nconsumers: ["{name}"]\n').problems
    assert [p.code for p in found] == ["model.expected_text"]
