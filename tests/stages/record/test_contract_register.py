"""Contracts: imported, amortized into the ledger, dearer, cancelled, due.

Rules CR1-CR4 of docs/spec/contracts.md.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.stages.record.vouchers import enter

from bursar.record.actions.add_change import add_change
from bursar.record.actions.import_register import TableChoices, import_register
from bursar.record.actions.keep_records import keep_records
from bursar.record.contracts.register import CONTRACTS
from bursar.record.errors import BadRecord
from bursar.record.models import RegisterRecord
from bursar.record.queries import line_files, lines_of
from bursar.record.registers.queries import due, one_record, schedule_of
from bursar.record.registers.writing import Entry

pytestmark = pytest.mark.django_db(transaction=True)
MONTHS = [f"2026-{n:02d}" for n in range(1, 7)]


@pytest.fixture(autouse=True)
def half_a_year(home: Path) -> None:
    for month in (1, 6):
        enter("100", date=date(2026, month, 5))


def contract(number: str = "C-1", **told: Any) -> Entry:
    """Three years of 100 seats at 120.00 a year."""
    base = {
        "name": "Design suite", "start": "2026-01-01", "end": "2028-12-31", "unit_price": "120",
        "quantity": "100", "currency": "EUR", "amortization": "even_periods",
    }  # fmt: skip
    return Entry(number, {**base, **told})


def keep(*entries: Entry, update: bool = False) -> None:
    keep_records(acting_user=None, register="contract", entries=entries, update=update)


def posted(by: str = "posting_period", **where: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for row in (row for table in lines_of(line_files()) for row in table.to_pylist()):
        if row["source"] == "contracts" and all(row.get(k) == v for k, v in where.items()):
            sums[row[by]] = sums.get(row[by], Decimal(0)) + row["effective_cost"]
    return {key: amount.normalize() for key, amount in sorted(sums.items()) if amount}


def test_snipe_it_licences_come_with_every_seat(shared_data: Path) -> None:
    """Rule CR1: 50 licences of 2,743.02 and 2,282 seats, none refused."""
    path = shared_data / "assets" / "snipeit_licenses-sample.csv"
    [made] = import_register(
        acting_user=None, register="contracts", paths=[path], choices=TableChoices()
    )
    assert (made.rows_read, made.entered, made.rejected) == (50, 50, [])
    kept = [record.content for record in RegisterRecord.objects.filter(register="contract")]
    assert sum(Decimal(content["amount"]) for content in kept) == Decimal("2743.02")
    assert sum(int(content["quantity"]) for content in kept) == 2282
    assert {content["currency"] for content in kept} == {"USD"}
    first = next(c for c in kept if c["reference"].startswith("4c2713a1"))
    assert (first["signed"], first["end"], first["amount"]) == ("2008-11-24", "2016-02-26", "12.58")
    unspread = [c for c in kept if "signed" not in c]
    assert len(unspread) == 3


def test_a_licence_with_a_price_step_and_seats() -> None:
    """Rules CR1, CR3 and CR4."""
    keep(contract(steps=[{"date": "2026-04-01", "unit_price": "180"}], paid_per="quarter",
                  priced_per="year", use=[{"date": "2026-05-01", "used": "75"}]))  # fmt: skip
    assert posted() == {m: Decimal(1000 if m < "2026-04" else 1500) for m in MONTHS}
    record = one_record(None, CONTRACTS, "C-1")
    shown = schedule_of(None, CONTRACTS, record, date(2026, 5, 31))
    assert shown is not None
    facts = dict(shown.facts)
    assert (facts["Seats used"], facts["Cost of a used seat this month"]) == ("75 of 100", "20")
    assert (facts["Prepayment"], facts["Term"]) == ("1500.00", "2026-01-01 to 2028-12-31")
    assert (shown.rows[0]["per_unit"], len(shown.rows)) == ("10", 36)
    add_change(
        acting_user=None, register="contract", numbers=["C-1"], field="steps",
        change={"date": "2026-06-01", "quantity": "200"}, reason="merger",
    )  # fmt: skip
    assert posted()["2026-05"] == posted()["2026-04"] != posted()["2026-03"]
    told = {(d.due.what, d.due.day) for d in due(None, date(2026, 1, 1), date(2029, 1, 1))}
    assert {("step", date(2026, 6, 1)), ("end", date(2028, 12, 31))} <= told


def test_leases_perpetual_licences_and_late_signatures() -> None:
    """Rules CR1 and CR3."""
    rent = {"kind": "lease", "amount": "1000", "quantity": "", "unit_price": "",
            "priced_per": "month", "paid_in": "arrears", "lease_rate": "0.06"}  # fmt: skip
    keep(
        contract("L-1", **rent, lease_standard="ifrs_16"),
        contract("L-2", **rent, lease_standard="asc_842_operating"),
        contract("L-3", **rent),
        contract("P-1", start="2026-02-10", end="", unit_price="", amount="5000"),
        contract("P-2", start="", signed="2026-03-10", end="2025-01-01", unit_price="", amount="7"),
        contract("P-3", start="", end="2027-01-01"),
    )
    lease = posted("x_part", x_record="L-1", posting_period="2026-01")
    assert lease == {"lease_interest": Decimal("164.35"), "right_of_use": Decimal("913.08")}
    assert posted("x_part", x_record="L-2") == {"lease_cost": Decimal(6000)}
    assert posted("x_part", x_record="L-3") == {"amortization": Decimal(6000)}
    assert posted(x_record="P-1") == {"2026-02": Decimal(5000)}
    assert posted(x_record="P-2") == {"2026-03": Decimal(7)}
    assert posted(x_record="P-3") == {}
    shown = schedule_of(None, CONTRACTS, one_record(None, CONTRACTS, "P-3"), date(2026, 5, 1))
    assert shown is not None
    assert dict(shown.facts).keys() == {"Not spread"}


def test_a_cancelled_subscription_ends() -> None:
    keep(contract(end="", paid_per="month", renewal="none"))
    assert posted() == dict.fromkeys(MONTHS, Decimal(1000))
    keep(Entry("C-1", {"cancelled": "2026-03-31"}), update=True)
    assert posted() == dict.fromkeys(MONTHS[:3], Decimal(1000))


WRONG = {
    "before it starts": {"end": "2025-12-31"},
    "either the amount": {"amount": "5"},
    "buys nothing": {"quantity": "0"},
    "is zero or more": {"unit_price": "-1"},
    "Two price steps": {"steps": [{"date": "2026-02-01", "amount": "1"}] * 2},
    "Only a lease": {"lease_standard": "ifrs_16"},
    "whole number of payments": {
        "kind": "lease", "lease_standard": "ifrs_16", "end": "2026-07-31", "priced_per": "year",
    },
    "Seats used": {"use": [{"date": "2026-02-01", "used": "-1"}]},
    "none of month, quarter": {"paid_per": "fortnight"},
}  # fmt: skip


@pytest.mark.parametrize("told", WRONG)
def test_what_contradicts_itself_is_refused(told: str) -> None:
    """Rule CR2."""
    with pytest.raises(BadRecord, match=told):
        keep(contract(**WRONG[told]))
    assert RegisterRecord.objects.count() == 0
