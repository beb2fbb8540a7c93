"""People: positions at standard rates, rate cards and time sheets, and pay that nobody learns.

Rules LB1 and LB4-LB12 of docs/spec/labour.md.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.stages.record.vouchers import enter

from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.record.actions.import_register import TableChoices, import_register
from bursar.record.actions.keep_records import keep_records
from bursar.record.actions.set_standard_rates import set_standard_rates
from bursar.record.errors import BadRecord
from bursar.record.models import RegisterRecord
from bursar.record.people.register import POSITIONS, STANDARD_RATES
from bursar.record.queries import line_files, lines_of
from bursar.record.registers.queries import (
    Asked,
    due,
    history,
    one_record,
    records,
    rejected_of,
    schedule_of,
    shown,
)
from bursar.record.registers.writing import Entry
from bursar.report.labour import labour_variance

pytestmark = pytest.mark.django_db(transaction=True)
MONTHS = [f"2026-{n:02d}" for n in range(1, 7)]
PAY = [52_000, 58_000, 61_000, 64_000, 70_500]


@pytest.fixture(autouse=True)
def half_a_year(home: Path) -> None:
    for month in (1, 6):
        enter("100", date=date(2026, month, 5))


def position(number: str, yearly: int | None = None, **told: Any) -> Entry:
    base: dict[str, Any] = {"name": "Developer", "grade": "G5", "role": "dev", "currency": "EUR",
                            "start": "2025-01-01", "holder": f"Person {number}"}  # fmt: skip
    if yearly is not None:
        base["salaries"] = [{"date": "2025-01-01", "yearly": str(yearly), "oncost_percent": "20"}]
    return Entry(number, {**base, **told})


def keep(*entries: Entry, register: str = "position", update: bool = False) -> None:
    keep_records(acting_user=None, register=register, entries=entries, update=update)


def five(**told: Any) -> None:
    keep(*(position(f"P{n}", pay, **told) for n, pay in enumerate(PAY)))


def lines() -> list[dict[str, Any]]:
    rows = [row for table in lines_of(line_files()) for row in table.to_pylist()]
    return [row for row in rows if row["source"] == "positions"]


def posted(by: str = "posting_period", **where: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for row in lines():
        if all(row.get(key) == value for key, value in where.items()):
            sums[row[by]] = sums.get(row[by], Decimal(0)) + row["effective_cost"]
    return {key: amount.normalize() for key, amount in sums.items() if amount}


def role(name: Role) -> User:
    return User.objects.create_user(name, f"{name}@example.test", "p", role=name)


def test_labour_is_charged_at_the_group_s_rate() -> None:
    """Rules LB7, LB8, LB10 and LB11."""
    five()
    assert lines() == []
    found = set_standard_rates(acting_user=None, day=date(2026, 1, 1))
    assert (found.new, found.kept, found.unpriced) == (("EUR / grade / G5",), (), ())
    # The mean of the five with 20 % on-cost is 73,320.
    assert posted("x_record", posting_period="2026-03") == {
        f"P{n}": Decimal("6125") for n in range(5)
    }
    assert {row["position_id"] for row in lines()} == {f"P{n}" for n in range(5)}
    variance = labour_variance(None, "2026-01", "2026-06")
    assert [row.month for row in variance] == MONTHS
    assert sum(row.actual for row in variance) == sum(PAY) * Decimal("1.2") / 2
    assert sum(row.standard for row in variance) == sum(posted().values()) == 183_750
    assert {row.unpriced for row in variance} == {0}


def test_a_joiner_changes_no_rate_and_five_changes_do() -> None:
    """Rule LB9."""
    five()
    set_standard_rates(acting_user=None, day=date(2026, 1, 1))
    keep(position("P9", 99_000, start="2026-04-01"))
    found = set_standard_rates(acting_user=None, day=date(2026, 4, 1))
    assert (found.new, found.kept) == ((), ("EUR / grade / G5",))
    assert posted("posting_period", x_record="P9") == dict.fromkeys(MONTHS[3:], Decimal(6125))
    raised = [{"date": "2026-05-01", "yearly": "90000"}]
    for n in range(5):
        held = one_record(None, POSITIONS, f"P{n}").secret["salaries"]
        keep(Entry(f"P{n}", {"salaries": [*held, *raised]}), update=True)
    found = set_standard_rates(acting_user=None, day=date(2026, 5, 1))
    assert found.new == ("EUR / grade / G5",)
    rates = one_record(None, STANDARD_RATES, "EUR / grade / G5").content["rates"]
    assert [rate["date"] for rate in rates] == ["2026-01-01", "2026-05-01"]


def test_who_the_work_is_for_and_what_of_it_is_capital() -> None:
    """Rule LB4."""
    keep(Entry("R", {"name": "Dev", "role": "dev", "start": "2025-01-01", "rate": "10000",
                     "per": "month", "currency": "EUR"}), register="rate_card")  # fmt: skip
    keep(position("P1", capital_percent="30", cost_center="77", assignments=[
        {"date": "2026-01-01", "solution": "Shop", "percent": "50"},
        {"date": "2026-03-01", "initiative": "Move", "percent": "75"},
    ]))  # fmt: skip
    assert posted("solution", posting_period="2026-02") == {
        "Shop": Decimal(5000), None: Decimal(5000),
    }  # fmt: skip
    assert posted("initiative", posting_period="2026-04") == {
        "Move": Decimal(7500), None: Decimal(2500),
    }  # fmt: skip
    assert posted("treatment", posting_period="2026-04") == {
        "capex": Decimal(3000), "opex": Decimal(7000),
    }  # fmt: skip
    assert set(posted("cost_center")) == {"77"}
    hours = Entry("", {"position": "P1", "date": "2026-02-10", "hours": "8", "solution": "Lab"})
    keep(hours, register="time_entry")
    assert posted("solution", posting_period="2026-02") == {"Lab": Decimal(10_000)}


def test_contractors_cost_their_hours(tmp_path: Path) -> None:
    """Rules LB5, LB6 and LB10."""
    keep(position("X1", kind="contractor", rate="100", rate_per="hour"),
         position("X2", kind="contractor", role="ops"), position("X3", state="vacant"))  # fmt: skip
    keep(Entry("R", {"name": "Ops", "role": "ops", "start": "2025-01-01", "end": "2026-02-28",
                     "rate": "800", "per": "day", "currency": "EUR"}),
         Entry("R2", {"name": "Ops", "role": "ops", "start": "2026-03-01", "rate": "880",
                      "per": "day", "currency": "EUR"}), register="rate_card")  # fmt: skip
    sheet = tmp_path / "times.csv"
    sheet.write_text(
        "Person,Day,Hours,Project\nX1,2026-01-15,7.5,Move\nX2,2026-02-27,8,Move\n"
        "X2,2026-03-02,4,Move\nX1,2026-01-16,20,Move\nX1,2026-01-16,10,Move\nX1,2026-01-17,30,\n"
    )
    [made] = import_register(
        acting_user=None, register="time_entries", paths=[sheet], choices=TableChoices()
    )
    assert (made.entered, [row["row"] for row in made.rejected]) == (3, [5, 6, 7])
    told = {p["message"] for row in made.rejected for p in row["problems"]}
    assert any("has 30 hours on 2026-01-16" in text for text in told)
    assert posted("x_part") == {"contractor": Decimal(750 + 800 + 440)}
    assert posted("initiative") == {"Move": Decimal(1990)}
    told_due = [(d.due.what, d.number) for d in due(None, date(2026, 2, 1), date(2026, 2, 28))]
    assert told_due == [("rate_change", "R")]


WRONG: list[tuple[str, str, dict[str, Any]]] = [
    ("position", r"position\.bad_fte", {"fte": "3"}),
    ("position", r"position\.bad_fte", {"fte": "0"}),
    ("position", r"position\.ends_before_start", {"end": "2024-12-31"}),
    ("position", r"position\.two_salaries",
     {"salaries": [{"date": "2026-01-01", "yearly": "1"}, {"date": "2026-01-01", "yearly": "2"}]}),
    ("position", r"position\.bad_amount", {"salaries": [{"date": "2026-01-01", "yearly": "-1"}]}),
    ("position", r"position\.bad_amount", {"rate": "-1"}),
    ("position", r"position\.bad_share", {"capital_percent": "101"}),
    ("position", "add up to 120", {"assignments": [
        {"date": "2026-01-01", "solution": "a", "percent": "60"},
        {"date": "2026-01-01", "solution": "b", "percent": "60"}]}),
    ("position", "a solution or an initiative",
     {"assignments": [{"date": "2026-01-01", "percent": "60"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("register", "told", "given"), WRONG)
def test_what_contradicts_itself_is_refused(
    register: str, told: str, given: dict[str, Any]
) -> None:
    """Rule LB1."""
    with pytest.raises(BadRecord, match=told):
        keep(position("P1", **given), register=register)
    assert RegisterRecord.objects.count() == 0


def test_cards_rates_and_hours_are_refused_too() -> None:
    """Rules LB5, LB6 and LB8."""
    card = {"name": "Dev", "role": "dev", "start": "2026-01-01", "rate": "1", "per": "day",
            "currency": "EUR"}  # fmt: skip
    keep(Entry("R1", {**card, "end": "2026-06-30"}), register="rate_card")
    wrong = [
        ("rate_card", r"rate_card\.overlap", Entry("R2", {**card, "start": "2026-06-30"})),
        ("rate_card", r"rate_card\.ends_before", Entry("R3", {**card, "end": "2025-01-01"})),
        ("rate_card", r"rate_card\.bad_rate", Entry("R4", {**card, "rate": "0"})),
        ("time_entry", r"time\.bad_hours",
         Entry("T", {"position": "P", "date": "2026-01-01", "hours": "30"})),
        ("standard_rate", r"standard_rate\.two_rates", Entry("S", {
            "name": "x", "currency": "EUR", "group": "all",
            "rates": [{"date": "2026-01-01", "yearly": "1"}] * 2})),
        ("standard_rate", r"standard_rate\.bad_rate", Entry("S", {
            "name": "x", "currency": "EUR", "group": "all",
            "rates": [{"date": "2026-01-01", "yearly": "0"}]})),
    ]  # fmt: skip
    for register, told, entry in wrong:
        with pytest.raises(BadRecord, match=told):
            keep(entry, register=register)
    keep(Entry("R2", {**card, "start": "2026-07-01"}), register="rate_card")


def test_nobody_without_the_role_learns_a_salary(tmp_path: Path) -> None:
    """Rules LB10 and LB12: registers, histories, refused rows, rates, lines and the journal."""
    from bursar.office.journal.models import Entry as Act

    five()
    set_standard_rates(acting_user=None, day=date(2026, 1, 1))
    sheet = tmp_path / "people.csv"
    sheet.write_text('number,name,start,currency,salaries\nQ,Dev,2026-01-01,EUR,"[61234"\n')
    [made] = import_register(
        acting_user=None, register="positions", paths=[sheet], choices=TableChoices()
    )
    secrets = [*(str(pay) for pay in PAY), "Person P1", "61234", "62400", "6240.00"]
    manager = role(Role.IT_FINANCE)
    seen: list[object] = [rejected_of(manager, made.token), lines()]
    for register in (POSITIONS, STANDARD_RATES):
        for record in records(manager, register, Asked()):
            seen += [shown(manager, register, record), schedule_of(
                manager, register, record, date(2026, 6, 1))]  # fmt: skip
            seen += [content for _, content in history(manager, record)]
    seen += [entry.detail for entry in Act.objects.all()]
    text = repr(seen)
    assert [secret for secret in secrets if secret in text] == []
    assert "73500" in text
    for user in (manager, role(Role.AUDITOR), role(Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowed):
            labour_variance(user, "2026-01", "2026-06")
        with pytest.raises(NotAllowed):
            set_standard_rates(acting_user=user, day=date(2026, 2, 1))
        for pay in PAY:
            assert list(records(user, POSITIONS, Asked(search=str(pay)))) == []
            assert list(records(user, POSITIONS, Asked(where={"salaries": str(pay)}))) == list(
                records(user, POSITIONS, Asked())
            )
    with pytest.raises(NotAllowed, match="salaries"):
        keep_records(acting_user=manager, register="position", entries=[position("Z", 1)])
    assert labour_variance(role(Role.STAFF_FINANCE), "2026-01", "2026-01")[0].actual == 30_550
