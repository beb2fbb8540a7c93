"""The ledger as FOCUS 1.4: every line, the same sums, and what the standard wants filled."""

from __future__ import annotations

import csv
import gzip
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.stages.record.bills import APRIL, bill

from bursar.connect.conformance.checking import check
from bursar.office.people.scope import Scope
from bursar.record.actions.import_files import import_files
from bursar.report.errors import BeyondScope, UnknownKind
from bursar.report.focus_export import export_focus

pytestmark = pytest.mark.django_db
LEDGER = """posting_date,amount,currency,vendor,gl_account,cost_center,description
2025-03-31,1200.10,EUR,Teknova Oy,6310,7110,Licences
2025-03-31,-0.000000000000000000000001,EUR,,6310,7110,A correction
"""


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    lines = [{"BilledCost": "10.25", "x_project": "apollo", "ChargeFrequency": "usage-based"},
             {"BilledCost": "3", **APRIL}]  # fmt: skip
    import_files(paths=[bill(tmp_path / "bill.csv", lines)], acting_user=None)
    ledger = tmp_path / "gl.csv"
    ledger.write_text(LEDGER)
    import_files(paths=[ledger], acting_user=None)
    return tmp_path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_every_line_is_there_with_the_same_sums(recorded: Path) -> None:
    done = export_focus(Scope.all(), recorded / "out.csv")
    rows = rows_of(recorded / "out.csv")
    assert done.rows == len(rows) == 4
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal(
        "1213.349999999999999999999999"
    )
    assert done.totals == (
        ("EUR", "1213.349999999999999999999999", "1202.099999999999999999999999"),
    )
    assert done.periods == ("2025-03", "2025-04")


def test_what_the_standard_wants_filled_is_filled_and_said(recorded: Path) -> None:
    export_focus(Scope.all(), recorded / "out.csv")
    [licences] = [r for r in rows_of(recorded / "out.csv") if r["ChargeDescription"] == "Licences"]
    assert licences["InvoiceIssuerName"] == licences["ServiceProviderName"] == "Teknova Oy"
    assert licences["ServiceCategory"] == "Other"
    assert licences["ListCost"] == licences["ContractedCost"] == "1200.1"
    assert (licences["BillingPeriodStart"], licences["BillingPeriodEnd"]) == (
        "2025-03-01T00:00:00Z", "2025-04-01T00:00:00Z",
    )  # fmt: skip
    assert licences["x_GlAccount"] == "6310"


def test_columns_of_a_file_keep_their_prefix_and_words_are_spelled(recorded: Path) -> None:
    export_focus(Scope.all(), recorded / "out.csv", periods=["2025-03"])
    [first] = [r for r in rows_of(recorded / "out.csv") if r["x_project"]]
    assert (first["x_project"], first["ChargeFrequency"]) == ("apollo", "Usage-Based")
    assert "CapacityReservationId" not in first


def test_it_follows_the_rules_that_a_line_can_follow(recorded: Path) -> None:
    export_focus(Scope.all(), recorded / "out.csv")
    found = check([recorded / "out.csv"])
    assert found.version == "1.4"
    wrong = {f.rule for f in found.failures if f.level.startswith("MUST")}
    # Prices and SKUs that no file stated cannot be made up.
    assert {rule.partition("-")[0] for rule in wrong} <= {
        "SkuId", "SkuPriceId", "ListUnitPrice", "ContractedUnitPrice", "PricingCategory",
        "PricingQuantity", "PricingUnit", "ConsumedQuantity", "ConsumedUnit",
    }  # fmt: skip


@pytest.mark.parametrize("format", ["csv", "csv.gz", "parquet"])
def test_all_formats_hold_the_same_lines(recorded: Path, format: str) -> None:
    path = recorded / f"out.{format}"
    export_focus(Scope.all(), path, format=format)
    if format == "parquet":
        costs = [Decimal(v) for v in pq.read_table(path)["BilledCost"].to_pylist()]
    else:
        raw = gzip.decompress(path.read_bytes()) if format == "csv.gz" else path.read_bytes()
        costs = [Decimal(r["BilledCost"]) for r in csv.DictReader(raw.decode().splitlines())]
    assert sorted(costs) == sorted(
        map(Decimal, ["10.25", "3", "1200.10", "-0.000000000000000000000001"])
    )
    assert sorted(p.name for p in recorded.iterdir() if p.name.startswith(".")) == []


def test_who_sees_part_of_the_cost_gets_no_ledger(recorded: Path) -> None:
    with pytest.raises(BeyondScope):
        export_focus(Scope.of_roots(["Retail"]), recorded / "out.csv")
    with pytest.raises(UnknownKind):
        export_focus(Scope.all(), recorded / "out.csv", format="xml")
    assert not (recorded / "out.csv").exists()


def test_an_empty_ledger_gives_a_header(tmp_path: Path) -> None:
    assert export_focus(Scope.all(), tmp_path / "out.csv").rows == 0
    assert (tmp_path / "out.csv").read_text().startswith("BilledCost,")
