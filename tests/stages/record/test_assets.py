"""Assets: imported, depreciated into the ledger, moved, retired, rolled forward.

Rules AS1-AS6 of docs/spec/assets.md.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from tests.stages.record.test_corrections import close, reopen
from tests.stages.record.vouchers import enter

from bursar.office.people.scope import Scope
from bursar.record.actions.add_change import add_change
from bursar.record.actions.import_register import TableChoices, import_register
from bursar.record.actions.keep_records import keep_records
from bursar.record.actions.retire_assets import retire_assets
from bursar.record.assets.books import check_asset
from bursar.record.assets.register import ASSETS
from bursar.record.errors import BadRecord, UnknownRecord
from bursar.record.ledger import open_ledger
from bursar.record.models import RegisterRecord
from bursar.record.queries import line_files, lines_of
from bursar.record.registers.fields import read_content
from bursar.record.registers.queries import due, one_record, schedule_of
from bursar.record.registers.writing import Entry
from bursar.record.verification import checks
from bursar.report.roll_forward import roll_forward

pytestmark = pytest.mark.django_db(transaction=True)
MONTHS = [f"2026-{n:02d}" for n in range(1, 7)]


@pytest.fixture(autouse=True)
def half_a_year(home: Path) -> None:
    """Something recorded in each month from January to June 2026."""
    for month in (1, 6):
        enter("100", date=date(2026, month, 5))


def asset(number: str = "S-1", **told: Any) -> Entry:
    base = {
        "name": "Server", "purchase_date": "2026-01-10", "purchase_cost": "1200.00",
        "currency": "EUR", "useful_life_months": "12",
    }  # fmt: skip
    return Entry(number, {**base, **told})


def keep(*entries: Entry, update: bool = False, register: str = "asset") -> None:
    keep_records(acting_user=None, register=register, entries=entries, update=update)


def posted(by: str = "posting_period", **where: str) -> dict[str, Decimal]:
    """Effective cost of asset lines, by period or another dimension."""
    sums: dict[str, Decimal] = {}
    for row in (row for table in lines_of(line_files()) for row in table.to_pylist()):
        if row["source"].startswith("assets") and all(row.get(k) == v for k, v in where.items()):
            sums[row[by]] = sums.get(row[by], Decimal(0)) + row["effective_cost"]
    return {key: amount.normalize() for key, amount in sorted(sums.items()) if amount}


def test_snipe_it_assets_come_with_every_cent(shared_data: Path) -> None:
    """Rule AS2: 22 assets worth 56,926.75, none refused; they lack only a life."""
    path = shared_data / "assets" / "snipeit_assets-sample.csv"
    [made] = import_register(
        acting_user=None, register="assets", paths=[path], choices=TableChoices()
    )
    assert (made.rows_read, made.entered, made.rejected) == (22, 22, [])
    kept = [record.content for record in RegisterRecord.objects.filter(register="asset")]
    assert sum(Decimal(content["purchase_cost"]) for content in kept) == Decimal("56926.75")
    assert all(content["purchase_date"] >= "2022" for content in kept)
    first = one_record(None, ASSETS, "ICC-2065556").content
    assert (first["purchase_date"], first["end_of_life"]) == ("2023-01-23", "2028-10-27")
    assert (first["vendor"], first["model"]) == ("Kunde, Doyle and Kozey", 'Macbook Pro 13"')
    assert posted() == {}
    kept_at_cost = roll_forward(Scope.all(), "2026-01", "2026-06").rows
    assert sum(row.closing_cost for row in kept_at_cost) == Decimal("56926.75")
    told = TableChoices(update=True, constants={"useful_life_months": "60"})
    [again] = import_register(acting_user=None, register="assets", paths=[path], choices=told)
    assert again.changed == 22
    assert list(posted()) == MONTHS
    [once_more] = import_register(
        acting_user=None, register="assets", paths=[path], choices=TableChoices()
    )
    codes = {p["code"] for row in once_more.rejected for p in row["problems"]}
    assert (len(once_more.rejected), codes) == (22, {"record.known_already"})


def test_a_fleet_is_bought_depreciated_and_half_of_it_retired(tmp_path: Path) -> None:
    """Rules AS3, AS5 and AS6."""
    keep(Entry("Laptop", {"name": "Laptops", "useful_life_months": "36"}), register="asset_class")
    book = Workbook()
    sheet = book.active
    sheet.append(["Asset tag", "Name", "Category", "Bought", "Cost", "Cost center"])
    for number in range(10):
        sheet.append([f"L{number}", "Laptop 14", "laptop", date(2026, 1, 20), 1800, "IT-1"])
    book.save(tmp_path / "fleet.xlsx")
    [made] = import_register(
        acting_user=None, register="assets", paths=[tmp_path / "fleet.xlsx"],
        choices=TableChoices(constants={"currency": "EUR"}),
    )  # fmt: skip
    assert (made.entered, made.rejected) == (10, [])
    assert posted() == dict.fromkeys(MONTHS, Decimal(500))
    retire_assets(
        acting_user=None, numbers=[f"L{n}" for n in range(5)], day=date(2026, 4, 10),
        proceeds=Decimal("1000.01"), reason="sold to staff",
    )  # fmt: skip
    # Five of 1,800 less three months of 50: a book value of 8,250, sold for 1,000.01.
    assert posted("x_part") == {"depreciation": Decimal(2250), "disposal_loss": Decimal("7249.99")}
    assert posted()["2026-04"] == Decimal(250) + Decimal("7249.99")
    assert one_record(None, ASSETS, "L0").content["status"] == "retired"
    moves = roll_forward(Scope.all(), "2026-02", "2026-06")
    [row] = moves.rows
    assert (row.opening_cost, row.disposals, row.closing_cost) == (18_000, 9_000, 9_000)
    assert (row.opening_accumulated, row.depreciation) == (500, 1750)
    assert (row.disposed_accumulated, row.closing_accumulated) == (750, 1500)
    assert (row.gain_or_loss, row.book_value) == (Decimal("-7249.99"), 7500)
    assert moves.difference("EUR") == 0
    assert all(check.ok for check in checks())


def test_methods_changes_and_transfers_reach_the_ledger() -> None:
    """Rules AS2, AS3 and AS4."""
    transfer = {"date": "2026-03-15", "kind": "transfer", "cost_center": "B"}
    keep(
        asset("S-1", cost_center="A", changes=[transfer]),
        asset("S-2", method="declining_balance", factor="2", useful_life_months="24"),
        asset("S-3", method="none"),
        asset("S-4", purchase_cost=""),
        asset("S-5", books=[{"book": "tax", "method": "macrs", "property_years": "5"}]),
    )
    assert posted("posting_period", x_record="S-1") == dict.fromkeys(MONTHS, Decimal(100))
    by_center = posted("cost_center", x_record="S-1")
    assert by_center == {"A": Decimal(200), "B": Decimal(400)}
    assert posted(x_record="S-2") == dict.fromkeys(MONTHS, Decimal(100))
    assert posted(x_record="S-3") == posted(x_record="S-4") == {}
    assert posted(x_record="S-5") == dict.fromkeys(MONTHS, Decimal(100))
    add_change(
        acting_user=None, register="asset", numbers=["S-1", "S-5"], field="changes",
        change={"date": "2026-05-01", "kind": "impairment", "amount": "400"}, reason="flooded",
    )  # fmt: skip
    assert posted("x_part", x_record="S-5") == {
        "depreciation": Decimal(500), "impairment": Decimal(400),
    }  # fmt: skip
    with pytest.raises(UnknownRecord, match="S-9"):
        add_change(acting_user=None, register="asset", numbers=["S-9"], field="changes",
                   change={"date": "2026-05-01", "kind": "life", "months": "9"})  # fmt: skip
    tax = roll_forward(Scope.all(), "2026-01", "2026-12", book="tax")
    assert [(row.depreciation, row.assets) for row in tax.rows] == [(240, 1)]
    shown = schedule_of(None, ASSETS, one_record(None, ASSETS, "S-1"), date(2026, 2, 28))
    assert shown is not None
    assert dict(shown.facts)["Book value"] == "1000"
    assert (shown.rows[0]["depreciation"], len(shown.rows)) == ("100.00", 12)


def test_a_fiscal_year_and_a_monthly_decline_are_heard() -> None:
    """Rule AS3: half a year's charge is spread over what is left of the year that July begins."""
    half = {"convention": "half_year", "useful_life_months": "24", "purchase_date": "2026-01-10"}
    keep(
        asset("S-1", **half), asset("S-2", **half, fiscal_start_month="7"),
        asset("S-3", method="declining_balance", factor="2", useful_life_months="24",
              monthly="yes"),
    )  # fmt: skip
    assert posted(x_record="S-1")["2026-01"] == 25  # 300 over twelve months
    assert posted(x_record="S-2")["2026-01"] == 50  # 300 over the six to June
    declined = posted(x_record="S-3")
    assert (declined["2026-01"], declined["2026-02"]) == (100, Decimal("91.67"))
    with pytest.raises(BadRecord, match="month"):
        keep(asset("S-4", **half, fiscal_start_month="13"))


def test_closing_and_reopening_change_nothing() -> None:
    """A closed month stands; what a change makes of it is booked in an open one."""
    keep(asset())
    before = posted()
    for month in MONTHS[:3]:
        close(month)
    keep(Entry("S-1", {"useful_life_months": "24"}), update=True)
    assert {m: posted()[m] for m in MONTHS[:3]} == dict.fromkeys(MONTHS[:3], Decimal(100))
    assert sum(posted().values()) == 300
    keep(Entry("S-1", {"useful_life_months": "12"}), update=True)
    for month in MONTHS[:3]:
        reopen(month)
    assert sum(posted().values()) == sum(before.values())
    moves = roll_forward(Scope.all(), "2026-01", "2026-06")
    assert moves.difference("EUR") == 0


def test_what_is_due_is_told() -> None:
    keep(asset(warranty_end="2027-01-09", end_of_life="2028-01-01"))
    found = due(None, date(2026, 1, 1), date(2029, 1, 1))
    told = [(d.due.what, d.due.day.isoformat()) for d in found]
    assert told == [
        ("fully_depreciated", "2026-12-31"), ("warranty_end", "2027-01-09"),
        ("end_of_life", "2028-01-01"),
    ]  # fmt: skip


WRONG = {
    "before it was bought": {"in_service_date": "2026-01-09"},
    "before the purchase": {"changes": [{"date": "2025-12-31", "kind": "disposal"}]},
    "above the cost": {"residual_value": "1200.01"},
    "residual value 5000 is above": {"residual_value": "5000", "useful_life_months": ""},
    "useful life of 0": {"useful_life_months": "0"},
    "zero or more": {"purchase_cost": "-1"},
    "is no month": {"manual": [{"month": "2026-13", "amount": "1"}], "method": "manual"},
    "two books": {"books": [{"book": "tax"}, {"book": "tax"}]},
    "needs a factor": {"method": "declining_balance"},
    "lies outside": {"opening_accumulated": "1300"},
    "needs an amount": {"changes": [{"date": "2026-02-01", "kind": "impairment"}]},
    "MACRS knows": {"books": [{"book": "tax", "method": "macrs", "property_years": "4"}]},
    "before 1980": {"purchase_date": "1970-01-01"},
    "after 2120": {"purchase_date": "2170-01-01"},
}


@pytest.mark.parametrize("told", WRONG)
def test_what_contradicts_itself_is_refused(told: str) -> None:
    """Rule AS1."""
    with pytest.raises(BadRecord, match=told) as refusal:
        keep(asset(**WRONG[told]))
    assert "S-1" in refusal.value.message
    assert RegisterRecord.objects.count() == 0


def test_classes_are_checked_and_retiring_is_refused_as_a_whole() -> None:
    """Rules AS1 and AS6."""
    for told in ({"useful_life_months": "0"}, {"residual_percent": "101"}):
        with pytest.raises(BadRecord, match=r"asset\.bad_terms"):
            keep(Entry("X", {"name": "X", **told}), register="asset_class")
    keep(asset("S-1"), asset("S-2", currency="USD"), asset("S-3", purchase_cost="0"))
    for numbers, told in ((["S-1", "S-2"], "currency by currency"), (["S-3"], "have none")):
        with pytest.raises(BadRecord, match=told):
            retire_assets(acting_user=None, numbers=numbers, day=date(2026, 5, 1),
                          proceeds=Decimal(1))  # fmt: skip
    with pytest.raises(UnknownRecord):
        retire_assets(acting_user=None, numbers=["S-1", "Q"], day=date(2026, 5, 1))
    with pytest.raises(BadRecord, match="before"):
        retire_assets(acting_user=None, numbers=["S-1"], day=date(2025, 5, 1))
    retire_assets(acting_user=None, numbers=["S-1"], day=date(2026, 5, 1), percent=Decimal(50))
    assert one_record(None, ASSETS, "S-1").content.get("status") is None
    content, wrong = read_content(ASSETS.fields, {"name": "x", "currency": "EUR"})
    assert (wrong, list(check_asset(content))) == ([], [])
    assert open_ledger().sums(by=["currency"])["currency"].to_pylist() == ["EUR", "USD"]
