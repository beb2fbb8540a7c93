"""Costs in other currencies and the effect of rates: rules V10-V14, V20 and V21, by fractions."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.office.people.scope import Scope
from bursar.record.actions.import_rates import import_rates
from bursar.record.actions.set_entity import EntityChange, set_entity
from bursar.record.actions.set_rate import set_rate
from bursar.record.actions.set_reporting_currency import set_reporting_currency
from bursar.report.bill_of_it import statements
from bursar.report.conversion import AS_BILLED, CurrencyView
from bursar.report.costs import Costs, costs
from bursar.report.currency_effect import _effect, currency_effect
from bursar.report.documents.csv import costs_csv
from bursar.report.errors import MissingRates

pytestmark = pytest.mark.django_db
ALL = Scope.all()
EUROS = CurrencyView("EUR")
# Units of USD for one EUR: average over the month, last of the month.
AVERAGE = {"2025-12": Fraction("1.1"), "2026-01": Fraction("1.3"), "2026-02": Fraction("1.7")}
CLOSING = {"2025-12": Fraction("1.2"), "2026-01": Fraction("1.4"), "2026-02": Fraction("1.9")}
ECB = """Date,USD,
2025-12-01,1.0,
2025-12-31,1.2,
2026-01-05,1.2,
2026-01-30,1.4,
2026-02-02,1.5,
2026-02-27,1.9,
"""


@pytest.fixture
def rates(company: object, tmp_path: Path) -> None:
    (tmp_path / "ecb.csv").write_text(ECB)
    import_rates(path=tmp_path / "ecb.csv", acting_user=None)


def figure_rate(rate: Fraction) -> Fraction:
    """A rate as figures use it, worked out anew: 24 digits, half away from zero."""
    scaled = rate * 10**24 + Fraction(1, 2)
    return Fraction(scaled.numerator // scaled.denominator, 10**24)


def in_euros(answer: Costs, by: str, rates: dict[str, Fraction]) -> dict[str, Fraction]:
    """The sums that a reader gets who converts the billed rows by hand."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    for row in answer.rows:
        rate = Fraction(1)
        if row.currency == "USD":
            rate = figure_rate(1 / rates[str(row.dimensions["period"])])
        found[str(row.dimensions[by])] += Fraction(row.amount) * rate
    return {name: amount for name, amount in found.items() if amount}


@pytest.mark.usefixtures("rates")
@pytest.mark.parametrize("by", ["cost_pool", "consumer", "tower", "service_name", "period"])
@pytest.mark.parametrize(("kind", "known"), [("average", AVERAGE), ("closing", CLOSING)])
def test_every_view_is_converted_cell_by_cell(
    by: str, kind: str, known: dict[str, Fraction]
) -> None:
    """Rules V10 and V12: the mean of the month, or the last rate on or before its last day."""
    billed = costs(ALL, by=[by, "period"])
    shown = costs(ALL, by=[by], currency=CurrencyView("EUR", kind))
    got = {str(r.dimensions[by]): Fraction(r.amount) for r in shown.rows if r.amount}
    assert got == in_euros(billed, by, known)
    assert {r.currency for r in shown.rows} == {"EUR"}
    assert billed.conversion is None
    told = shown.conversion or {}
    assert [(r["period"], r["from"], r["to"]) for r in told["rates"]] == [
        (period, "USD", "EUR") for period in known
    ]
    assert told["rates"][0]["path"][0]["quoted"].startswith("1 EUR = ")


@pytest.mark.usefixtures("rates")
def test_parts_add_up_to_the_total_whatever_the_grouping() -> None:
    """Rule V11."""
    totals = set()
    for by in (["cost_pool"], ["consumer", "solution"], ["period"], ["service_name"], []):
        answer = costs(ALL, by=by, currency=EUROS)
        (total,) = answer.totals
        assert sum(Fraction(r.amount) for r in answer.rows) == Fraction(total.amount)
        totals.add(total.amount)
    assert len(totals) == 1


@pytest.mark.usefixtures("company")
def test_a_missing_rate_refuses_the_figure_and_lists_what_is_left() -> None:
    """Rule V13: never 1:1 and never dropped."""
    with pytest.raises(MissingRates) as refusal:
        costs(ALL, by=["cost_pool"], currency=EUROS)
    assert refusal.value.code == "report.missing_rate"
    assert refusal.value.unconverted == (("USD", Decimal("1022.4")),)
    assert "USD to EUR in 2025-12" in refusal.value.message
    assert "1022.4 USD" in refusal.value.message
    # What needs no rate has its figure.
    euros = costs(ALL, by=["period"], filters=[("currency", "EUR")], currency=EUROS)
    billed = costs(ALL, by=["period"], filters=[("currency", "EUR")])
    assert euros.totals == billed.totals


@pytest.mark.usefixtures("rates")
def test_functional_and_reporting_currency() -> None:
    """Rule V12."""
    assert costs(ALL, by=["pool"], currency=AS_BILLED) == costs(ALL, by=["pool"])
    functional = costs(ALL, by=["pool"], currency=CurrencyView("functional"))
    assert functional.totals == costs(ALL, by=["pool"], currency=EUROS).totals
    assert (functional.conversion or {})["currency"] is None
    set_reporting_currency(acting_user=None, currency="USD")
    dollars = costs(ALL, by=["period"], currency=CurrencyView("reporting"))
    billed = {(r.dimensions["period"], r.currency): r.amount
              for r in costs(ALL, by=["period"]).rows}  # fmt: skip
    for row in dollars.rows:
        period = str(row.dimensions["period"])
        assert row.currency == "USD"
        assert Fraction(row.amount) == (
            Fraction(billed[period, "USD"]) + Fraction(billed[period, "EUR"]) * AVERAGE[period]
        )
    set_entity(acting_user=None, code="main", change=EntityChange(currency="USD"))
    mine = costs(ALL, by=["period"], currency=CurrencyView("functional"))
    assert mine.totals == dollars.totals


@pytest.mark.usefixtures("rates")
def test_constant_currency_holds_one_periods_rates() -> None:
    """Rule V14."""
    billed = costs(ALL, by=["cost_pool", "period"])
    constant = costs(ALL, by=["cost_pool"], currency=CurrencyView("EUR", "average", "2025-12"))
    same = dict.fromkeys(AVERAGE, AVERAGE["2025-12"])
    got = {str(r.dimensions["cost_pool"]): Fraction(r.amount) for r in constant.rows if r.amount}
    assert got == in_euros(billed, "cost_pool", same)
    assert "average rates of 2025-12" in (constant.conversion or {})["words"]


@pytest.mark.usefixtures("rates")
def test_a_restricted_scope_gets_her_own_cost_converted() -> None:
    hers = Scope.of_roots(["Wholesale"])
    billed = costs(hers, by=["period"])
    got = {str(r.dimensions["period"]): Fraction(r.amount)
           for r in costs(hers, by=["period"], currency=EUROS).rows}  # fmt: skip
    assert got == in_euros(billed, "period", AVERAGE)


@pytest.mark.usefixtures("rates")
@pytest.mark.parametrize("by", [[], ["cost_pool"], ["consumer", "tower"]])
def test_rates_and_money_add_up_to_the_difference(by: list[str]) -> None:
    """Rule V20."""
    found = currency_effect(ALL, before="2026-01", after="2026-02", by=by, currency=EUROS)
    figures = {p: costs(ALL, by=by, periods=[p], currency=EUROS).totals[0].amount
               for p in ("2026-01", "2026-02")}  # fmt: skip
    ((code, total),) = found.totals
    assert (code, total.before, total.after) == ("EUR", figures["2026-01"], figures["2026-02"])
    for effect in (total, *(row.effect for row in found.rows), *(x.effect for x in found.locals)):
        assert Fraction(effect.fx) + Fraction(effect.operating) == Fraction(effect.change)
    r0, r1 = figure_rate(1 / AVERAGE["2026-01"]), figure_rate(1 / AVERAGE["2026-02"])
    assert Fraction(total.fx) == Fraction("351.2") * (r1 - r0)
    assert sum(Fraction(x.effect.fx) for x in found.locals) == Fraction(total.fx)
    assert sum(Fraction(row.effect.fx) for row in found.rows) == Fraction(total.fx)


@pytest.mark.usefixtures("rates")
def test_actual_rates_against_the_plans() -> None:
    """Rule V21."""
    with pytest.raises(MissingRates):
        currency_effect(ALL, before="plan", after="2026-02", currency=EUROS)
    set_rate(acting_user=None, kind="plan", source="USD", target="EUR", rate=Decimal("0.5"),
             day=date(2026, 1, 1))  # fmt: skip
    ((_, total),) = currency_effect(ALL, before="plan", after="2026-02", currency=EUROS).totals
    rate = figure_rate(1 / AVERAGE["2026-02"])
    assert Fraction(total.fx) == Fraction("351.2") * (rate - Fraction(1, 2))
    assert total.operating == 0
    planned = costs(ALL, by=[], periods=["2026-02"], currency=CurrencyView("EUR", "plan"))
    assert planned.totals[0].amount == total.before


_AMOUNT = st.decimals(-(10**12), 10**12, places=6)
_RATE = st.decimals(Decimal("0.000001"), 10**6, places=24)


@given(first=_AMOUNT, last=_AMOUNT, r0=_RATE, r1=_RATE)
def test_any_two_amounts_split_exactly(
    first: Decimal, last: Decimal, r0: Decimal, r1: Decimal
) -> None:
    """Rule V20 for any amounts and rates."""
    effect = _effect(first, last, r0, r1)
    assert Fraction(effect.fx) == Fraction(last) * (Fraction(r1) - Fraction(r0))
    assert Fraction(effect.operating) == (Fraction(last) - Fraction(first)) * Fraction(r0)
    assert Fraction(effect.fx) + Fraction(effect.operating) == Fraction(effect.change)


@pytest.mark.usefixtures("rates")
def test_a_statement_says_its_total_in_the_reporting_currency_too() -> None:
    """Rule V12: beside the statement's own currency, never in its place."""
    found = statements(ALL, periods=["2026-02"], currency="USD").statements
    assert found
    for each in found:
        beside = each.reporting
        assert beside is not None
        assert Fraction(beside.amount or 0) == (
            Fraction(each.document_total) * figure_rate(1 / AVERAGE["2026-02"])
        )
        told = each.to_json()
        assert (told["currency"], told["reporting"]["currency"]) == ("USD", "EUR")
        assert told["reporting"]["path"][0]["quoted"] == "1 EUR = 1.7 USD"
    euros = statements(ALL, periods=["2026-02"], currency="EUR").statements
    assert {each.reporting for each in euros} == {None}
    set_reporting_currency(acting_user=None, currency="JPY")
    lacking = euros[0].to_json()["reporting"]
    assert (lacking["currency"], lacking["amount"]) == ("JPY", None)
    assert "no average rate from EUR to JPY" in lacking["missing"]


@pytest.mark.usefixtures("rates")
def test_an_export_says_how_it_was_converted() -> None:
    told = costs_csv(costs(ALL, by=["pool"], periods=["2026-02"], currency=EUROS)).splitlines()
    assert told[0] == "pool,currency,amount,basis,converted"
    assert '"in EUR, at the average rates of each period"' in told[1]
    assert costs_csv(costs(ALL, by=["pool"])).startswith("pool,currency,amount,basis\r\n")
