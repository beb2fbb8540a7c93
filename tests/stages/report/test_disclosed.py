"""What is told of drivers and of others who pay: rules FA12-FA14 of docs/spec/fairness.md."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.allocate.firm import MODEL, drivers, ledger, model, run

from bursar.allocate.language.canonical import freeze
from bursar.allocate.model_queries import differences
from bursar.allocate.model_text import parse_model
from bursar.allocate.models import Statement
from bursar.allocate.versions import version_in_force
from bursar.office.people.scope import Scope
from bursar.record.models import Batch
from bursar.report.bill_of_it import statement
from bursar.report.driver_quality import driver_quality
from bursar.report.fairness import JudgedCharge, fairness

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
ALL, RETAIL = Scope.all(), Scope.of_roots(["Retail"])
FOUR = MODEL.replace("Logistics]", "Logistics, Service]", 1)
NOTES = """\
drivers:
  orders: {quality: measured, description: paid orders of the shop}
  hours: {quality: estimated}
"""
USAGE = """\
orders,2026-01,Webshop,Retail,3
orders,2026-01,Webshop,Logistics,5
orders,2026-01,Webshop,Wholesale,1
orders,2026-01,,Retail,700
"""


def charge(folder: Path, opened: str, *, usage: str = USAGE, scope: Scope = RETAIL) -> JudgedCharge:
    """Retail's charge of the webshop under a disclosure."""
    ledger(folder, "2026-01-31,900.00,EUR,6500,\n")
    drivers(folder, usage)
    model(f"{FOUR}{NOTES}disclosure: {{Cloud Services: {opened}}}\n")
    run()
    (mine,) = Statement.objects.filter(consumer="Retail", run_period__superseded_at__isnull=True)
    (found,) = fairness(scope, statement_id=mine.statement_id).charges
    return found


def test_fa13_the_own_quantity_is_told_and_that_of_all_where_it_is_open(tmp_path: Path) -> None:
    closed = charge(tmp_path, "none")
    (orders,) = closed.measured
    assert (orders.driver, orders.own, orders.total, orders.share) == ("orders", 3, None, None)
    assert (closed.whole, closed.ways, closed.peers) == (None, (), ())
    assert orders.sentence.startswith("By orders: 3; measured; from drivers, imported on ")
    (opened,) = charge(tmp_path, "drivers").measured
    assert (opened.own, opened.total, opened.share) == (3, 9, Decimal("0.3333"))
    assert charge(tmp_path, "drivers").whole is None
    assert opened.sentence.startswith("By orders: 3 of 9 (33.3 %); measured; ")
    assert opened.origin.description == "paid orders of the shop"
    assert opened.to_json()["total"] == "9"


def test_fa14_peers_have_no_names_and_add_up_to_the_whole(tmp_path: Path) -> None:
    usage = USAGE.replace("Wholesale,1", "Wholesale,1\norders,2026-01,Webshop,Service,1")
    found = charge(tmp_path, "[total, peers]", usage=usage)
    assert [(p.name, p.amount, p.own) for p in found.peers] == [
        ("Peer 1", 450, False),
        ("Retail", 270, True),
        ("Peer 2", 90, False),
        ("Peer 3", 90, False),
    ]
    assert sum(p.amount for p in found.peers) == found.whole == 900
    assert found.measured[0].total is None
    named = charge(tmp_path, "none", usage=usage, scope=ALL)
    assert [p.name for p in named.peers] == ["Logistics", "Retail", "Service", "Wholesale"]


def test_fa14_too_few_peers_hide_nobody(tmp_path: Path) -> None:
    three = charge(tmp_path, "[peers]")
    assert (three.payers, three.peers) == (3, ())


def test_fa12_peers_open_the_total_because_they_add_up_to_it(tmp_path: Path) -> None:
    found = charge(tmp_path, "peers")
    assert (found.whole, found.share) == (900, Decimal("0.3333"))
    (mine,) = Statement.objects.filter(consumer="Retail")
    (pool,) = statement(RETAIL, statement_id=mine.statement_id).disclosed
    assert (pool.pool, pool.pool_total, pool.own_amount) == ("Cloud Services", 900, 300)


def test_a_driver_says_when_it_came_and_whether_it_was_measured(tmp_path: Path) -> None:
    charge(tmp_path, "none", usage=USAGE)
    hours, orders = driver_quality(ALL, period="2026-01").rows
    assert (orders.origin.quality, hours.origin.quality) == ("measured", "estimated")
    assert (orders.verdict, hours.verdict) == ("complete", "missing")
    today = datetime.now(tz=UTC).date()
    assert orders.origin.imported_on == today
    assert orders.origin.days_after == (today - date(2026, 1, 31)).days
    assert hours.origin.sources == ()
    assert hours.origin.sentence == "estimated"
    early = datetime(2026, 1, 30, tzinfo=UTC)
    Batch.objects.filter(kind="usage_line").update(published_at=early)
    (_, orders) = driver_quality(ALL, period="2026-01").rows
    assert (orders.verdict, orders.origin.days_after) == ("before the end", -1)
    assert orders.origin.age == "1 day before the period's end"
    Batch.objects.filter(kind="usage_line").update(published_at=early + timedelta(days=1))
    (_, orders) = driver_quality(ALL, period="2026-01").rows
    assert (orders.verdict, orders.origin.age) == ("complete", "on the period's last day")


def test_a_driver_says_how_much_it_could_not_divide(tmp_path: Path) -> None:
    two = "when: {solution: [Webshop, ERP]}, method: weighted, driver: orders}"
    text = FOUR.replace("when: {solution: Webshop}, method: weighted, driver: orders}", two)
    ledger(tmp_path, "2026-01-31,900.00,EUR,6500,\n2026-01-31,100.00,EUR,6010,\n")
    usage = USAGE.replace("orders,2026-01,,Retail,700\n", "hours,2026-01,,ERP,1\n")
    drivers(tmp_path, usage)
    model(text)
    run()
    hours, orders = driver_quality(ALL, period="2026-01").rows
    (moved,) = orders.moved
    assert (moved.amount, moved.left, moved.coverage) == (900, 100, Decimal("0.9"))
    assert (hours.moved[0].left, hours.moved[0].coverage) == (0, 1)
    assert moved.to_json() == {
        "currency": "EUR", "amount": "900", "left": "100", "coverage": "0.9",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("drivers: {ordres: {quality: measured}}", "model.unknown_driver"),
        ("drivers: {orders: {quality: guessed}}", "model.unknown_value"),
        ("drivers: {orders: {source: shop}}", "model.unknown_key"),
        ("drivers: {orders: measured}", "model.expected_map"),
        ("disclosure: {Staffing: [none, total]}", "model.unknown_value"),
        ("disclosure: {Staffing: [totals]}", "model.unknown_value"),
        ("disclosure: {Staffing: {total: 1}}", "model.expected_text"),
    ],
)
def test_the_text_says_what_cannot_be_said(text: str, code: str) -> None:
    (problem,) = parse_model(f"{MODEL}{text}\n").problems
    assert (problem.code, problem.line) == (code, MODEL.count("\n") + 1)


def test_a_note_on_a_driver_changes_no_run_and_shows_as_a_change(tmp_path: Path) -> None:
    plain, noted = (parse_model(text).model for text in (MODEL, MODEL + NOTES))
    assert plain is not None
    assert noted is not None
    assert freeze(plain) == freeze(noted)
    model()
    changes = differences(MODEL + NOTES, version_in_force()).changes
    assert [(one["what"], one["name"]) for one in changes] == [
        ("note on", "driver hours"),
        ("note on", "driver orders"),
    ]
