"""The model in words, what its rules moved (rule MD8), and how good its drivers are."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from tests.stages.report.company import HOURS, PAYROLL, summed

from bursar.office.people.scope import Scope
from bursar.report.batches import batches
from bursar.report.driver_quality import driver_quality
from bursar.report.errors import BeyondScope
from bursar.report.model_view import lines_of_text, model_view, steps_of_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]
ALL = Scope.all()


def test_rules_are_told_in_words_with_what_they_moved() -> None:
    view = model_view(ALL)
    assert (view.number, view.period, view.currency) == (1, "2026-02", "EUR")
    entered, people, owners = view.steps
    whole = sum(summed("tower", where={"period": "2026-02", "currency": "EUR"}).values())
    assert Fraction(entered.amount_in) == whole
    payroll = next(rule for rule in entered.rules if rule.name == "payroll")
    assert (payroll.when, Fraction(payroll.taken)) == (
        "gl account is 6100",
        Fraction(PAYROLL["2026-02"]),
    )
    by_hours = people.rules[0]
    assert (by_hours.does, by_hours.when) == ("split by driver hours", "cost pool is Staffing")
    assert Fraction(by_hours.taken) == Fraction(PAYROLL["2026-02"])
    assert owners.rules[1].does == (
        "50 % Wholesale, 25 % Stores, 20 % Digital; the rest is kept by IT"
    )
    assert view.to_json()["steps"][0]["rules"][0]["does"].startswith("cost pool: Cloud Services")


def test_md8_coverage_is_of_money_and_adds_up_per_step() -> None:
    """The company's rules do not say how good they are."""
    view = model_view(ALL, period="2026-02", currency="EUR")
    where = {"period": "2026-02", "currency": "EUR"}
    whole = sum(summed("tower", where=where).values())
    told = {(one.step, one.kind): one for one in view.covered}
    assert {one.whole for (step, _), one in told.items() if not step} == {view.steps[0].amount_in}
    allocated = summed("outcome", where=where)[("allocated",)]
    assert Fraction(told["", "reaches a consumer"].amount) == allocated
    assert Fraction(told["", "classified"].whole) == whole
    for step in view.steps[1:]:
        mine = [one for one in view.covered if one.step == step.name]
        assert [one.kind for one in mine] == ["unsaid"]
        assert sum(Fraction(one.amount) for one in mine) == Fraction(step.amount_in)
    assert view.to_json()["covered"][0]["kind"] == "classified"


def test_what_rests_is_what_the_fractions_say() -> None:
    view = model_view(ALL, period="2026-01", currency="USD")
    where = {"period": "2026-01", "currency": "USD"}
    expected = {k[0]: v for k, v in summed("outcome", where=where).items()}
    assert {outcome: Fraction(amount) for outcome, amount in view.resting} == expected


def test_a_driver_says_whom_it_measures_and_what_rests_on_it() -> None:
    (row,) = driver_quality(ALL, period="2026-02").rows
    assert (row.driver, row.rows, row.targets, row.verdict) == ("hours", 2, 2, "complete")
    assert Fraction(row.total) == sum(HOURS.values())
    (moved,) = row.moved
    assert (moved.currency, moved.amount) == ("EUR", Decimal(PAYROLL["2026-02"]))
    assert (moved.left, moved.coverage) == (0, 1)
    (missing,) = driver_quality(ALL, period="2024-01").rows
    assert missing.verdict == "missing"
    assert driver_quality(ALL, period="2026-02").to_json()["drivers"][0]["unit"] == "hour"


def test_batches_tell_their_control_totals() -> None:
    rows = batches(ALL, period="2026-02").to_json()["batches"]
    bill = next(row for row in rows if row["file"] == "cumulus-2026-02.csv")
    assert bill["totals"][0]["effective_cost"] == "4293.869"
    assert not any(row["in_force"] for row in batches(ALL, in_force=False).rows)


def test_a_text_tells_its_steps_and_where_each_begins() -> None:
    """Also where a rule before it has the step's name."""
    text = """name: Two
consumers: [A]
solutions: [S]
steps:
  - name: pools
    to: solution
    rules:
      - {name: uses, method: direct, target: S}
  - {name: uses, to: consumer, rules: [{method: direct, target: A}]}
"""
    steps = steps_of_text(ALL, text)
    assert [(step.name, step.fills, len(step.rules)) for step in steps] == [
        ("classify", "cost_pool", 0), ("pools", "solution", 1), ("uses", "consumer", 1),
    ]  # fmt: skip
    assert lines_of_text(text) == {0: 1, 1: 5, 2: 9}
    assert steps_of_text(ALL, text + "nonsense: 1\n") == ()
    with pytest.raises(BeyondScope):
        steps_of_text(Scope.of_roots(["Retail"]), text)
