"""Runs with services that charge each other, rates and true-ups: from files to statements."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from textwrap import dedent

import pytest
from tests.stages.allocate.firm import drivers, ledger, model, run

from bursar.allocate.errors import DriverTargetUnknown
from bursar.allocate.models import RunPeriod, Statement
from bursar.allocate.queries import runs_in_force
from bursar.allocate.run_files import read_run
from bursar.allocate.verification import check_runs
from bursar.core.money.amount import exact_sum
from bursar.core.refusal import Refused
from bursar.core.tables.allocation import ALLOCATION_EXCHANGE
from bursar.office.people.scope import Scope
from bursar.report.service_exchange import recovery_ledger, service_exchange

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

MODEL = dedent(
    """\
    name: Services
    consumers: [Retail, Wholesale]
    solutions: [S1, S2, P1, P2, VM]
    classify:
      - {name: s1, when: {gl_account: "1"}, set: {solution: S1}}
      - {name: s2, when: {gl_account: "2"}, set: {solution: S2}}
      - {name: vm, when: {gl_account: "3"}, set: {solution: VM}}
    rates:
      - {name: hour, driver: hours, unit: hour, currency: EUR, price: 0.25}
    steps:
      - name: services
        among: solution
        method: reciprocal
        rules:
          - {when: {solution: S1}, method: fixed, shares: {S2: 20, P1: 30, P2: 50}}
          - {when: {solution: S2}, method: fixed, shares: {S1: 10, P1: 40, P2: 50}}
      - name: to consumers
        to: consumer
        rules:
          - {name: vm hours, when: {solution: VM}, method: rate, rates: hour, true_up: quarterly}
          - {when: {solution: P1}, method: direct, target: Retail, markup: 5}
          - {when: {solution: P2}, method: direct, target: Wholesale}
    """
)


def balances(outcome: dict) -> dict[str, dict[str, str]]:
    return {row["period"]: {k: v for k, v in row.items() if v != "0"} for row in outcome["balance"]}


def test_the_reciprocal_oracle_from_a_ledger_to_statements(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01-31,100000.00,EUR,1,\n2026-01-31,60000.00,EUR,2,\n")
    model(MODEL)
    row = balances(run())["2026-01"]
    # 65,102.04 and 94,897.96, and a markup of 5 % on the first: 3,255.10.
    markup = Decimal(row["markup"])
    assert round(markup, 2) == Decimal("3255.10")
    assert (row["cost_in"], Decimal(row["allocated"])) == ("160000", 160_000 + markup)
    bills = dict(Statement.objects.values_list("consumer", "document_total"))
    assert bills == {"Retail": "68357.14", "Wholesale": "94897.96"}
    (found,) = RunPeriod.objects.all()
    given: dict[str, int] = {}
    for line in read_run(found, ALLOCATION_EXCHANGE).to_pylist():
        given[line["giver"]] = given.get(line["giver"], 0) + int(line["units"])
    gross = {name: round(Decimal(units).scaleb(-found.scale), 2) for name, units in given.items()}
    assert gross == {"S1": Decimal("108163.27"), "S2": Decimal("81632.65")}
    told = service_exchange(Scope.all(), period="2026-01", basis="effective")
    assert {(c.step, c.giver, c.taker) for c in told} >= {("services", "S1", "S2")}
    assert exact_sum(c.amount for c in told if c.taker in ("P1", "P2")) == 160_000
    with pytest.raises(Refused):
        service_exchange(Scope(), period="2026-01", basis="effective")
    assert service_exchange(Scope.all(), period="2026-07", basis="effective") == []
    assert all(check.ok for check in check_runs())


def test_a_quarter_of_standard_rates_is_trued_up_in_its_last_month(
    home: Path, tmp_path: Path
) -> None:
    months = ("2026-01", "2026-02", "2026-03", "2026-04")
    ledger(tmp_path, "".join(f"{m}-28,100.00,EUR,3,\n" for m in months))
    use = {"2026-01": (300, 60), "2026-02": (200, 100), "2026-03": (280, 80), "2026-04": (400, 80)}
    drivers(
        tmp_path,
        "".join(f"hours,{m},,Retail,{r}\nhours,{m},,Wholesale,{w}\n" for m, (r, w) in use.items()),
    )
    model(MODEL)
    found = balances(run())
    gaps = {month: found[month].get("recovery_gap", "0") for month in months}
    # Charged at 0.25: 90, 75, 90, 120 of 100 each; January and February left 10 and 25 open.
    assert gaps == {"2026-01": "10", "2026-02": "25", "2026-03": "-35", "2026-04": "-20"}
    ledger_rows = recovery_ledger(Scope.all(), basis="effective", year="2026")
    assert [(g.period, g.amount, g.to_date) for g in ledger_rows] == [
        ("2026-01", 10, 10), ("2026-02", 25, 35), ("2026-03", -35, 0), ("2026-04", -20, -20),
    ]  # fmt: skip
    assert recovery_ledger(Scope.all(), basis="effective", year="2025") == []
    quarter = Fraction(780 + 240) / 4
    paid = {
        name: sum(Fraction(s.total) for s in Statement.objects.filter(
            consumer=name, period__in=months[:3]))
        for name in ("Retail", "Wholesale")
    }  # fmt: skip
    assert sum(paid.values()) == 300
    # Over the quarter everybody pays the true cost in proportion to what was charged, but for
    # what each of the three gaps is rounded by.
    assert abs(paid["Retail"] - 300 * Fraction(195) / quarter) < Fraction(2, 100)
    assert all(check.ok for check in check_runs())
    assert len(runs_in_force()) == 4
    assert run()["unchanged"] == list(months)


def test_a_true_up_reaches_months_whose_own_cost_is_nothing(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-02-28,100.00,EUR,3,\n2026-03-28,5.00,EUR,9,\n")
    drivers(tmp_path, "hours,2026-02,,Retail,200\n")
    model(MODEL)
    found = balances(run())
    assert found["2026-02"]["recovery_gap"] == "50"
    assert found["2026-03"]["recovery_gap"] == "-50"
    assert found["2026-03"]["allocated"] == "50"
    assert found["2026-03"]["unallocated"] == "5"


def test_a_driver_of_no_member_stops_a_rate_as_any_other(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-02-28,100.00,EUR,3,\n")
    drivers(tmp_path, "hours,2026-02,,Retial,200\n")
    model(MODEL)
    with pytest.raises(DriverTargetUnknown, match="Did you mean 'Retail'"):
        run()


BY_DAY = """\
name: Shares by the day of the posting
consumers: [A, B, C]
solutions: [Until the 30th, From the 30th]
classify:
  - {name: new, when: {charge_period_start: {from: 2026-01-30}}, set: {solution: From the 30th}}
  - {name: old, when: {charge_period_start: {from: 2026-01-26}}, set: {solution: Until the 30th}}
steps:
  - name: to consumers
    to: consumer
    rules:
      - {when: {solution: From the 30th}, method: fixed, shares: {A: 50, B: 50}}
      - {when: {solution: Until the 30th}, method: fixed, shares: {A: 30, B: 30, C: 40}}
"""


def test_a4_a_posting_is_shared_as_agreed_on_its_own_day(home: Path, tmp_path: Path) -> None:
    """The oracle's 100 of today, after 30/30/40 of five days ago gave way to 50/50 yesterday.

    A rule with `from` divides a period's cost by days; by the day of each posting it is the
    classification that tells old from new.
    """
    model(BY_DAY)
    ledger(tmp_path, "2026-01-31,100.00,EUR,6500,\n")
    run()
    totals = Statement.objects.filter(run_period__superseded_at__isnull=True)
    assert dict(totals.values_list("consumer", "total")) == {"A": "50", "B": "50"}
    ledger(tmp_path, "2026-01-29,10.00,EUR,6500,\n2026-01-25,7.00,EUR,6500,\n", source="earlier")
    row = balances(run())["2026-01"]
    assert dict(totals.values_list("consumer", "total")) == {"A": "53", "B": "53", "C": "4"}
    # Before any of them was agreed, nobody pays.
    assert row["unallocated"] == "7"
