"""Cost entered by hand in every figure: on the next question, and never twice.

Rules D10, D11, D12 and D17 of docs/spec/documents.md, on the hand-worked company.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.stages.record.vouchers import draft, enter
from tests.stages.report.conftest import installation

from bursar.allocate.actions.run_model import run_model
from bursar.office.people.scope import Scope
from bursar.record.actions.reverse_document import reverse_document
from bursar.record.documents.settling import settle
from bursar.report.bill_of_it import statements
from bursar.report.choices import choices
from bursar.report.costs import Costs, costs
from bursar.report.lines import cost_line, cost_lines, export_lines
from bursar.report.overview import overview
from bursar.report.trace import trace_line
from bursar.report.unclassified import unclassified

pytestmark = pytest.mark.django_db
ALL, HERS = Scope.all(), Scope.of_roots(["Retail"])
FEBRUARY = date(2026, 2, 10)
CLOUD = "Cloud Services / Cloud Service Provider"


@pytest.fixture
def company(db: None, tmp_path: Path) -> Iterator[dict[str, Path]]:
    """Imported and run, for one test alone."""
    with installation(tmp_path, run=True) as files:
        yield files


def february(scope: Scope = ALL, **asked: Any) -> Costs:
    return costs(scope, **{"by": [], "periods": ["2026-02"], **asked})


def euros(found: Costs) -> Decimal:
    return next((t.amount for t in found.totals if t.currency == "EUR"), Decimal(0))


def payroll(amount: str, **given: Any) -> Any:
    """A document whose line the model's rule `payroll` takes."""
    line = replace(draft(amount).lines[0], gl_account="6100")
    return enter(lines=(line,), date=FEBRUARY, description="Bonus", **given)


VIEWS: tuple[dict[str, Any], ...] = (
    {"by": []}, {"by": ["cost_pool"]}, {"by": ["consumer"]}, {"by": ["business_unit"]},
    {"by": ["cost_pool", "source"]}, {"by": ["source"]}, {"by": ["day"]}, {"by": ["vendor"]},
    {"by": ["legal_entity", "period"]},
)  # fmt: skip


@pytest.mark.usefixtures("company")
def test_every_view_of_cost_has_it_on_the_next_question() -> None:
    """Rules D10 and D11."""
    before = [euros(february(**asked)) for asked in VIEWS]
    made = payroll("1000.000000000000000000000001")
    added = Decimal("1000.000000000000000000000001")
    after = [euros(february(**asked)) for asked in VIEWS]
    assert after == [amount + added for amount in before]
    for amount in (str(n) for n in range(1, 8)):
        payroll(amount)
    assert euros(february()) == before[0] + added + 28
    reverse_document(acting_user=None, number=made.number, reason="Not granted")
    assert [euros(february(**asked)) for asked in VIEWS] == [amount + 28 for amount in before]


@pytest.mark.usefixtures("company")
def test_it_rests_unallocated_as_the_rules_of_the_run_classify_it() -> None:
    """Rule D11: classified at entry, without an owner, and told."""
    assert february().notes == ()
    payroll("500")
    enter("7", date=FEBRUARY)
    rows = {
        (r.dimensions["cost_pool"], r.dimensions["consumer"]): r.amount
        for r in february(
            by=["cost_pool", "consumer"], filters=[("reason", "entered since the run")]
        ).rows
    }
    assert rows == {
        ("Staffing / Internal Labor", "Unallocated"): 500, ("Unclassified", "Unallocated"): 7,
    }  # fmt: skip
    assert any("2 lines entered since the run" in note for note in february().notes)
    classified = february(by=["cost_pool", "source"], filters=[("source", "documents")])
    found = {r.dimensions["cost_pool"]: r.amount for r in classified.rows}
    assert found == {"Staffing / Internal Labor": 500, "Unclassified": 7}
    queue = unclassified(ALL, periods=["2026-02"]).rows
    assert any(r.amount == 7 and r.columns.get("source") == "documents" for r in queue)


@pytest.mark.usefixtures("company")
def test_the_overview_has_it_and_a_restricted_scope_has_not() -> None:
    """Rule D11."""
    before, hers = overview(ALL), overview(HERS)
    total = {k.key: k.amount for k in before.kpis}
    payroll("500")
    after = overview(ALL)
    now = {k.key: k.amount for k in after.kpis}
    assert now["total"] == total["total"] + 500
    assert now["unallocated"] == total["unallocated"] + 500
    assert sum(m.amount for m in after.months) == sum(m.amount for m in before.months) + 500
    assert after.flow.total == before.flow.total + 500
    assert any("entered since" in note for note in after.notes)
    assert overview(HERS).to_json() == hers.to_json()
    told = [s.to_json() for s in statements(ALL, periods=["2026-02"]).statements]
    payroll("1")
    assert [s.to_json() for s in statements(ALL, periods=["2026-02"]).statements] == told


@pytest.mark.usefixtures("company")
def test_a_run_takes_it_in() -> None:
    """Rule D12: settled by the run, allocated like all other cost, and no note is left."""
    payroll("500")
    total = euros(february())
    run_model(acting_user=None)
    assert (euros(february()), february().notes) == (total, ())
    assert february(filters=[("reason", "entered since the run")]).rows == ()
    owners = february(by=["consumer"], filters=[("cost_pool", "Staffing / Internal Labor")])
    assert "Unallocated" not in {r.dimensions["consumer"] for r in owners.rows}
    payroll("1")
    assert euros(february()) == total + 1


@pytest.mark.usefixtures("company")
def test_what_was_settled_without_a_run_still_counts() -> None:
    """Rule D11: a batch that the run does not know is added as its live lines were."""
    payroll("500")
    run_model(acting_user=None)
    payroll("20")
    enter("3", date=FEBRUARY)
    total, pools = euros(february()), february(by=["cost_pool"]).rows
    settle(None)
    assert (euros(february()), february(by=["cost_pool"]).rows) == (total, pools)
    assert any("2 lines entered since" in note for note in february().notes)
    payroll("1000")
    assert euros(february()) == total + 1000
    classified = february(by=["cost_pool", "source"], filters=[("source", "documents")])
    assert {r.dimensions["cost_pool"]: r.amount for r in classified.rows} == {
        "Staffing / Internal Labor": 1520, "Unclassified": 3,
    }  # fmt: skip


@pytest.mark.usefixtures("company")
def test_a_period_that_has_nothing_but_documents() -> None:
    enter("42", date=date(2026, 5, 2))
    assert choices(ALL).periods[0] == "2026-05"
    assert choices(HERS).periods[0] == "2026-02"
    found = costs(ALL, by=["cost_pool"], periods=["2026-05"])
    assert [(r.dimensions, r.amount) for r in found.rows] == [({"cost_pool": "Unclassified"}, 42)]
    assert costs(ALL, by=["tower"], periods=["2026-05"], filters=[("tower", "x")]).rows == ()
    outcome = run_model(acting_user=None, periods=["2026-05"])
    assert [b["cost_in"] for b in outcome.balance] == ["42"]


@pytest.mark.usefixtures("company")
def test_lines_and_their_traces() -> None:
    """Rules D10 and D17."""
    before = cost_lines(ALL, periods=["2026-02"])
    made = payroll("90000.5", vendor="Staff & Co")
    line_id = f"d{made.pk}-1"
    found = cost_lines(ALL, periods=["2026-02"])
    assert (found.count, found.rows[0]["line_id"]) == (before.count + 1, line_id)
    assert dict(found.totals)["EUR"] == dict(before.totals)["EUR"] + Decimal("90000.5")
    second = cost_lines(ALL, periods=["2026-02"], offset=1)
    assert [r["line_id"] for r in second.rows] == [r["line_id"] for r in before.rows]
    assert [r["line_id"] for r in cost_lines(ALL, filters=[("vendor", "Staff & Co")]).rows] == [
        line_id
    ]
    day = cost_lines(ALL, filters=[("day", "2026-02-10")])
    assert [r["line_id"] for r in day.rows] == [line_id]
    exported = "".join(export_lines(ALL, filters=[("source", "documents")]))
    assert line_id in exported
    assert "90000.5" in exported
    assert cost_line(ALL, line_id=line_id)["record_ref"] == f"document {made.number}-1"
    payers = trace_line(ALL, line_id=line_id)
    assert [(p.consumer, p.amount, p.reason) for p in payers.payers] == [
        ("Unallocated", Decimal("90000.5"), "entered since the run")
    ]
    run_model(acting_user=None)
    traced = trace_line(ALL, line_id=line_id)
    assert sum(p.amount for p in traced.payers) == Decimal("90000.5")
    assert {p.consumer for p in traced.payers} != {"Unallocated"}


@pytest.mark.usefixtures("recorded")
def test_before_any_run() -> None:
    total = euros(february())
    payroll("500")
    assert euros(february(by=["cost_pool"])) == total + 500
    assert euros(february(by=["source"])) == total + 500
    assert overview(ALL).period == "2026-02"
