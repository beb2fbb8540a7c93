"""Software projects: capitalized by policy, amortized from the day they are ready, counted once.

Rules CS1-CS4 of docs/spec/contracts.md.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bursar.record.actions.decide_invoice import decide_invoice
from bursar.record.actions.import_files import import_files
from bursar.record.actions.keep_records import keep_records
from bursar.record.actions.search_invoices import search_invoices
from bursar.record.errors import BadRecord
from bursar.record.ledger import open_ledger
from bursar.record.models import RecordMatch
from bursar.record.registers.queries import due, one_record, schedule_of
from bursar.record.registers.writing import Entry
from bursar.record.software.register import SOFTWARE_PROJECTS

pytestmark = pytest.mark.django_db(transaction=True)
LEDGER = (
    "posting_date,amount,currency,gl_account,vendor,document\n"
    "2026-01-20,2000.00,EUR,6210,Codewerk,K-1\n2026-02-20,1200.00,EUR,6210,Codewerk,K-2\n"
    "2026-05-20,1.00,EUR,6210,Else,E-1\n"
)


@pytest.fixture(autouse=True)
def ledger(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "payables.csv"
    path.write_text(LEDGER)
    import_files(paths=[path], acting_user=None, source="payables")


def keep(**told: Any) -> None:
    """2,000 of planning, 1,200 of development, 240 added once it was ready."""
    spent = [
        {"date": "2026-01-20", "activity": "planning", "amount": "2000", "vendor": "Codewerk"},
        {"date": "2026-02-20", "activity": "development", "amount": "1200", "vendor": "Codewerk",
         "invoice": "K 2"},
        {"date": "2026-04-05", "activity": "enhancement", "amount": "240"},
    ]  # fmt: skip
    base = {
        "name": "Portal", "policy": "asc_350_40_probable", "currency": "EUR", "spent": spent,
        "funding_committed": "2026-02-01", "completion_probable": "2026-02-01",
        "ready": "2026-03-10", "useful_life_months": "12",
    }  # fmt: skip
    keep_records(acting_user=None, register="software_project", entries=[Entry("SW", base | told)])


def cost() -> dict[str, Decimal]:
    found = open_ledger().sums(by=["posting_period"])
    periods = found["posting_period"].to_pylist()
    return dict(zip(periods, map(Decimal.normalize, found["amount"].to_pylist()), strict=True))


def test_what_is_capitalized_is_amortized_and_counted_once() -> None:
    """Rules CS2, CS3 and CS4."""
    keep()
    months = {"2026-03": 100, "2026-04": 120, "2026-05": 121}
    assert cost() == {"2026-01": 2000, "2026-02": 1200, **months}
    assert search_invoices(acting_user=None) == 1
    match = RecordMatch.objects.get()
    assert (match.register, match.amount, match.score) == ("software_project", "1200", 100)
    decide_invoice(acting_user=None, match=match.pk, confirm=True)
    assert cost() == {"2026-01": 2000, "2026-02": 0, **months}
    record = one_record(None, SOFTWARE_PROJECTS, "SW")
    shown = schedule_of(None, SOFTWARE_PROJECTS, record, date(2026, 5, 1))
    assert shown is not None
    assert dict(shown.facts)["Capitalized"] == "1440"
    assert "planning comes before" in dict(shown.facts)["2026-01-20 planning 2000"]
    rows = {row["month"]: row for row in shown.rows}
    assert (rows["2026-02"]["book_value"], rows["2026-04"]["book_value"]) == ("1200.00", "1220.00")
    assert rows[max(rows)]["book_value"] == "0.00"
    assert [d.due.what for d in due(None, date(2026, 3, 1), date(2026, 3, 31))] == ["ready"]


def test_another_policy_or_no_day_capitalizes_nothing() -> None:
    """Rules CS2 and CS3."""
    keep(policy="ias_38")
    assert "2026-03" not in cost()
    keep_records(acting_user=None, register="software_project", update=True,
                 entries=[Entry("SW", {"policy": "asc_350_40_probable", "ready": ""})])  # fmt: skip
    assert "2026-03" not in cost()


def test_what_contradicts_itself_is_refused() -> None:
    """Rule CS1."""
    twice = [{"criterion": "able", "date": "2026-01-01"}] * 2
    free = [{"date": "2026-01-01", "activity": "design", "amount": "0"}]
    for wrong in ({"useful_life_months": "0"}, {"criteria": twice}, {"spent": free},
                  {"preliminary_ended": "2026-04-01"}, {"policy": "gaap"}):  # fmt: skip
        with pytest.raises(BadRecord):
            keep(**wrong)
