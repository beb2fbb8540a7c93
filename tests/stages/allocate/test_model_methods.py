"""Rates, waterfalls, idle capacity, dates and services that charge each other, as text."""

from datetime import date
from decimal import Decimal
from textwrap import dedent

import pytest
from tests.stages.allocate.test_model_text import HEAD, problems, step

from bursar.allocate.language.canonical import freeze, thaw
from bursar.allocate.language.model import closing_within
from bursar.allocate.model_text import parse_model
from bursar.core.calc.allocation.adjusting import Closing
from bursar.report.model_words import does_words

FULL = dedent(
    """\
    name: Services
    consumers: [Retail, Stores, {name: Old shop, until: 2026-03-11, successor: Stores}]
    solutions: [IT desk, Network, ERP, Webshop]
    rates:
      - name: ticket
        driver: tickets
        unit: ticket
        currency: eur
        prices:
          - {from: 2025-01-01, price: 10}
          - from: 2026-01-01
            tiers: [{up_to: 100, price: 12.50}, {price: 9}]
            by: volume
            minimum: 50
            maximum: 5000
            committed: {Retail: 20}
    steps:
      - name: services charge services
        among: solution
        method: step_down
        order: [IT desk, Network]
        rules:
          - {when: {solution: IT desk}, method: fixed, shares: {Network: 20, ERP: 80}}
          - {when: {solution: Network}, method: even, targets: [IT desk, Webshop]}
      - name: to consumers
        to: consumer
        rules:
          - {name: desk, when: {solution: IT desk}, method: rate, rates: ticket, true_up: quarterly}
          - name: fill
            when: {solution: ERP}
            method: waterfall
            caps: [{target: Retail, up_to: 1000.00}]
            currency: EUR
            residual: Stores
          - name: mixed
            when: {solution: Webshop}
            until: 2026-07-01
            method: weighted
            drivers: {orders: 70, visits: 30}
            markup: 5
          - name: racks
            from: 2026-07-01
            method: weighted
            driver: racks
            capacity: rack_space
            idle: retained
            subsidy: {Retail: 25}
            subsidy_by: Stores
    """
)


def test_every_method_is_read_frozen_and_told_in_words() -> None:
    parsed = parse_model(FULL)
    assert parsed.problems == ()
    model = parsed.model
    assert model is not None
    assert thaw(freeze(model)).steps == model.steps
    assert model.drivers == ("orders", "rack_space", "racks", "tickets", "visits")
    (desk, fill, mixed, racks) = model.steps[1].rules
    assert desk.rates[0].price_on(date(2025, 6, 1)).tiers[0].price == 10
    assert desk.rates[0].price_on(date(2026, 6, 1)).committed == (("Retail", Decimal(20)),)
    assert desk.rates[0].price_on(date(2024, 6, 1)) is None
    assert [does_words(rule) for rule in (desk, fill, mixed, racks)] == [
        "charged at the rates ticket (driver tickets); the difference to cost is booked every "
        "quarter",
        "Retail up to 1000 EUR; the rest goes to Stores",
        "split by drivers: 70 % orders, 30 % visits; plus a markup: 5 %; until 2026-07-01",
        "split by driver racks of the capacity rack_space; what is idle is kept by IT; "
        "25 % Retail of it borne by Stores; from 2026-07-01",
    ]
    assert closing_within(model, date(2026, 3, 1), 31) == {"Old shop": Closing(10, 31, "Stores")}
    assert closing_within(model, date(2026, 2, 1), 28) == {}
    assert closing_within(model, date(2026, 4, 1), 30) == {"Old shop": Closing(0, 30, "Stores")}


def test_a_model_without_the_new_words_keeps_its_hash() -> None:
    plain = parse_model(HEAD + step("{method: direct, target: Retail}")).model
    assert plain is not None
    (rule,) = freeze(plain)["steps"][0]["rules"]
    assert set(rule) == {"is", "name", "when", "method", "targets", "shares", "driver", "residual"}
    assert set(freeze(plain)["steps"][0]) == {"is", "name", "to", "rules"}
    assert all(set(m) == {"is", "layer", "name", "kind", "label"} for m in freeze(plain)["members"])


def rate(**terms: str) -> str:
    kept = {"name": "r", "driver": "d", "unit": "h", "currency": "EUR"} | terms
    inside = ", ".join(f"{key}: {value}" for key, value in kept.items() if value != "-")
    return f"rates:\n  - {{{inside}}}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rate(), [(2, "missing_key")]),
        (rate(price="1", tiers="[{price: 1}]"), [(2, "missing_key")]),
        (rate(price="1", unit="-"), [(2, "missing_key")]),
        (rate(price="1", currency="XYZ"), [(2, "unknown_currency")]),
        (rate(price="-1"), [(2, "bad_number")]),
        (rate(price="NaN"), [(2, "bad_number")]),
        (rate(price="1", minimum="5", maximum="4"), [(2, "bad_number")]),
        (rate(price="1", committed="{Nobody: 1}"), [(2, "unknown_consumer")]),
        (rate(tiers="[{up_to: 5, price: 1}, {up_to: 4, price: 2}]"), [(2, "bad_tiers")]),
        (rate(tiers="[{price: 1}, {up_to: 4, price: 2}]"), [(2, "bad_tiers")]),
        (rate(tiers="[{up_to: 4}]"), [(2, "missing_key")]),
        (rate(prices="[{from: 2026-02-01, price: 1}, {from: 2026-01-01, price: 2}]"),
         [(2, "bad_date")]),
        (rate(price="1", prices="[{price: 1}]"), [(2, "wrong_key")]),
        (rate(price="1") + "  - {name: r, driver: d, unit: h, currency: EUR, price: 2}\n",
         [(3, "duplicate_rate")]),
        (step("{method: rate, rates: nothing}"), [(5, "unknown_rate")]),
        (rate(price="1") + "  - {name: s, driver: d, unit: h, currency: USD, price: 2}\n"
         + step("{method: rate, rates: [r, s]}"), [(8, "two_currencies")]),
        (rate(price="1") + step("{method: rate, rates: r, markup: 5}"), [(7, "wrong_key")]),
        (rate(price="1") + step("{method: rate, rates: r, difference: shared, true_up: yearly}"),
         [(7, "wrong_key")]),
        (step("{method: weighted, drivers: {a: 50, b: 40}}"), [(5, "drivers_not_100")]),
        (step("{method: weighted, drivers: {a: 101, b: -1}}"),
         [(5, "drivers_not_100"), (5, "negative_share")]),
        (step("{method: weighted, drivers: {a: 100}, capacity: c, idle: retained}"),
         [(5, "wrong_key")]),
        (step("{method: weighted, driver: a, drivers: {a: 100}}"), [(5, "missing_key")]),
        (step("{method: weighted, driver: a, capacity: c}"), [(5, "missing_key")]),
        (step("{method: weighted, driver: a, capacity: c, idle: Nobody}"),
         [(5, "unknown_consumer")]),
        (step("{method: waterfall, caps: [], currency: EUR, residual: Retail}"), [(5, "empty")]),
        (step("{method: waterfall, caps: [{target: Retail}], currency: EUR, residual: Stores}"),
         [(5, "empty"), (5, "missing_key")]),
        (step("{method: waterfall, caps: [{target: Retail, up_to: -1}], currency: EUR, "
              "residual: Stores}"), [(5, "bad_number"), (5, "empty")]),
        (step("{method: waterfall, caps: [{target: Retail, up_to: 1}], residual: Stores}"),
         [(5, "missing_key")]),
        (step("{method: direct, target: Retail, from: 2026-02-01, until: 2026-01-01}"),
         [(5, "bad_date")]),
        (step("{method: direct, target: Retail, subsidy: 10}"), [(5, "missing_key")]),
        (step("{method: direct, target: Retail, subsidy: 101, subsidy_by: Stores}"),
         [(5, "shares_over_100")]),
        (step("{method: direct, target: Retail, markup: -5}"), [(5, "negative_share")]),
        (step("{method: direct, target: Retail, markup: {Nobody: 5}}"), [(5, "unknown_consumer")]),
        ("steps:\n  - name: s\n    rules: []\n", [(2, "missing_key")]),
        ("steps:\n  - among: solution\n    rules: [{method: direct, target: ERP}]\n",
         [(2, "missing_key")]),
        ("steps:\n  - among: solution\n    method: reciprocal\n    order: [ERP]\n"
         "    rules: [{method: direct, target: ERP}]\n", [(4, "wrong_key")]),
        ("steps:\n  - among: solution\n    method: step_down\n    order: [ERP, ERP]\n"
         "    rules: [{method: direct, target: ERP}]\n", [(4, "duplicate_target")]),
        ("steps:\n  - to: solution\n    order: [ERP]\n"
         "    rules: [{method: direct, target: ERP}]\n", [(3, "wrong_key")]),
        ("steps:\n  - among: solution\n    method: reciprocal\n"
         "    rules: [{method: rate, rates: r}]\n", [(4, "wrong_method")]),
        ("steps:\n  - among: solution\n    method: reciprocal\n"
         "    rules: [{method: fixed, shares: {ERP: 5}, residual: next}]\n", [(4, "wrong_key")]),
        ("steps:\n  - {among: solution, method: reciprocal, "
         "rules: [{method: direct, target: ERP}]}\n"
         "  - {to: solution, rules: [{method: direct, target: ERP}]}\n", [(3, "cycle")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(text: str, expected: list[tuple[int, str]]) -> None:
    assert sorted(problems(text)) == sorted(expected)


def test_a_closing_consumer_needs_a_day_and_a_known_successor() -> None:
    closing = "{name: C, until: 2026-01-01, successor: A}"
    head = f"name: T\nconsumers:\n  - {{name: A, successor: B}}\n  - {closing}\n"
    assert problems("", head=head) == [(-1, "missing_key"), (-1, "unknown_consumer")]
