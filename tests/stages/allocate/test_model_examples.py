"""Tests inside the model's text: read, run by the engine, and told with their line."""

from textwrap import dedent

import pytest
from tests.stages.allocate.test_model_text import problems

from bursar.allocate.language.canonical import freeze
from bursar.allocate.model_text import parse_model

MODEL = dedent(
    """\
    name: Tested
    consumers: [Retail, Stores]
    solutions: [Webshop, ERP]
    rates: [{name: seat, driver: seats, unit: seat, currency: EUR,
             prices: [{from: 2026-01-01, price: 10}, {from: 2026-07-01, price: 12}]}]
    steps:
      - name: to consumers
        to: consumer
        rules:
          - {when: {solution: ERP}, method: rate, rates: seat}
          - {method: weighted, driver: orders}
    """
)
ORDERS = "[{driver: orders, to: Retail, quantity: 1}, {driver: orders, to: Stores, quantity: 2}]"
SEATS = "[{driver: seats, from: ERP, to: Stores, quantity: 3}]"


def found_by(costs: str, drivers: str, expect: str, more: str = "") -> list[tuple[int, str]]:
    text = f"tests:\n  - name: one\n{more}    costs: {costs}\n    drivers: {drivers}\n"
    return problems(text + f"    expect: {expect}\n", head=MODEL)


def test_a_test_that_holds_is_silent_and_changes_no_hash() -> None:
    assert found_by("[{solution: Webshop, amount: 90.00}]", ORDERS, "{Retail: 30.00}") == []
    assert found_by("[{amount: 100}]", ORDERS, "{Retail: 33.33, Stores: 66.67}") == []
    plain, with_test = parse_model(MODEL).model, parse_model(
        MODEL + "tests: [{costs: [{amount: 3}], expect: {unallocated: 3}}]\n").model  # fmt: skip
    assert plain is not None
    assert with_test is not None
    assert freeze(plain) == freeze(with_test)


def test_a_test_that_fails_says_who_pays_what_instead() -> None:
    parsed = parse_model(
        MODEL + "tests:\n  - name: a third\n    costs: [{amount: 90}]\n    drivers: "
        f"{ORDERS}\n    expect:\n      Retail: 31.00\n"
    )
    (problem,) = parsed.problems
    assert parsed.model is None
    assert (problem.line - MODEL.count("\n"), problem.code) == (6, "model.test_failed")
    assert "In the test 'a third', Retail pays 30, not 31." in problem.message


def test_rates_hold_on_the_day_and_the_gap_is_an_outcome() -> None:
    costs = "[{solution: ERP, amount: 40}]"
    january, august = "    day: 2026-01-15\n", "    day: 2026-08-15\n"
    assert found_by(costs, SEATS, "{Stores: 30, recovery_gap: 10}", january) == []
    assert found_by(costs, SEATS, "{Stores: 36, recovery_gap: 4}", august) == []


@pytest.mark.parametrize(
    ("costs", "drivers", "expect", "expected"),
    [
        ("[{solution: Webshop}]", ORDERS, "{Retail: 1}", [(3, "missing_key")]),
        ("[{solution: Nothing, amount: 1}]", ORDERS, "{Retail: 1}", [(3, "unknown_solution")]),
        ("[{amount: much}]", ORDERS, "{Retail: 1}", [(3, "bad_number")]),
        ("[{amount: 1}]", "[{driver: orders}]", "{Retail: 1}",
         [(4, "missing_key"), (4, "missing_key")]),
        ("[{amount: 1}]", ORDERS, "{Nobody: 1}", [(5, "unknown_consumer")]),
    ],
)  # fmt: skip
def test_a_test_that_cannot_be_read_is_told(
    costs: str, drivers: str, expect: str, expected: list[tuple[int, str]]
) -> None:
    assert sorted(set(found_by(costs, drivers, expect))) == sorted(set(expected))


def test_a_test_needs_costs_and_an_expectation() -> None:
    assert {code for _, code in problems("tests: [{name: empty}]\n", head=MODEL)} == {"missing_key"}
