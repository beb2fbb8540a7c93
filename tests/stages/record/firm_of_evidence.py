"""The same cloud bill three times: as a ledger line, as the invoice, and in detail."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.stages.record.bills import bill

from bursar.record.actions.import_files import import_files
from bursar.record.ledger import open_ledger
from bursar.record.models import EvidenceGroup
from bursar.record.outcome import ImportOutcome

JANUARY = {
    "BillingPeriodStart": "2026-01-01T00:00:00Z",
    "BillingPeriodEnd": "2026-02-01T00:00:00Z",
    "ChargePeriodStart": "2026-01-05T00:00:00Z",
    "ChargePeriodEnd": "2026-01-06T00:00:00Z",
}
FEBRUARY = {
    "BillingPeriodStart": "2026-02-01T00:00:00Z",
    "BillingPeriodEnd": "2026-03-01T00:00:00Z",
    "ChargePeriodStart": "2026-02-05T00:00:00Z",
    "ChargePeriodEnd": "2026-02-06T00:00:00Z",
}


def record(path: Path, source: str, format: str = "auto") -> ImportOutcome:
    return import_files(paths=[path], acting_user=None, source=source, format=format)


def ledger_line(folder: Path, amount: str = "10000.00", month: str = "2026-01") -> ImportOutcome:
    """What the general ledger booked."""
    path = folder / "gl.csv"
    path.write_text(
        "amount,currency,basis,posting_date,gl_account,cost_center,vendor,document_ref,description\n"
        f"{amount},EUR,booked,{month}-31,6810,IT-100,Amazon Web Services EMEA SARL,GL-7,Cloud\n"
        f"500.00,EUR,booked,{month}-15,6820,IT-100,Stationery Ltd,GL-8,Paper\n"
        if month == "2026-01"
        else "amount,currency,basis,posting_date,gl_account,cost_center,vendor,document_ref\n"
        f"{amount},EUR,booked,{month}-27,6810,IT-100,Amazon Web Services EMEA SARL,GL-9\n"
    )
    return record(path, "general ledger")


def invoice(folder: Path, amount: str = "10000.00", month: str = "2026-01") -> ImportOutcome:
    """What accounts payable holds."""
    path = folder / "payables.csv"
    day = "31" if month == "2026-01" else "27"
    path.write_text(
        "amount,currency,posting_date,gl_account,cost_center,vendor,document_ref,description\n"
        f"{amount},EUR,{month}-{day},6810,IT-100,Amazon Web Services EMEA SARL,INV-1,Cloud\n"
        f"75.00,EUR,{month}-20,6820,IT-200,Paper and Pens GmbH,PP-3,Paper\n"
    )
    return record(path, "payables")


def detail(
    folder: Path, *amounts: str, month: dict[str, str] | None = None, **more: str
) -> ImportOutcome:
    """The provider's own bill."""
    lines = [
        {
            "BilledCost": amount, "EffectiveCost": amount, "ListCost": amount,
            "ContractedCost": amount, "InvoiceId": "INV-1", "ServiceName": f"Service {number}",
            **(month or JANUARY), **more,
        }
        for number, amount in enumerate(amounts)
    ]  # fmt: skip
    return record(bill(folder / "focus.csv", lines), "aws")


def three_evidences(folder: Path) -> EvidenceGroup:
    """10,000.00 in the ledger and on the invoice, 9,990.00 in detail; the proposal for it."""
    ledger_line(folder)
    invoice(folder)
    detail(folder, "9000.00", "990.00")
    return EvidenceGroup.objects.get(state="proposed")


def cost(basis: str, period: str = "2026-01", **where: str) -> Decimal:
    """What counts, of these dimensions."""
    from bursar.lake.questions import Condition

    conditions = [Condition(column, "=", value) for column, value in where.items()]
    rows = open_ledger().sums(basis=basis, periods=[period], where=conditions).to_pylist()
    return sum((r["amount"] for r in rows if r["amount"] is not None), Decimal(0))
