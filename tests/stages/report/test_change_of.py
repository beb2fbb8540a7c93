"""Why a statement changed: months and runs of a small firm, every part worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.allocate.firm import drivers, ledger, model, run

from bursar.allocate.models import Statement
from bursar.office.people.scope import Scope
from bursar.report.change import SHARED, Change, change_of
from bursar.report.errors import NoStatement, NotRun, UnknownRun

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
FIRM = """
name: Changing
taxonomy: tbm-5.0
consumers: [Retail, Logistics]
solutions: [Mail, Shop, Desk, Old, Own]
rates: [{{name: seat, driver: seats, unit: seat, currency: EUR, prices: [
  {{from: 2026-01-01, price: 3.00}}, {{from: 2026-02-01, price: 3.50}}]}}]
{disclosure}
classify:
  - {{name: own, when: {{gl_account: "6050"}}, set: {{solution: Own, consumer: Retail}}}}
  - {{name: pool, set: {{cost_pool: Staffing / Internal Labor}}}}
  - {{name: mail, when: {{gl_account: "6010"}}, set: {{solution: Mail}}}}
  - {{name: shop, when: {{gl_account: "6020"}}, set: {{solution: Shop}}}}
  - {{name: desk, when: {{gl_account: "6030"}}, set: {{solution: Desk}}}}
  - {{name: old, when: {{gl_account: "6040"}}, set: {{solution: Old}}}}
steps:
  - name: to units
    to: consumer
    rules:
      - {{name: seats, when: {{solution: Mail}}, method: rate, rates: [seat]}}
      - {{name: orders, when: {{solution: Shop}}, method: weighted, driver: orders}}
      - name: agreed
        when: {{solution: Desk}}
        method: fixed
        shares: {{Retail: {desk}, Logistics: {rest}}}
      - {{name: even, method: even, targets: [Retail, Logistics]}}
"""
LEDGER = """\
2026-01-15,100.00,EUR,6010,
2026-02-15,100.00,EUR,6010,
2026-01-15,1000.00,EUR,6020,
2026-02-15,1200.00,EUR,6020,
2026-01-15,200.00,EUR,6030,
2026-02-15,200.00,EUR,6030,
2026-01-15,8.00,EUR,6040,
2026-01-15,5.00,EUR,6050,
2026-02-15,9.00,EUR,6050,
"""
DRIVERS = """\
seats,2026-01,,Retail,10
seats,2026-02,,Retail,12
seats,2026-01,,Logistics,1
seats,2026-02,,Logistics,1
orders,2026-01,,Retail,25
orders,2026-01,,Logistics,75
orders,2026-02,,Retail,30
orders,2026-02,,Logistics,70
"""


def text(desk: int = 50, disclosure: str = "") -> str:
    return FIRM.format(desk=desk, rest=100 - desk, disclosure=disclosure)


def firm(folder: Path, model_text: str) -> str:
    """Two months, run; gives Retail's statement of February."""
    ledger(folder, LEDGER)
    drivers(folder, DRIVERS)
    model(model_text)
    run()
    return retail()


def retail(period: str = "2026-02") -> str:
    rows = Statement.objects.filter(run_period__superseded_at__isnull=True)
    return rows.get(consumer="Retail", period=period).statement_id


def parts(change: Change) -> dict[str, dict[str, Decimal]]:
    assert sum(amount for _, amount in change.parts) == change.difference
    for line in change.lines:
        assert sum(amount for _, amount in line.parts) == line.difference
    return {line.solution: dict(line.parts) for line in change.lines}


def test_every_part_by_hand_and_all_add_up(home: Path, tmp_path: Path) -> None:
    """Rules CH1-CH5."""
    change = change_of(Scope.all(), statement_id=firm(tmp_path, text()))
    assert parts(change) == {
        "Mail": {"volume": Decimal("6.50"), "rate": Decimal("5.50")},
        "Shop": {"price": Decimal(55), "driver": Decimal(55)},
        "Old": {"gone": Decimal(-4)},
        "Own": {"price": Decimal(4)},
    }
    assert change.difference == Decimal(122)
    assert dict(change.parts) == {
        "price": 59, "driver": 55, "volume": Decimal("6.50"), "rate": Decimal("5.50"), "gone": -4,
    }  # fmt: skip
    stated = {s.period: Decimal(s.total) for s in Statement.objects.filter(consumer="Retail")}
    assert (change.before, change.now) == (stated["2026-01"], stated["2026-02"])
    assert change.sentence == (
        "Retail: 122.00 EUR more than in January 2026: +59.00 because its cost changed, +55.00 "
        "because the own share of the use changed, +6.50 because the quantity used changed, "
        "+5.50 because the rate or the rule changed, \N{MINUS SIGN}4.00 because it ended."
    )


def test_two_runs_of_a_month_tell_what_the_model_did(home: Path, tmp_path: Path) -> None:
    """Rule CH4: another share in the rule is rate, and a late cost is price or new."""
    firm(tmp_path, text())
    first = Statement.objects.get(statement_id=retail()).run_period.run.run_id
    model(text(desk=60))
    ledger(tmp_path, "2026-02-20,100.00,EUR,6020,\n2026-02-20,8.00,EUR,6040,\n", source="late")
    run()
    change = change_of(Scope.all(), statement_id=retail(), against=first)
    assert change.before_period == change.period == "2026-02"
    assert change.before_model_version != change.model_version
    assert parts(change) == {
        "Shop": {"price": Decimal(30)}, "Desk": {"rate": Decimal(20)}, "Old": {"new": Decimal(4)},
    }  # fmt: skip
    assert f"than in run {first}" in change.sentence
    with pytest.raises(UnknownRun, match="'r0'") as unknown:
        change_of(Scope.all(), statement_id=retail(), against="r0")
    assert unknown.value.code == "report.unknown_run"


def test_a_budget_owner_cannot_work_out_what_others_pay(home: Path, tmp_path: Path) -> None:
    """Rule CH6: price and driver are one part, unless the model discloses the pool's total."""
    statement = firm(tmp_path, text())
    change = change_of(Scope.of_roots(["Retail"]), statement_id=statement)
    assert parts(change)["Shop"] == {SHARED: Decimal(110)}
    assert parts(change)["Mail"] == {"volume": Decimal("6.50"), "rate": Decimal("5.50")}
    assert not {"price", "driver"} & {kind for kind, _ in change.parts}
    first = Statement.objects.get(statement_id=statement).run_period.run.run_id
    ledger(tmp_path, "2026-02-20,100.00,EUR,6030,\n", source="late")
    model(text(desk=60))
    run()
    change = change_of(Scope.of_roots(["Retail"]), statement_id=retail(), against=first)
    assert parts(change)["Desk"] == {SHARED: Decimal(80)}  # 60 % of 300, less 50 % of 200
    model(text(disclosure="disclosure: {Staffing: total}"))
    run()
    opened = change_of(Scope.of_roots(["Retail"]), statement_id=retail())
    assert parts(opened)["Shop"] == {"price": Decimal(55), "driver": Decimal(55)}


def test_what_there_is_to_compare_with(home: Path, tmp_path: Path) -> None:
    firm(tmp_path, text())
    with pytest.raises(NotRun, match="any period before 2026-01"):
        change_of(Scope.all(), statement_id=retail("2026-01"))
    with pytest.raises(NotRun, match="2025-11"):
        change_of(Scope.all(), statement_id=retail(), before="2025-11")
    with pytest.raises(NoStatement):
        change_of(Scope.of_roots(["Logistics"]), statement_id=retail())
    same = change_of(Scope.all(), statement_id=retail(), before="2026-02")
    assert (same.difference, same.lines, same.parts) == (0, (), ())
    assert same.sentence.startswith("Retail: as much as in")
    assert same.to_json()["difference"] == "0"
