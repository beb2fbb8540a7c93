"""What services cost per unit: the hand-worked firm, two months, one gap and one rate."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from tests.stages.allocate.firm import drivers, ledger, model, run

from bursar.allocate.language.canonical import freeze, thaw
from bursar.allocate.model_text import parse_model
from bursar.allocate.models import RunPeriod
from bursar.office.people.scope import Scope
from bursar.report.dimensions import require_basis
from bursar.report.errors import BeyondScope, UnknownBasis
from bursar.report.services import ServiceRow, services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
FIRM = """
name: Services
consumers: [Retail, Logistics]
solutions:
  - name: Mail
    label: Mail and calendar
    owner: Workplace
    unit: mailbox
    includes: [50 GB, phone]
  - {name: Desk, owner: Service desk, unit: ticket, volume: tickets}
  - {name: ERP, owner: Finance}
rates: [{name: mailbox, driver: mailboxes, unit: mailbox, currency: EUR, price: 4.50}]
classify:
  - {name: mail, when: {gl_account: "6010"}, set: {solution: Mail}}
  - {name: desk, when: {gl_account: "6020"}, set: {solution: Desk}}
  - {name: erp, when: {gl_account: "6030"}, set: {solution: ERP}}
steps:
  - name: to units
    to: consumer
    rules:
      - {name: mail, when: {solution: Mail}, method: rate, rates: [mailbox]}
      - {name: desk, when: {solution: Desk}, method: even, targets: [Retail, Logistics]}
      - {name: erp, when: {solution: ERP}, method: fixed, shares: {Retail: 60}, residual: retained}
"""
LEDGER = """\
2026-01-15,1000.00,EUR,6010,
2026-02-15,1300.00,EUR,6010,
2026-01-15,300.00,EUR,6020,
2026-02-15,250.00,EUR,6020,
2026-02-15,100.00,EUR,6030,
2026-02-16,7.00,USD,6030,
"""
DRIVERS = """\
mailboxes,2026-01,,Retail,150
mailboxes,2026-01,,Logistics,50
mailboxes,2026-02,,Retail,170
mailboxes,2026-02,,Logistics,90.5
tickets,2026-01,Desk,Retail,30
tickets,2026-01,,Retail,9999
tickets,2026-02,Desk,Retail,10
tickets,2026-02,Desk,Logistics,15
"""


@pytest.fixture
def february(home: Path, tmp_path: Path) -> dict[tuple[str, str], ServiceRow]:
    ledger(tmp_path, LEDGER)
    drivers(tmp_path, DRIVERS)
    model(FIRM)
    run()
    return {
        (row.service, row.currency): row for row in services(Scope.all(), period="2026-02").rows
    }


def test_cost_is_all_that_rests_and_charged_what_is_borne(
    february: dict[tuple[str, str], ServiceRow],
) -> None:
    """Rules SV1 and SV5: 260.5 mailboxes at 4.50 charge 1172.25 of 1300.00."""
    mail = february["Mail", "EUR"]
    assert (mail.month.cost, mail.month.charged) == (1300, Decimal("1172.25"))
    assert mail.month.uncharged == Decimal("127.75")
    assert mail.rate == Decimal("4.50")
    erp = february["ERP", "EUR"]
    assert (erp.month.cost, erp.month.charged, erp.rate) == (100, 60, None)
    assert february["ERP", "USD"].month.cost == 7
    assert sum(row.month.cost for row in february.values() if row.currency == "EUR") == sum(
        Decimal(line["cost_in"])
        for line in RunPeriod.objects.get(period="2026-02").balance
        if line["currency"] == "EUR"
    )


def test_a_driver_counts_a_service(february: dict[tuple[str, str], ServiceRow]) -> None:
    """Rules SV2 and SV3: the rate's driver, the one declared, and none."""
    mail, desk, erp = (february[name, "EUR"] for name in ("Mail", "Desk", "ERP"))
    assert (mail.driver, mail.month.volume) == ("mailboxes", Decimal("260.5"))
    assert mail.month.unit_cost == Decimal("4.990403")  # 1300 / 260.5 = 4.99040307…
    assert (desk.driver, desk.month.volume, desk.month.unit_cost) == ("tickets", 25, 10)
    assert desk.previous is not None
    assert desk.previous.volume == 30  # rows that name it, not those without a from
    assert (erp.driver, erp.month.volume, erp.month.unit_cost) == ("", None, None)
    assert (mail.label, mail.owner, mail.unit) == ("Mail and calendar", "Workplace", "mailbox")
    assert mail.includes == ("50 GB", "phone")
    assert mail.past == (("2026-01", Decimal(5)), ("2026-02", Decimal("4.990403")))


def test_volume_and_unit_cost_add_up_to_the_change(
    february: dict[tuple[str, str], ServiceRow],
) -> None:
    """Rule SV4, by hand: 60.5 more mailboxes at the mean of 5 and 1300/260.5."""
    mail = february["Mail", "EUR"]
    assert mail.change == 300
    assert mail.volume_effect is not None
    assert mail.unit_cost_effect is not None
    exact = Fraction(121, 2) * (5 + Fraction(2600, 521)) / 2
    assert abs(Fraction(mail.volume_effect) - exact) <= Fraction(1, 2 * 10**8)
    assert mail.volume_effect + mail.unit_cost_effect == 300
    desk = february["Desk", "EUR"]
    assert (desk.change, desk.volume_effect, desk.unit_cost_effect) == (-50, -50, 0)
    erp = february["ERP", "EUR"]
    assert (erp.previous, erp.change, erp.volume_effect) == (None, None, None)


def test_the_first_month_and_a_month_that_was_not_run(
    february: dict[tuple[str, str], ServiceRow],
) -> None:
    first = services(Scope.all(), period="2026-01").rows
    assert {row.service: row.change for row in first} == {"Mail": None, "Desk": None}
    assert services(Scope.all(), period="2025-12").rows == ()


def test_it_is_for_those_who_see_everything() -> None:
    with pytest.raises(BeyondScope):
        services(Scope.of_roots(["Retail"]), period="2026-01")
    with pytest.raises(UnknownBasis):
        services(Scope.all(), period="2026-01", basis="cash")
    assert require_basis("billed") == "billed"


PLANNED = FIRM.replace(
    "    includes: [50 GB, phone]\n",
    "    includes: [50 GB, phone]\n"
    "    output: employees\n"
    "    plan:\n"
    "      - {currency: EUR, cost: 900.00, volume: 200, output: 100}\n"
    "      - {from: 2026-02-01, currency: EUR, cost: 1000.00, volume: 200, output: 100}\n",
)


def test_a_plan_divides_what_was_not_planned(tmp_path: Path) -> None:
    """Rules SV6-SV8: 260.5 mailboxes for 125 employees, of which the plan needs 250 at 5.00."""
    ledger(tmp_path, LEDGER)
    drivers(tmp_path, DRIVERS + "employees,2026-02,,Retail,125\n")
    model(PLANNED)
    run()
    mail = next(r for r in services(Scope.all(), period="2026-02").rows if r.service == "Mail")
    assert mail.to_json()["plan"] == {
        "cost": "1000", "volume": "200", "rate": "5", "output": "100", "actual_output": "125",
        "variance": "300", "price_variance": "-2.5", "volume_variance": "250",
        "efficiency_variance": "52.5",
    }  # fmt: skip
    january = next(r for r in services(Scope.all(), period="2026-01").rows if r.service == "Mail")
    assert january.plan is not None
    assert january.plan.rate == Decimal("4.5")
    assert january.against_plan is not None
    assert january.against_plan.efficiency is None  # nobody counted employees in January
    assert (january.against_plan.price, january.against_plan.volume) == (100, 0)
    desk = next(r for r in services(Scope.all(), period="2026-02").rows if r.service == "Desk")
    assert (desk.plan, desk.variance, desk.to_json()["plan"]) == (None, None, None)


def test_a_plan_without_a_volume_tells_its_variance_only(tmp_path: Path) -> None:
    text = FIRM.replace(
        "owner: Finance}", "owner: Finance, plan: [{currency: EUR, cost: 80, volume: 4}]}"
    )
    ledger(tmp_path, LEDGER)
    model(text)
    run()
    erp = next(
        r
        for r in services(Scope.all(), period="2026-02").rows
        if (r.service, r.currency) == ("ERP", "EUR")
    )
    assert (erp.variance, erp.against_plan) == (20, None)


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ("{currency: EUR, cost: 1}", "model.missing_key"),
        ("{currency: EUR, cost: 1, volume: 0}", "model.bad_number"),
        ("{currency: EUR, cost: 1, volume: 1, output: -1}", "model.bad_number"),
        ("{currency: EUX, cost: 1, volume: 1}", "model.unknown_currency"),
        ("{currency: EUR, cost: much, volume: 1}", "model.bad_number"),
        ("{currency: EUR, cost: 1, volume: 1, from: soon}", "model.bad_date"),
        ("{currency: EUR, cost: 1, volume: 1, price: 1}", "model.unknown_key"),
        ("5", "model.expected_map"),
        ("{currency: EUR, cost: 1, volume: 1}, {currency: EUR, cost: 2, volume: 1}",
         "model.duplicate_rule"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_read_is_told_with_its_line(plan: str, code: str) -> None:
    text = FIRM.replace("owner: Finance}", f"owner: Finance, plan: [{plan}]}}")
    assert [p.code for p in parse_model(text).problems] == [code]


def test_a_plan_is_frozen_and_read_back() -> None:
    parsed = parse_model(PLANNED).model
    assert parsed is not None
    thawed = {m.name: m for m in thaw(freeze(parsed)).members}
    assert thawed["Mail"].plan == next(m for m in parsed.members if m.name == "Mail").plan
    assert thawed["Mail"].output == "employees"
