"""`bursar reconcile` in a process of its own: native bills, invoices and commitments.

Rules I71 and I72 of docs/spec/import.md.
"""

from __future__ import annotations

from pathlib import Path

from tests.surfaces.cli.conftest import Program

GOLDEN = Path(__file__).parents[2] / "golden" / "clouds"
LIST = (
    "InvoiceId,InvoiceDetailId,BilledCost,BillingCurrency,BillingPeriodStart,ChargeCategory,"
    "InvoiceIssueStatus,InvoiceIssuerName\n"
    "INV-9,1,277.80,USD,2026-01-01,Usage,Issued,Amazon Web Services EMEA SARL\n"
    "INV-9,2,6.00,USD,2026-01-01,Tax,Issued,Amazon Web Services EMEA SARL\n"
)


def test_an_invoice_against_a_native_bill(bursar: Program, tmp_path: Path) -> None:
    (tmp_path / "invoices.csv").write_text(LIST)
    taken = bursar("import", GOLDEN / "aws" / "cur.csv", "--json").done().json["imports"][0]
    assert (taken["format"], taken["rows_read"]) == ("aws", 16)
    bursar("import", tmp_path / "invoices.csv").done()
    found = bursar("reconcile", "invoices", "--period", "2026-01", "--json").done().json
    (one,) = found["invoices"]
    assert found["basis"] == "billed"
    assert (one["billed"], one["invoiced"], one["difference"]) == ("282.8", "283.8", "1")
    assert {part["charge_category"]: part["difference"] for part in one["categories"]}["Tax"] == "1"
    told = bursar("reconcile", "invoices").done().out
    assert "INV-9: Tax differs by 1" in told


def test_commitments_of_a_native_bill(bursar: Program) -> None:
    bursar("import", GOLDEN / "aws" / "cur.csv").done()
    found = bursar("reconcile", "commitments", "--json").done().json["commitments"]
    assert [(one["taken"], one["periods"][0]["unused"]) for one in found] == [
        ("150", "20"),
        ("100", "10"),
    ]
    assert "2026-01" in bursar("reconcile", "commitments").done().out


def test_who_has_the_saving_of_a_native_commitment(bursar: Program) -> None:
    bursar("import", GOLDEN / "aws" / "cur.csv").done()
    total = bursar("costs", "--by", "source", "--json").done().json
    listed = bursar("commitment", "list", "--json").done().json["commitments"]
    names = [one["commitment_id"] for one in listed]
    assert {one["policy"] for one in listed} == {"users"}
    for name in names:
        told = bursar(
            "commitment", "set", name, "--policy", "central", "--cost-center", "FINOPS", "--json"
        )
        assert (told.done().json["policy"], told.json["problem"]) == ("central", "")
    moved = bursar("commitment", "list", "--json").done().json["commitments"]
    assert all(one["periods"][0]["moved"]["unused"] == one["periods"][0]["unused"] for one in moved)
    assert any("price" in one["periods"][0]["moved"] for one in moved)
    assert "FINOPS" in bursar("commitment", "list").done().out
    after = bursar("costs", "--by", "source", "--json").done().json
    assert after["totals"] == total["totals"]
    bursar("verify").done()
    bursar("commitment", "set", names[0], "--policy", "mine").refused("record.bad_commitment")
    assert "as billed" in bursar("commitment", "set", names[0], "--policy", "users").done().out
