"""Lists of invoices, commitments and billing periods: recorded beside the cost, never added to it.

Rules I70, I71 and I72 of docs/spec/import.md.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.record.bills import bill

from bursar.connect.errors import ImportRefused
from bursar.core.tables.focus_side import BILLING_PERIOD, CONTRACT_COMMITMENT, INVOICE_DETAIL
from bursar.office.people.scope import Scope
from bursar.record.actions.import_files import import_files
from bursar.record.models import Batch
from bursar.record.references.queries import rows_in_force
from bursar.report.commitments import commitments
from bursar.report.errors import BeyondScope
from bursar.report.invoices import InvoiceCheck, reconcile_invoices

pytestmark = pytest.mark.django_db

DETAIL = {
    "InvoiceId": "INV-1",
    "InvoiceDetailId": "1",
    "BilledCost": "3.00",
    "BillingCurrency": "EUR",
    "BillingAccountId": "111",
    "BillingPeriodStart": "2025-03-01T00:00:00Z",
    "BillingPeriodEnd": "2025-04-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "InvoiceIssueStatus": "Issued",
    "InvoiceIssuerName": "AWS",
    "PaymentTerms": "30 days",
}
COMMITMENT = {
    "ContractCommitmentId": "CC-1",
    "ContractId": "C-1",
    "ContractCommitmentType": "Minimum spend",
    "ContractCommitmentCategory": "Spend",
    "ContractCommitmentCost": "100",
    "ContractCommitmentPeriodStart": "2025-01-01T00:00:00Z",
    "ContractCommitmentPeriodEnd": "2026-01-01T00:00:00Z",
    "BillingCurrency": "EUR",
}


def written(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, list(dict.fromkeys(n for row in rows for n in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def taken(path: Path) -> None:
    import_files(paths=[path], acting_user=None)


def details(folder: Path, *rows: dict[str, str]) -> None:
    taken(written(folder / "invoices.csv", *(DETAIL | row for row in rows)))


def lines(folder: Path, *rows: dict[str, str]) -> None:
    taken(bill(folder / "bill.csv", rows))


def checks() -> dict[str | None, InvoiceCheck]:
    return {one.invoice_id: one for one in reconcile_invoices(Scope.all()).checks}


def test_a_list_of_invoices_is_a_batch_without_cost(home: Path, tmp_path: Path) -> None:
    details(tmp_path, {}, {"InvoiceDetailId": "2", "BilledCost": "x"})
    (batch,) = Batch.objects.all()
    assert (batch.kind, batch.period, batch.totals, batch.postings) == (
        INVOICE_DETAIL.name, "2025-03", [], [],
    )  # fmt: skip
    assert batch.rows_rejected == 1
    (row,) = rows_in_force(INVOICE_DETAIL)
    assert (row["invoice_id"], row["billed_cost"], row["payment_terms"]) == (
        "INV-1", Decimal(3), "30 days",
    )  # fmt: skip


def test_an_invoice_agrees_to_the_last_digit(home: Path, tmp_path: Path) -> None:
    exact = "2.000000000000000000000001"
    lines(tmp_path, {"InvoiceId": "INV-1"}, {"InvoiceId": "INV-1", "BilledCost": exact})
    details(tmp_path, {"BilledCost": "3.000000000000000000000001"})
    found = reconcile_invoices(Scope.all(), period="2025-03")
    assert found.agrees
    assert [one.state for one in found.checks] == ["agrees"]
    assert found.checks[0].difference == 0


def test_a_difference_is_explained_by_category(home: Path, tmp_path: Path) -> None:
    lines(tmp_path, {"InvoiceId": "INV-1"}, {"InvoiceId": "INV-1", "ChargeCategory": "Tax"})
    details(
        tmp_path,
        {"BilledCost": "1.00"},
        {"InvoiceDetailId": "2", "BilledCost": "1.19", "ChargeCategory": "Tax"},
    )
    one = checks()["INV-1"]
    assert (one.state, one.difference) == ("differs", Decimal("0.19"))
    assert [(part.category, part.difference) for part in one.categories] == [
        ("Tax", Decimal("0.19"))
    ]


def test_what_only_one_side_knows_is_shown(home: Path, tmp_path: Path) -> None:
    lines(tmp_path, {"InvoiceId": "INV-1"}, {"InvoiceId": "INV-2"}, {})
    details(tmp_path, {"InvoiceIssueStatus": "Voided"}, {"InvoiceId": "INV-3"})
    found = checks()
    assert {name: one.state for name, one in found.items()} == {
        "INV-1": "voided",
        "INV-2": "not_listed",
        "INV-3": "no_lines",
        None: "unnamed",
    }
    assert found["INV-1"].difference == Decimal(-1)
    assert not reconcile_invoices(Scope.all()).agrees


def test_commitments_used_and_left(home: Path, tmp_path: Path) -> None:
    taken(written(tmp_path / "commitments.csv", COMMITMENT))
    applied = '{"Elements": [{"ContractCommitmentId": "CC-1", "AppliedCost": 12.5}]}'
    lines(tmp_path, {"ContractApplied": applied}, {"ContractApplied": applied}, {})
    (one,) = commitments(Scope.all()).rows
    assert (one.promised, one.taken, one.left) == (Decimal(100), Decimal(25), Decimal(75))
    assert [(use.period, use.applied) for use in one.periods.values()] == [("2025-03", Decimal(25))]


def test_billing_periods_are_recorded(home: Path, tmp_path: Path) -> None:
    row = {
        "BillingPeriodStart": "2025-03-01T00:00:00Z",
        "BillingPeriodEnd": "2025-04-01T00:00:00Z",
        "BillingPeriodStatus": "Closed",
        "InvoiceIssuerName": "AWS",
    }
    taken(written(tmp_path / "periods.csv", row))
    (found,) = rows_in_force(BILLING_PERIOD)
    assert (found["billing_period_status"], found["invoice_issuer_name"]) == ("Closed", "AWS")


def test_a_list_without_its_keys_is_refused(home: Path, tmp_path: Path) -> None:
    row = {name: value for name, value in DETAIL.items() if name != "InvoiceId"}
    with pytest.raises(ImportRefused) as refusal:
        taken(written(tmp_path / "invoices.csv", row))
    assert refusal.value.code == "import.missing_columns"
    assert "invoice_id" in refusal.value.message


def test_the_outside_list_of_commitments(home: Path, shared_data: Path) -> None:
    folder = shared_data / "focus" / "focus_1.3"
    taken(folder / "focus_1.3_contractcommitment_azure.csv")
    taken(folder / "focus_1.3_costandusage_azure_excerpt.csv")
    assert len(rows_in_force(CONTRACT_COMMITMENT)) >= 2
    used = {one.commitment_id: one for one in commitments(Scope.all()).rows}
    storage = used["CC-MACC-STORAGE-0002"]
    assert storage.promised == Decimal(48000)
    assert storage.taken == Decimal("124.61563281600000")
    assert {one.state for one in checks().values()} == {"not_listed"}


def test_a_restricted_scope_is_refused(home: Path) -> None:
    some = Scope.of_roots(["Retail"])
    with pytest.raises(BeyondScope):
        reconcile_invoices(some)
    with pytest.raises(BeyondScope):
        commitments(some)
