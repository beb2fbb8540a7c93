"""From a statement back to the ledger and from a line to who pays: both ways add up exactly."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.allocate.firm import drivers, ledger, model, run
from tests.stages.allocate.test_run_model import DRIVERS, JANUARY

from bursar.allocate.errors import NoLine, NoRun, NoStatement
from bursar.allocate.queries import require_run, statements
from bursar.allocate.tracing import trace_line, trace_statement
from bursar.record.models import Batch
from bursar.record.queries import batch_lines, line

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


@pytest.fixture
def firm(home: Path, tmp_path: Path) -> Path:
    ledger(tmp_path, JANUARY)
    drivers(tmp_path, DRIVERS)
    model()
    run()
    return tmp_path


def ids() -> list[str]:
    """Every cost line of the ledger."""
    return [
        f"{batch.batch_id}-{row}"
        for batch in Batch.objects.filter(kind="cost_line", superseded_at=None)
        for row in batch_lines(batch.batch_id)["source_row"].to_pylist()
    ]


def test_a_statement_comes_from_dimensions_that_add_up_to_it(firm: Path) -> None:
    now = require_run("2026-01", "effective")
    origin = trace_statement(now, "Retail", currency="EUR")

    assert origin.amount == Decimal(statements(consumers=["Retail"]).get(currency="EUR").total)
    assert sum(s.amount for s in origin.sources) == origin.amount
    assert [(s.source, s.dimension["gl_account"], s.amount) for s in origin.sources] == [
        ("ledger", "6010", Decimal("541.66666667")),
        ("ledger", "6500", Decimal("60.06666667")),
        ("ledger", "6500", Decimal("9.9")),
    ]
    steps = [(r.step, r.rule, r.driver, r.source, r.target, str(r.amount)) for r in origin.path]
    assert steps == [
        (0, "cloud", None, None, "Cloud Services / Cloud Service Provider", "60.06666667"),
        (0, "cloud; owned by Retail", None, None, "Cloud Services / Cloud Service Provider",
         "9.90000000"),
        (0, "pay", None, None, "Staffing / Internal Labor", "541.66666667"),
        (1, "pools to towers 1", None, "Staffing / Internal Labor", "Application / Development",
         "541.66666667"),
        (2, "hours", "hours", "Application / Development", "ERP", "375.00000000"),
        (2, "hours", "hours", "Application / Development", "Webshop", "166.66666667"),
        (3, "erp shares", None, "ERP", "Retail", "375.00000000"),
        (3, "orders", "orders", "Webshop", "Retail", "226.73333334"),
    ]  # fmt: skip


def test_a_part_of_a_statement_is_traced_alone(firm: Path) -> None:
    now = require_run("2026-01", "effective")
    part = trace_statement(now, "Retail", currency="EUR", solution="ERP")
    assert part.amount == 375 == sum(s.amount for s in part.sources)
    assert trace_statement(now, "Retail").currency == "EUR"
    with pytest.raises(NoStatement, match="'Logistics' was charged nothing") as refusal:
        trace_statement(now, "Logistics")
    assert refusal.value.code == "statement.none"
    with pytest.raises(NoRun, match="never run") as none:
        require_run("2026-02", "effective")
    assert none.value.code == "run.none"


def test_every_line_is_paid_to_the_last_digit(firm: Path) -> None:
    now = require_run("2026-01", "effective")
    paid: dict[str, Decimal] = {}
    for line_id in ids():
        found = trace_line(now, line(line_id))
        assert sum(p.amount for p in found.payments) == found.amount
        for payment in found.payments:
            if found.currency == "EUR" and payment.consumer:
                before = paid.get(payment.consumer, Decimal(0))
                paid[payment.consumer] = before + payment.amount
    for consumer, amount in paid.items():
        bill = statements(consumers=[consumer]).get(currency="EUR")
        assert abs(amount - Decimal(bill.total)) < Decimal("0.0000001")

    (pay,) = (i for i in ids() if line(i)["effective_cost"] == 1000)
    found = trace_line(now, line(pay))
    assert found.rules == "pay"
    assert [(p.outcome, p.consumer, p.solution) for p in found.payments] == [
        ("allocated", "Retail", "ERP"),
        ("allocated", "Wholesale", "ERP"),
        ("allocated", "Retail", "Webshop"),
        ("retained", None, "ERP"),
        ("allocated", "Wholesale", "Webshop"),
    ]


def test_where_rules_look_at_lines_each_line_goes_its_own_way(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01-31,1000,EUR,1,\n2026-01-31,10,EUR,1,\n2026-01-30,20,EUR,1,\n")
    model(
        "name: Dear things\nconsumers: [Board]\nclassify:\n"
        "  - {name: dear, when: {billed_cost: {above: 500}}, set: {consumer: Board}}\n"
    )
    run()
    now = require_run("2026-01", "effective")
    found = {line(i)["effective_cost"]: trace_line(now, line(i)).payments for i in ids()}
    assert {int(k): [p.consumer for p in v] for k, v in found.items()} == {
        1000: ["Board"], 10: [None], 20: [None],
    }  # fmt: skip
    assert [s.amount for s in trace_statement(now, "Board").sources] == [1000]


def test_an_old_run_answers_as_on_its_first_day(firm: Path) -> None:
    old = require_run("2026-01", "effective")
    first = trace_statement(old, "Retail", currency="EUR")
    ledger(firm, JANUARY.replace("1000.00", "2000.00"))
    run()

    assert require_run("2026-01", "effective").pk != old.pk
    assert trace_statement(old, "Retail", currency="EUR") == first
    with pytest.raises(NoLine, match="imported later") as refusal:
        trace_line(old, line(ids()[0]))
    assert refusal.value.code == "trace.no_line"


def test_below_a_coarser_unit_a_line_keeps_its_rest_visible(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01-31,10.004,EUR,1,\n2026-01-31,0.003,EUR,2,\n")
    model(
        "name: Cents\nscale: 2\nconsumers: [All]\n"
        "steps: [{to: consumer, rules: [{method: direct, target: All}]}]\n"
    )
    run()
    now = require_run("2026-01", "effective")
    for line_id in ids():
        found = trace_line(now, line(line_id))
        assert sum(p.amount for p in found.payments) == found.amount
    origin = trace_statement(now, "All")
    assert sum(s.amount for s in origin.sources) == origin.amount == Decimal("10.01")
