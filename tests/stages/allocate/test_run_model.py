"""A run from files to statements: every unit rests somewhere, and the same inputs give the same."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.stages.allocate.firm import MODEL, drivers, ledger, model, run, terms

from bursar.allocate.errors import (
    DraftPublished,
    DriverTargetUnknown,
    ModelHasProblems,
    NothingToRun,
    UnknownBasis,
    UnknownRunPeriod,
    UnknownScenario,
)
from bursar.allocate.models import Run, RunPeriod, Statement
from bursar.allocate.queries import (
    allocated_lines,
    require_run,
    runs_in_force,
    stale_periods,
    statements,
    unclassified,
)
from bursar.allocate.verification import check_runs
from bursar.lake.engines.known import ENGINES
from bursar.lake.errors import EngineMissing, UnknownEngine
from bursar.office.journal.models import Entry
from bursar.office.manifest.models import LakeFile
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

JANUARY = """\
2026-01-31,1000.00,EUR,6010,
2026-01-31,90.10,EUR,6500,
2026-01-31,9.90,EUR,6500,R1
2026-01-31,7.77,EUR,9999,
2026-01-31,50.00,USD,6010,
"""
DRIVERS = """\
hours,2026-01,,Webshop,1
hours,2026-01,,ERP,3
orders,2026-01,,Retail,2
orders,2026-01,,Wholesale,1
"""


@pytest.fixture
def firm(home: Path, tmp_path: Path) -> Path:
    ledger(tmp_path, JANUARY)
    drivers(tmp_path, DRIVERS)
    model()
    return tmp_path


def files(lake: Path) -> list[str]:
    return sorted(str(p.relative_to(lake)) for p in lake.rglob("*") if p.is_file())


def test_an_accountant_can_follow_it(firm: Path, home: Path) -> None:
    outcome = run()

    # Pay 1000: a quarter (hours 1:3) to Webshop, the rest to ERP, which keeps 20 %.
    # Webshop 250 + 90.10 goes 2:1 to Retail and Wholesale; 9.90 is Retail's own; 7.77 is unknown.
    assert terms(outcome, "2026-01") == {
        "cost_in": "1107.77",
        "allocated": "950",
        "retained": "150",
        "unallocated": "7.77",
    }
    assert terms(outcome, "2026-01", "USD") == {
        "cost_in": "50", "allocated": "42.5", "retained": "7.5",
    }  # fmt: skip
    bill = statements(consumers=["Retail"]).get(currency="EUR")
    assert (bill.total, bill.document_total) == ("611.63333334", "611.63")
    assert [
        (line["solution"], line["tower"], line["amount"], line["document_amount"])
        for line in bill.lines
    ] == [
        ("ERP", "Application / Development", "375", "375"),
        ("Webshop", "Application / Development", "166.66666667", "166.67"),
        ("Webshop", "Compute / Servers", "69.96666667", "69.96"),
    ]
    assert bill.statement_id.startswith("S-2026-01-retail-")
    assert all(c.ok for c in check_runs()), check_runs()
    (unknown,) = unclassified(require_run("2026-01", "effective"))
    assert (unknown.amount, unknown.columns["gl_account"]) == (Decimal("7.77"), "9999")
    assert outcome["problems"] == [
        {
            "period": "2026-01",
            "code": "run.unclassified",
            "message": "No classification rule set a cost pool.",
            "amount": "7.77",
            "currency": "EUR",
        }
    ]
    assert [step["name"] for step in outcome["steps"]] == [
        "classify (cubes)", "allocate", "write statements", "write files",
    ]  # fmt: skip
    (entry,) = Entry.objects.filter(act="allocate.run_model")
    assert entry.subject == outcome["run_id"]
    assert list(entry.detail["periods"]) == ["2026-01"]


def test_statements_add_up_to_what_was_allocated(firm: Path) -> None:
    outcome = run()
    for row in outcome["balance"]:
        totals = Statement.objects.filter(currency=row["currency"]).values_list("total", flat=True)
        assert sum(map(Decimal, totals)) == Decimal(row["allocated"])


def test_the_same_again_changes_nothing_and_says_so(firm: Path, home: Path) -> None:
    first = run()
    before = files(home / "lake")

    again = run()

    assert again["unchanged"] == ["2026-01"]
    assert again["run_id"] == first["run_id"]
    assert again["balance"] == first["balance"]
    assert Run.objects.count() == 1
    assert files(home / "lake") == before


def test_a_dry_run_equals_the_run_and_leaves_nothing(firm: Path, home: Path) -> None:
    run()
    model(MODEL.replace("Retail: 50", "Retail: 60"))
    rows = (Run.objects.count(), Entry.objects.count(), LakeFile.objects.count())
    before = files(home / "lake")

    dry = run(dry_run=True)

    assert (Run.objects.count(), Entry.objects.count(), LakeFile.objects.count()) == rows
    assert files(home / "lake") == before
    assert [r for r in dry["difference"] if r["currency"] == "EUR"] == [
        {
            "period": "2026-01", "legal_entity": "main", "currency": "EUR",
            "outcome": "allocated", "consumer": "Retail", "before": "611.63333334",
            "after": "686.63333334", "difference": "75",
        },
        {
            "period": "2026-01", "legal_entity": "main", "currency": "EUR",
            "outcome": "retained", "consumer": None, "before": "150",
            "after": "75", "difference": "-75",
        },
    ]  # fmt: skip
    wet = run()
    assert wet["balance"] == dry["balance"]
    assert wet["difference"] == []


def test_a_draft_is_tried_before_it_is_applied(firm: Path) -> None:
    run()
    draft = MODEL.replace("Retail: 50", "Retail: 60")
    tried = run(dry_run=True, draft=draft, periods=["2026-01"])
    assert [r["difference"] for r in tried["difference"] if r["currency"] == "EUR"] == ["75", "-75"]
    assert require_run("2026-01", "effective").model_version.number == 1
    with pytest.raises(DraftPublished) as published:
        run(draft=draft)
    with pytest.raises(ModelHasProblems, match="line 2"):
        run(dry_run=True, draft="name: x\nbasis: cash\n")
    assert published.value.code == "run.draft_published"


def test_a_new_run_supersedes_and_the_old_one_stays_readable(firm: Path) -> None:
    run()
    old = require_run("2026-01", "effective")
    model(MODEL.replace("Retail: 50", "Retail: 60"))
    run()

    old.refresh_from_db()
    assert old.superseded_at is not None
    assert old.statements.get(consumer="Retail", currency="EUR").total == "611.63333334"
    assert len(runs_in_force()) == 1
    assert allocated_lines(basis="effective").num_rows > 0
    assert LakeFile.objects.filter(table="allocated_line", superseded_at=None).count() == 1


def test_without_any_model_everything_is_visibly_unclassified(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, JANUARY)
    outcome = run()
    assert terms(outcome, "2026-01") == {"cost_in": "1107.77", "unallocated": "1107.77"}
    lines = allocated_lines(basis="effective").to_pylist()
    assert {line["outcome"] for line in lines} == {"unallocated"}
    assert all("no classification rule" in line["reason"] for line in lines)
    assert {p["code"] for p in outcome["problems"]} == {"run.no_model", "run.unclassified"}
    assert Statement.objects.count() == 0
    assert all(c.ok for c in check_runs())


def test_a_driver_that_is_missing_or_zero_is_named_and_loses_nothing(
    home: Path, tmp_path: Path
) -> None:
    ledger(tmp_path, JANUARY)
    drivers(tmp_path, "orders,2026-01,,Retail,0\norders,2026-01,,Wholesale,0\n")
    model()

    outcome = run()

    assert terms(outcome, "2026-01") == {
        "cost_in": "1107.77", "allocated": "9.9", "unallocated": "1097.87",
    }  # fmt: skip
    codes = {p["code"]: p for p in outcome["problems"] if p["currency"] == "EUR"}
    assert "'hours' has no rows" in codes["allocate.driver_missing"]["message"]
    assert codes["allocate.driver_missing"]["amount"] == "1000"
    assert "'orders' is zero" in codes["allocate.driver_zero"]["message"]
    assert codes["allocate.driver_zero"]["amount"] == "90.1"
    assert codes["run.unclassified"]["amount"] == "7.77"


def test_a_driver_for_somebody_who_does_not_exist_stops_the_run(firm: Path, home: Path) -> None:
    drivers(firm, "orders,2026-01,,Retial,5\n", source="more")
    before = files(home / "lake")
    with pytest.raises(DriverTargetUnknown) as refusal:
        run()
    assert refusal.value.code == "run.unknown_driver_target"
    assert "more.csv, row 1) names the consumer 'Retial'" in refusal.value.message
    assert "Did you mean 'Retail'?" in refusal.value.message
    assert (Run.objects.count(), files(home / "lake")) == (0, before)


def test_a_rule_on_amounts_takes_the_line_path(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, JANUARY)
    model(
        """\
name: Dear things
taxonomy: tbm-5.0
consumers: [Board]
classify:
  - {name: dear, when: {billed_cost: {above: 500}}, set: {consumer: Board}}
  - {name: any, set: {cost_pool: Misc Costs / Other Operating}}
"""
    )
    outcome = run()
    assert outcome["steps"][0]["name"] == "classify (lines)"
    assert terms(outcome, "2026-01") == {
        "cost_in": "1107.77", "allocated": "1000", "unallocated": "107.77",
    }  # fmt: skip
    assert all(c.ok for c in check_runs())


def test_a_coarser_scale_shows_what_lies_below_it(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01-31,10.004,EUR,1,\n2026-01-31,0.003,EUR,2,\n2026-01-31,-5,EUR,3,\n")
    model(
        "name: Cents\nscale: 2\nconsumers: [All]\n"
        "steps: [{to: consumer, rules: [{method: direct, target: All}]}]\n"
    )
    outcome = run()
    assert terms(outcome, "2026-01") == {
        "cost_in": "5.007", "allocated": "5.01", "rounding": "-0.003",
    }  # fmt: skip
    assert all(c.ok for c in check_runs())


def test_amounts_near_the_largest_and_the_smallest_stay_exact(home: Path, tmp_path: Path) -> None:
    ledger(
        tmp_path,
        "2026-01-31,99999999999998,EUR,6500,\n2026-01-31,0.000000000000000000000001,EUR,6500,\n",
    )
    drivers(tmp_path, DRIVERS)
    model()
    outcome = run()
    whole = "99999999999998.000000000000000000000001"
    assert terms(outcome, "2026-01") == {"cost_in": whole, "allocated": whole}
    assert all(c.ok for c in check_runs())


def test_what_cannot_be_run_is_refused_by_name(home: Path, tmp_path: Path) -> None:
    with pytest.raises(NothingToRun, match="Import a file first") as nothing:
        run()
    ledger(tmp_path, JANUARY)
    with pytest.raises(NothingToRun, match="no cost in 2026-02") as empty:
        run(periods=["2026-02"])
    with pytest.raises(UnknownRunPeriod, match="2026-13") as period:
        run(periods=["2026-13"])
    with pytest.raises(UnknownBasis, match="'cash'") as basis:
        run(basis="cash")
    with pytest.raises(UnknownScenario, match="'hope'") as scenario:
        run(scenario="hope")
    with pytest.raises(UnknownEngine, match="'abacus'") as engine:
        run(engine="abacus")
    assert [e.value.code for e in (nothing, empty, period, basis, scenario, engine)] == [
        "run.no_cost", "run.no_cost", "run.unknown_period", "run.unknown_basis",
        "run.unknown_scenario", "run.unknown_engine",
    ]  # fmt: skip
    auditor = User.objects.create(username="a", email="a@example.org", role=Role.AUDITOR)
    from bursar.allocate.actions.run_model import run_model

    with pytest.raises(NotAllowed):
        run_model(acting_user=auditor)
    assert Run.objects.count() == 0


def test_an_engine_that_is_not_here_is_named_with_what_it_lacks(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Rule EN4: nothing is run on an engine that cannot answer."""
    ledger(tmp_path, "2026-01-15,100.00,EUR,6010,\n")
    assert ENGINES == ("duckdb", "postgres", "spark")
    with pytest.raises(EngineMissing, match="BURSAR_SPARK_URL") as nowhere:
        run(engine="spark")
    assert nowhere.value.code == "run.engine_missing"
    if connection.vendor == "sqlite":
        with pytest.raises(EngineMissing, match="DATABASE_URL"):
            run(engine="postgres")
    settings.SPARK_URL = "local[1]"
    monkeypatch.setitem(sys.modules, "sqlglot", None)  # as where it is not installed
    with pytest.raises(EngineMissing, match=r"pip install 'bursar\[spark\]'"):
        run(engine="spark")
    assert not Run.objects.exists()
    assert not list(home.glob("lake/allocation*"))


def test_nobody_gains_a_cent_every_month(home: Path, tmp_path: Path) -> None:
    months = [f"2026-{month:02d}" for month in range(1, 13)]
    ledger(tmp_path, "".join(f"{month}-15,100.00,EUR,1,\n" for month in months))
    model(
        "name: Thirds\nconsumers: [A, B, C]\n"
        "steps: [{to: consumer, rules: [{method: even, targets: [C, A, B]}]}]\n"
    )
    run()
    for consumer in "ABC":
        charged = exact = Decimal(0)
        for bill in statements(consumers=[consumer]).order_by("period"):
            charged += Decimal(bill.document_total)
            exact += Decimal(100) / 3
            assert abs(charged - exact) <= Decimal("0.0051"), (consumer, bill.period)
        assert charged == 400
    assert stale_periods(basis="effective") == []


def test_a_restated_month_makes_the_later_ones_stale_and_the_next_run_repairs_them(
    home: Path, tmp_path: Path
) -> None:
    ledger(tmp_path, "2026-01-15,100.00,EUR,1,\n2026-02-15,100.00,EUR,1,\n2027-01-15,1,EUR,1,\n")
    model(
        "name: Thirds\nconsumers: [A, B, C]\n"
        "steps: [{to: consumer, rules: [{method: even, targets: [A, B, C]}]}]\n"
    )
    run()
    before = {b.consumer: b.document_total for b in statements(periods=["2026-02"])}
    assert before == {"A": "33.34", "B": "33.34", "C": "33.34"}

    restated = "posting_date,amount,currency,gl_account\n2026-01-15,100.02,EUR,1\n"
    (tmp_path / "r.csv").write_text(restated)
    from bursar.record.actions.import_files import import_files

    import_files(paths=[tmp_path / "r.csv"], acting_user=None, source="ledger", format="ledger")
    assert stale_periods(basis="effective") == ["2026-01"]
    outcome = run(periods=["2026-01"])
    assert outcome["unchanged"] == []
    assert stale_periods(basis="effective") == ["2026-02"]

    outcome = run()
    assert outcome["unchanged"] == ["2026-01", "2027-01"]
    after = {b.consumer: b.document_total for b in statements(periods=["2026-02"])}
    assert after == {"A": "33.33", "B": "33.33", "C": "33.33"}
    assert RunPeriod.objects.filter(period="2026-02").count() == 2
    assert all(c.ok for c in check_runs())
