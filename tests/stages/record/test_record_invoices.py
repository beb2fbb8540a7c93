"""Invoices that pay for records: proposed, confirmed or remembered, and counted once.

Rules RI1-RI5 of docs/spec/registers.md.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.record.actions.decide_invoice import decide_invoice
from bursar.record.actions.import_files import import_files
from bursar.record.actions.keep_records import keep_records
from bursar.record.actions.search_invoices import search_invoices
from bursar.record.errors import UnknownRecordMatch
from bursar.record.ledger import open_ledger
from bursar.record.models import RecordMatch
from bursar.record.registers.queries import record_matches
from bursar.record.registers.told import match_json
from bursar.record.registers.writing import Entry
from bursar.record.verification import checks

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "posting_date,amount,currency,gl_account,cost_center,vendor,description,document\n"


def ledger(folder: Path, month: str, *rows: str) -> None:
    path = folder / f"payables-{month}.csv"
    path.write_text(HEAD + "".join(f"{month}-{row}\n" for row in rows))
    import_files(paths=[path], acting_user=None, source="payables")


@pytest.fixture(autouse=True)
def three_months(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01", "15,12000.00,EUR,6310,IT,Nordsoft GmbH,Suite,N-1",
           "20,3600.00,EUR,1210,IT,Teknova Oy,Laptops,T-77",
           "21,900.00,EUR,6900,IT,Else,Tea,E-1")  # fmt: skip
    ledger(tmp_path, "2026-02", "15,700.00,EUR,6900,IT,Else,Tea,E-2")
    ledger(tmp_path, "2026-03", "15,1020.00,EUR,6310,IT,Cumulus,Service,C-1")


def keep(register: str, *entries: Entry) -> None:
    keep_records(acting_user=None, register=register, entries=entries)


def firm() -> None:
    keep("contract", Entry("SUITE", {
        "name": "Suite", "vendor": "Nordsoft", "start": "2026-01-01", "end": "2026-12-31",
        "amount": "12000", "currency": "EUR", "amortization": "even_periods"}),
        Entry("SERVICE", {
            "name": "Service", "vendor": "Cumulus", "start": "2026-03-01", "end": "2026-03-31",
            "amount": "1000", "currency": "EUR"}))  # fmt: skip
    laptop = {
        "name": "Laptop", "vendor": "Teknova", "purchase_date": "2026-01-18", "currency": "EUR",
        "purchase_cost": "1800", "useful_life_months": "36", "invoice": "T 77",
    }  # fmt: skip
    keep("asset", Entry("L1", laptop), Entry("L2", laptop))


def cost(basis: str = "effective") -> dict[str, Decimal]:
    found = open_ledger().sums(by=["posting_period"], basis=basis)
    periods = found["posting_period"].to_pylist()
    return dict(zip(periods, map(Decimal.normalize, found["amount"].to_pylist()), strict=True))


def proposed() -> dict[str, dict[str, Any]]:
    rows = [match_json(match) for match in record_matches(None, "proposed")]
    return {row["numbers"][0]: row for row in rows}


def test_the_same_money_is_proposed_and_counted_once() -> None:
    """Rules RI1, RI3 and RI5."""
    firm()
    assert search_invoices(acting_user=None) == 3
    found = proposed()
    assert list(found) == ["SUITE", "L1", "SERVICE"]  # the largest money first
    assert found["L1"]["numbers"] == ["L1", "L2"]
    assert "both name T-77" in found["L1"]["why"]
    assert (found["SUITE"]["score"], found["SERVICE"]["invoiced"]) == (60, "1020")
    before = cost()
    assert before["2026-01"] == Decimal(16_500 + 1000 + 100)
    billed = cost("billed")
    for row in found.values():
        decide_invoice(acting_user=None, match=row["match"], confirm=True)
    # January: the tea, a twelfth of the suite, two laptops; March: and 20 that the bill differs.
    assert cost() == {"2026-01": 2000, "2026-02": 1800, "2026-03": 1000 + 100 + 1000 + 20}
    assert cost("billed") == billed
    assert all(check.ok for check in checks())
    assert search_invoices(acting_user=None) == 0
    for row in found.values():
        decide_invoice(acting_user=None, match=row["match"], confirm=False)
    assert cost() == before
    assert search_invoices(acting_user=None) == 0
    assert {match.state for match in record_matches(None)} == {"rejected"}


def test_what_was_remembered_matches_the_next_invoice(tmp_path: Path) -> None:
    """Rule RI2: and one that differs waits for a person."""
    keep("contract", Entry("LINE", {
        "name": "Line", "vendor": "Telco", "start": "2026-01-01", "currency": "EUR",
        "amount": "500", "priced_per": "month"}))  # fmt: skip
    ledger(tmp_path, "2026-04", "02,500.00,EUR,6610,IT,Telco AG,Line,A-4")
    [row] = proposed().values()
    decide_invoice(acting_user=None, match=row["match"], confirm=True, remember=True)
    assert cost()["2026-04"] == 500
    ledger(tmp_path, "2026-05", "02,500.00,EUR,6610,IT,Telco AG,Line,A-5")
    assert cost()["2026-05"] == 500
    assert RecordMatch.objects.filter(state="confirmed").count() == 2
    ledger(tmp_path, "2026-06", "02,505.00,EUR,6610,IT,Telco AG,Line,A-6")
    assert proposed()["LINE"]["invoiced"] == "505"
    assert cost()["2026-06"] == 1005


def test_who_decides_and_what_is_not_there() -> None:
    """Rule RI5."""
    firm()
    search_invoices(acting_user=None)
    with pytest.raises(UnknownRecordMatch, match="Look at the list"):
        decide_invoice(acting_user=None, match=99_999, confirm=True)
    auditor = User.objects.create_user("a", "a@example.test", "p", role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        search_invoices(acting_user=auditor)
    [first, *_] = record_matches(auditor)
    with pytest.raises(NotAllowed):
        decide_invoice(acting_user=auditor, match=first.pk, confirm=True)


def test_an_invoice_that_a_bill_replaces_is_no_candidate() -> None:
    """Rule RI4."""
    from bursar.record.models import EvidenceGroup, EvidenceMember

    firm()
    search_invoices(acting_user=None)
    suite = RecordMatch.objects.get(numbers=["SUITE"])
    group = EvidenceGroup.objects.create(
        group_id="g1", state="confirmed", score=90, period="2026-01", currency="EUR",
        proposed_at=timezone.now(),
    )  # fmt: skip
    EvidenceMember.objects.create(group=group, level="invoice", selector=suite.selector)
    search_invoices(acting_user=None)
    assert "SUITE" not in proposed()
