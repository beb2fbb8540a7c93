"""What a run charged as split charges of FOCUS: exact ratios, whole origins, a clean check."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.stages.allocate.firm import drivers, ledger, model, run
from tests.stages.allocate.test_run_model import DRIVERS, JANUARY

from bursar.allocate.errors import NoRun
from bursar.allocate.models import RunPeriod, Statement
from bursar.connect.conformance.checking import check
from bursar.office.people.scope import Scope
from bursar.report.errors import BeyondScope, UnknownKind
from bursar.report.split_charges import export_split_charges

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
MARKED_UP = """
name: Marked up
consumers: [Retail, Wholesale, Logistics]
solutions: [Mail, Rest]
rates: [{name: seat, driver: seats, unit: seat, currency: EUR, price: 30}]
classify:
  - {name: mail, when: {gl_account: "6010"}, set: {solution: Mail}}
  - {name: rest, set: {solution: Rest}}
steps:
  - name: to units
    to: consumer
    rules:
      - {name: mail, when: {solution: Mail}, method: even, targets: [Retail, Logistics], markup: 7}
      - name: rest
        when: {solution: Rest}
        method: rate
        difference: recovery
        rates: [seat]
"""


def exported(folder: Path, period: str = "2026-01") -> list[dict[str, str]]:
    path = folder / "charges.csv"
    done = export_split_charges(Scope.all(), path, period=period)
    with path.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert done.rows == len(rows)
    assert done.origins == len({row["AllocatedResourceId"] for row in rows})
    return rows


def require_whole(rows: list[dict[str, str]]) -> None:
    """Rules SC1 and SC2, added up here from the texts of the file."""
    for origin in {row["AllocatedResourceId"] for row in rows}:
        mine = [row for row in rows if row["AllocatedResourceId"] == origin]
        assert sum(Decimal(row["EffectiveCost"]) for row in mine) == Decimal(
            mine[0]["x_OriginCost"]
        )
        ratios = [Decimal(row["x_AllocatedRatio"]) for row in mine if row["x_AllocatedRatio"]]
        assert sum(ratios) == 1
        assert all(0 <= ratio <= 1 for ratio in ratios)
    for row in rows:
        told = row["AllocatedMethodDetails"]
        ratio = json.loads(told, parse_float=Decimal, parse_int=Decimal) if told else None
        assert (ratio is None) == (row["x_AllocatedRatio"] == "")
        if ratio:
            [element] = ratio["Elements"]
            assert element["AllocatedRatio"] == Decimal(row["x_AllocatedRatio"])


def test_parts_are_the_statements_and_origins_are_the_cost(home: Path, tmp_path: Path) -> None:
    """Rules SC1 and SC2."""
    ledger(tmp_path, JANUARY)
    drivers(tmp_path, DRIVERS)
    model()
    run()
    rows = exported(tmp_path)
    require_whole(rows)
    for statement in Statement.objects.all():
        mine = [
            Decimal(row["EffectiveCost"]) for row in rows
            if (row["x_Consumer"], row["BillingCurrency"])
            == (statement.consumer, statement.currency)
        ]  # fmt: skip
        assert sum(mine) == Decimal(statement.total)
    for line in RunPeriod.objects.get().balance:
        amounts = [
            Decimal(row["EffectiveCost"]) for row in rows
            if (row["BillingAccountId"], row["BillingCurrency"])
            == (line["legal_entity"], line["currency"])
        ]  # fmt: skip
        assert sum(amounts) == Decimal(line["cost_in"])


def test_what_goes_against_its_origin_is_an_adjustment(home: Path, tmp_path: Path) -> None:
    """Rule SC3: the other side of a markup, and what rates charge beyond the cost."""
    ledger(
        tmp_path,
        "2026-01-15,100.00,EUR,6010,\n2026-01-20,50.00,EUR,6500,\n2026-01-21,-9.99,USD,6010,\n",
    )
    drivers(tmp_path, "seats,2026-01,,Retail,1\nseats,2026-01,,Wholesale,2\n")
    model(MARKED_UP)
    run()
    rows = exported(tmp_path)
    require_whole(rows)
    told = {
        (row["x_Outcome"], row["x_Consumer"], row["BillingCurrency"]): (
            row["EffectiveCost"], row["x_AllocatedRatio"], row["ChargeCategory"],
        )
        for row in rows
    }  # fmt: skip
    assert told["markup", "", "EUR"] == ("-7", "", "Adjustment")
    assert told["recovery_gap", "", "EUR"] == ("-40", "", "Adjustment")
    assert told["allocated", "Wholesale", "EUR"] == ("60", "0.666666666666666667", "Usage")
    assert told["allocated", "Logistics", "EUR"] == ("53.5", "0.5", "Usage")
    assert told["allocated", "Retail", "USD"][2] == "Usage"  # a credit goes its own way


def test_the_file_keeps_what_focus_demands(home: Path, tmp_path: Path) -> None:
    """Rule SC4: nothing that the standard forbids, by its own rules."""
    ledger(tmp_path, JANUARY)
    drivers(tmp_path, DRIVERS)
    model()
    run()
    exported(tmp_path)
    found = check([tmp_path / "charges.csv"])
    assert [f.rule for f in found.failures if f.level in ("MUST", "MUST NOT")] == []
    assert found.is_conformant
    done = export_split_charges(
        Scope.all(), tmp_path / "charges.parquet", period="2026-01", format="parquet"
    )
    assert pq.read_metadata(tmp_path / "charges.parquet").num_rows == done.rows


def test_it_is_for_those_who_see_everything(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    with pytest.raises(BeyondScope):
        export_split_charges(Scope.of_roots(["Retail"]), path, period="2026-01")
    with pytest.raises(UnknownKind):
        export_split_charges(Scope.all(), path, period="2026-01", format="xls")
    with pytest.raises(NoRun):
        export_split_charges(Scope.all(), path, period="2026-01")
    assert not path.exists()
