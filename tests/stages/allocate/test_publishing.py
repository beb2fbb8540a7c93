"""Runs that meet, and documents that add up over the fiscal year of their legal entity."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from django.conf import settings
from django.utils import timezone
from tests.stages.allocate.firm import ledger, model, run

from bursar.allocate.errors import RunOverlapped, RunPeriodClosed
from bursar.allocate.inputs import gather_all
from bursar.allocate.issuing import Issued, Payer, issued_in_force
from bursar.allocate.models import ModelVersion, Run, RunPeriod, Statement
from bursar.allocate.publishing import RunHeader, publish_run
from bursar.allocate.queries import require_run, stale_periods, statements
from bursar.allocate.result import PeriodResult
from bursar.allocate.run_files import read_run
from bursar.allocate.statements import write_statements
from bursar.allocate.steps import StepLog, Workplace, compute_period, enter_alike
from bursar.allocate.verification import check_runs
from bursar.core.tables.allocation import ALLOCATED_LINE
from bursar.lake.engines.known import DUCKDB, EngineAddresses, open_engine
from bursar.lake.errors import FileDamaged, FileMissing
from bursar.office.calendar.models import Period, PeriodState
from bursar.office.manifest.models import LakeFile
from bursar.office.reference.entities import default_entity

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

EVEN = (
    "name: Even\nconsumers: [A, B, C]\n"
    "steps: [{to: consumer, rules: [{method: even, targets: [A, B, C]}]}]\n"
)


def header(run_id: str) -> RunHeader:
    return RunHeader(run_id, "effective", "actual", timezone.now(), None)


def computed(run_id: str) -> PeriodResult:
    (inputs,) = gather_all(["2026-01"], basis="effective", scenario="actual")
    with open_engine(DUCKDB, EngineAddresses()) as engine:
        at = Workplace(run_id, Path(settings.LAKE_FOLDER), StepLog(), engine)
        entered = enter_alike([inputs], at)["2026-01"]
        return compute_period(inputs, entered, at=at, replaces=None)


def failed() -> dict[str, str]:
    return {check.name: check.detail for check in check_runs() if not check.ok}


def test_what_was_altered_after_a_run_is_found(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01-15,100.00,EUR,1,\n")
    model(EVEN)
    run()
    assert failed() == {}
    row = RunPeriod.objects.get()
    RunPeriod.objects.update(inputs={**row.inputs, "basis": "billed"})
    assert "altered after it was run" in failed()["inputs of every run"]
    RunPeriod.objects.update(inputs=row.inputs, superseded_at=timezone.now())
    assert "the run is not" in failed()["inputs of every run"]
    RunPeriod.objects.update(superseded_at=None)
    LakeFile.objects.filter(table="allocation_node").update(superseded_at=timezone.now())
    assert "its files are not" in failed()["inputs of every run"]
    LakeFile.objects.filter(table="allocation_node").delete()
    assert "lacks files" in failed()["inputs of every run"]
    ModelVersion.objects.update(text="name: Other")
    assert "Version 1" in failed()["cost model"]


def test_wherever_a_file_of_a_run_is_damaged_it_is_told(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01-15,100.00,EUR,1,\n")
    model(EVEN)
    run()
    path = home / "lake" / LakeFile.objects.get(table="allocated_line").path
    whole, told = path.read_bytes(), set()
    for place in range(4, len(whole), 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        check_runs()
        try:
            read_run(RunPeriod.objects.get(), ALLOCATED_LINE)
        except FileDamaged as refusal:
            told.add(refusal.code)
    assert told == {"lake.file_damaged"}


def test_of_two_runs_that_meet_the_second_publishes_nothing(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01-15,100.00,EUR,1,\n")
    model(EVEN)
    first, second = computed("r1"), computed("r2")
    publish_run(header("r1"), [first], [])
    with pytest.raises(RunOverlapped, match="run again") as refusal:
        publish_run(header("r2"), [second], [])
    assert refusal.value.code == "run.overlapped"
    assert list(Run.objects.values_list("run_id", flat=True)) == ["r1"]
    assert RunPeriod.objects.count() == 1


def test_an_import_that_came_between_stops_the_publication(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01-15,100.00,EUR,1,\n")
    model(EVEN)
    result = computed("r1")
    ledger(tmp_path, "2026-01-15,101.00,EUR,1,\n")
    with pytest.raises(RunOverlapped):
        publish_run(header("r1"), [result], [])
    assert Statement.objects.count() == 0


def test_the_year_to_date_begins_anew_with_the_entitys_fiscal_year(
    home: Path, tmp_path: Path
) -> None:
    entity = default_entity()
    entity.fiscal_start_month = 4
    entity.save()
    ledger(tmp_path, "".join(f"2026-0{month}-15,100.00,EUR,1,\n" for month in range(1, 6)))
    model(EVEN)
    run()
    printed = [b.document_total for b in statements(consumers=["A"]).order_by("period")]
    # January to March end one fiscal year at exactly 100.00; April begins the next.
    assert printed == ["33.33", "33.34", "33.33", "33.33", "33.34"]
    before = issued_in_force("effective", "actual").before("2026-05")
    assert before[Payer("A", "main", "EUR")].printed == Decimal("33.33")


def line(consumer: str, amount: str, tower: str | None = None) -> dict[str, object]:
    return {
        "period": "2026-02", "scenario": "actual", "basis": "effective", "legal_entity": "main",
        "currency": "EUR", "node_id": 0, "outcome": "allocated", "cost_pool": None, "tower": tower,
        "solution": None, "consumer": consumer, "amount": Decimal(amount), "reason": None,
    }  # fmt: skip


def test_a_cent_of_earlier_months_is_printed_even_where_this_month_is_zero() -> None:
    lines = pa.Table.from_pylist(
        [line("A", "0.004", "x"), line("A", "-0.004", "y"), line("B", "-10.005")],
        schema=ALLOCATED_LINE.schema,
    )
    earlier = {Payer("A", "main", "EUR"): Issued(Decimal("10.006"), Decimal("10.00"))}
    a, b = write_statements(lines, run_id="r1", issued=earlier)
    assert (a.total, a.document_total) == (0, Decimal("0.01"))
    assert sum(Decimal(row["document_amount"] or 0) for row in a.lines) == Decimal("0.01")
    assert (b.document_total, b.lines[0]["document_amount"]) == (Decimal("-10.01"), "-10.01")
    assert a.statement_id != b.statement_id


def test_an_altered_statement_or_balance_is_found(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01-15,100.00,EUR,1,\n")
    model(EVEN)
    run()
    bill = statements(consumers=["A"]).get()
    Statement.objects.filter(pk=bill.pk).update(total="99")
    assert f"Statement {bill.statement_id} was altered" in failed()["statements"]
    now = require_run("2026-01", "effective")
    now.balance[0]["allocated"] = "100.01"
    now.save()
    found = failed()["balance of every run"]
    assert "allocated is 100 in the files and 100.01 in the balance" in found


def test_a_file_of_the_ledger_that_is_gone_is_named(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01-15,100.00,EUR,1,\n")
    (gone,) = (home / "lake").rglob("cube_month.parquet")
    gone.unlink()
    with pytest.raises(FileMissing, match=r"cube_month\.parquet of the lake is gone") as refusal:
        run()
    assert refusal.value.code == "lake.file_missing"
    assert Run.objects.count() == 0


def test_a_closed_period_stands_whatever_the_model_becomes(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01-15,100.00,EUR,1,\n2026-02-15,100.00,EUR,1,\n")
    model(EVEN)
    run()
    Period.objects.filter(code="2026-01").update(state=PeriodState.CLOSED)
    model(EVEN.replace("targets: [A, B, C]", "targets: [A]"))

    assert stale_periods(basis="effective") == ["2026-02"]
    run()
    assert [b.period for b in statements(consumers=["B"])] == ["2026-01"]
    with pytest.raises(RunPeriodClosed, match="2026-01 is closed") as refusal:
        run(periods=["2026-01"])
    assert refusal.value.code == "run.period_closed"
    Period.objects.update(state=PeriodState.CLOSED)
    with pytest.raises(RunPeriodClosed, match="2026-01 to 2026-02"):
        run()
