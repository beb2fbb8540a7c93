"""Records of registers: kept with their history, read from tables, derived month by month.

Rules RG1-RG8 of docs/spec/registers.md, shown by a register of rented desks.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from tests.stages.record.test_corrections import close
from tests.stages.record.vouchers import enter

from bursar.connect.sheets import read_sheets
from bursar.core.money.amount import parse_amount
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.record.actions.import_register import TableChoices, import_register
from bursar.record.actions.keep_records import keep_records
from bursar.record.actions.spread_registers import spread_registers
from bursar.record.actions.undo_register_import import undo_register_import
from bursar.record.actions.withdraw_records import withdraw_records
from bursar.record.errors import (
    BadHorizon,
    BadRecord,
    DateOrderUnclear,
    NotARegisterTable,
    ReasonNeeded,
    RecordChangedSince,
    RegisterImportUnknown,
    UnknownRecord,
    UnknownRegister,
)
from bursar.record.ledger import open_ledger
from bursar.record.models import RegisterRecord
from bursar.record.queries import line_files, lines_of
from bursar.record.registers import known, spreading
from bursar.record.registers.fields import Content, Field, Holds, Problem
from bursar.record.registers.period_lines import Amounts, cost_lines
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
from bursar.record.registers.register import DIMENSIONS, EXTRA, Due, Kept, Register, Schedule
from bursar.record.registers.tables import as_rows
from bursar.record.registers.writing import Entry
from bursar.record.verification import checks

pytestmark = pytest.mark.django_db(transaction=True)


def spread_desks(desks: Sequence[Kept], first: str, last: str) -> pa.Table:
    amounts = Amounts()
    months = [f"2026-{n:02d}" for n in range(1, 13) if first <= f"2026-{n:02d}" <= last]
    for place, desk in enumerate(desks):
        for month in months:
            if month >= desk.content["since"][:7]:
                amounts.add(place, month, "rent", parse_amount(desk.content["rent"]))
    return cost_lines("desk", desks, amounts, describe=[d.content["name"] for d in desks])


def check_desk(content: Content) -> Iterator[Problem]:
    if parse_amount(content["rent"]) < 0:
        yield Problem("desk.negative", "rent", "The rent is below zero; give what is paid.")


DESKS = Register(
    name="desk", title="Desks", one="Desk", prefix="D", numbered=("desk tag",),
    fields=(
        Field("name", "Name", required=True, listed=True),
        Field("since", "Since", Holds.DAY, required=True, names=("start date",)),
        Field("rent", "Rent", Holds.MONEY, required=True, names=("cost",)),
        Field("currency", "Currency", Holds.CURRENCY, required=True),
        Field("deposit", "Deposit", Holds.MONEY, secret=True),
        Field("vendor", "Vendor"),
        *DIMENSIONS, EXTRA,
    ),
    check=check_desk,
    spread=spread_desks,
    schedule=lambda content, day: Schedule((("month", "Month"),), ({"month": f"{day:%Y-%m}"},)),
    due=lambda content, through: [
        Due(date.fromisoformat(content["since"]), "start", "The rent begins")
    ],
)  # fmt: skip


@pytest.fixture(autouse=True)
def desks(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bursar.record.actions import spread_registers as asking
    from bursar.record.registers import queries

    for module in (known, spreading, queries, asking):
        monkeypatch.setattr(module, "REGISTERS", (DESKS,))
    monkeypatch.setattr(spreading.timezone, "localdate", lambda: date(2026, 3, 15))


def desk(number: str = "", **given: object) -> Entry:
    told = {"name": "By the window", "since": "2026-03-01", "rent": "10.10", "currency": "EUR"}
    return Entry(number, {**told, **given})


def cost() -> dict[str, Decimal]:
    found = open_ledger().sums(by=["posting_period"])
    periods = found["posting_period"].to_pylist()
    return dict(zip(periods, map(Decimal.normalize, found["amount"].to_pylist()), strict=True))


def keep(*entries: Entry, **how: object) -> None:
    keep_records(acting_user=None, register="desk", entries=entries, **how)  # type: ignore[arg-type]


def role(name: Role) -> User:
    return User.objects.create_user(name, f"{name}@example.test", "p", role=name)


def test_a_record_costs_from_its_month_on_and_keeps_its_history() -> None:
    """Rules RG1, RG4 and RG5."""
    keep(desk(), desk("W-1", rent="0.90", cost_center="77"))
    assert cost() == {"2026-03": Decimal("11")}
    assert [d.number for d in RegisterRecord.objects.all()] == ["D-00001", "W-1"]
    [lines] = lines_of(line_files())
    assert set(lines["record_ref"].to_pylist()) == {"desk:D-00001@1", "desk:W-1@1"}
    assert set(lines["billed_cost"].to_pylist()) == {0}
    keep(Entry("W-1", {"rent": "1.90", "vendor": "Tisch AG"}), update=True, reason="dearer")
    keep(Entry("W-1", {"rent": "1.9"}), update=True)
    keep(Entry("W-1", {"vendor": ""}), update=True, seen_version=2)
    record = one_record(None, DESKS, "W-1")
    told = [(v.version, v.reason, c.get("vendor"), c["rent"]) for v, c in history(None, record)]
    assert told == [
        (3, "", None, "1.9"), (2, "dearer", "Tisch AG", "1.9"), (1, "", None, "0.9"),
    ]  # fmt: skip
    assert cost() == {"2026-03": Decimal("12")}
    assert all(check.ok for check in checks())
    with pytest.raises(RecordChangedSince, match="you saw 2"):
        keep(Entry("W-1", {"rent": "5"}), update=True, seen_version=2)


def test_all_or_none_with_every_reason() -> None:
    """Rule RG2."""
    keep(desk("A"))
    wrong = [
        (desk("A"), "record.known_already"),
        (desk("B", rent="-1"), "desk.negative"),
        (desk("B", since="1970-01-01"), "lies before 1980"),
        (desk("B", since="2170-01-01"), "record.bad_value"),
        (desk("B", rent=1.5), "binary fraction"),
        (desk("B", rent="1,5"), "record.bad_value"),
        (desk("B", currency="EUX"), "ISO 4217"),
        (desk("B", intent="hover"), "none of run, grow, transform"),
        (desk("B", name=""), "record.field_missing"),
        (desk("B", colour="red"), "record.unknown_field"),
        (desk("B@1"), "without @"),
    ]
    for entry, told in wrong:
        with pytest.raises(BadRecord, match=told):
            keep(desk("Z"), entry)
    with pytest.raises(BadRecord, match=r"record\.number_twice"):
        keep(desk("C"), desk("C"))
    assert [r.number for r in RegisterRecord.objects.all()] == ["A"]
    with pytest.raises(UnknownRegister, match="desks"):
        keep_records(acting_user=None, register="chairs", entries=[])
    with pytest.raises(NotAllowed):
        keep_records(acting_user=role(Role.AUDITOR), register="desk", entries=[desk()])


def table(folder: Path, text: str) -> list[Path]:
    path = folder / "desks.csv"
    path.write_text(text, encoding="utf-8")
    return [path]


def read(paths: list[Path], **how: object) -> object:
    [made] = import_register(
        acting_user=None,
        register="desks",
        paths=paths,
        choices=TableChoices(**how),  # type: ignore[arg-type]
    )
    return made


TABLE = (
    "Desk Tag,Name,Start date,Cost,Colour\n"
    "T1,One,2/25/26,$12.58,red\nT2,Two,3/1/26,nothing,\nT1,Again,3/1/26,$1,\n,Three,3/2/26,$2.42,\n"
)


def test_a_table_is_read_rejected_and_undone(tmp_path: Path) -> None:
    """Rules RG2, RG3 and RG7."""
    made = read(table(tmp_path, TABLE), reason="the office list")
    assert (made.rows_read, made.entered, len(made.rejected)) == (4, 2, 2)  # type: ignore[attr-defined]
    rows = rejected_of(None, made.token)  # type: ignore[attr-defined]
    assert [(r["row"], r["problems"][0]["code"]) for r in rows] == [
        (3, "record.bad_value"), (4, "record.number_twice"),
    ]  # fmt: skip
    assert rows[0]["cells"]["Cost"] == "nothing"
    one = one_record(None, DESKS, "T1")
    assert one.content == {
        "name": "One", "since": "2026-02-25", "rent": "12.58", "currency": "USD",
        "extra": [{"name": "Colour", "value": "red"}],
    }  # fmt: skip
    again = read(table(tmp_path, "number,rent\nT1,13\nD-00001,2.42\n"), update=True)
    assert (again.changed, again.unchanged) == (1, 1)  # type: ignore[attr-defined]
    with pytest.raises(RecordChangedSince, match="T1"):
        undo_register_import(acting_user=None, token=made.token, reason="x")  # type: ignore[attr-defined]
    for token, reason, kind in (
        ("nowhere", "x", RegisterImportUnknown), (again.token, " ", ReasonNeeded),  # type: ignore[attr-defined]
    ):  # fmt: skip
        with pytest.raises(kind):
            undo_register_import(acting_user=None, token=token, reason=reason)
    undo_register_import(acting_user=None, token=again.token, reason="wrong list")  # type: ignore[attr-defined]
    assert one_record(None, DESKS, "T1").content["rent"] == "12.58"
    with pytest.raises(RegisterImportUnknown, match="undone before"):
        undo_register_import(acting_user=None, token=again.token, reason="x")  # type: ignore[attr-defined]


def test_what_a_table_leaves_open_is_asked(tmp_path: Path) -> None:
    """Rule RG7."""
    unclear = table(tmp_path, "number,name,since,rent\n1,One,2/3/26,5\n")
    with pytest.raises(DateOrderUnclear, match="day or month"):
        read(unclear)
    read(unclear, dates="month-first", constants={"currency": "CHF"})
    assert one_record(None, DESKS, "1").content["since"] == "2026-02-03"
    with pytest.raises(NotARegisterTable, match="no column is a field"):
        read(table(tmp_path, "x,y\n1,2\n"))
    with pytest.raises(NotARegisterTable, match="'x=rentt'"):
        read(table(tmp_path, "x,rent\n1,2\n"), columns={"x": "rentt"})
    read(table(tmp_path, "x,what,when\n8,Nook,2026-01-01\n"),
         columns={"x": "number", "what": "name", "when": "since"},
         constants={"rent": "3"})  # fmt: skip
    assert one_record(None, DESKS, "8").content["name"] == "Nook"


def test_what_is_exported_reads_back_the_same(tmp_path: Path) -> None:
    """Rule RG7."""
    keep(desk("A", deposit="100"), desk("B", extra=[{"name": "Colour", "value": "a,b\nc"}]))
    kept = [(r.number, {**r.content, **r.secret}) for r in RegisterRecord.objects.all()]
    header, rows = as_rows(DESKS, kept, secrets=True)
    path = tmp_path / "out.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    [found] = read_sheets([path])
    assert found.names == tuple(header)
    made = read([path], update=True)
    assert (made.unchanged, made.changed, made.rejected) == (2, 0, [])  # type: ignore[attr-defined]
    assert "deposit" not in as_rows(DESKS, kept, secrets=False)[0]


def test_withdrawn_records_cost_nothing_and_come_back() -> None:
    """Rule RG3."""
    keep(desk("A"), desk("B", rent="1"))
    with pytest.raises(ReasonNeeded):
        withdraw_records(acting_user=None, register="desk", numbers=["B"], reason="")
    with pytest.raises(UnknownRecord, match="Q"):
        withdraw_records(acting_user=None, register="desk", numbers=["B", "Q"], reason="x")
    withdraw_records(acting_user=None, register="desk", numbers=["B"], reason="never bought")
    assert cost() == {"2026-03": Decimal("10.1")}
    assert [r.number for r in records(None, DESKS, Asked())] == ["A"]
    assert [r.number for r in records(None, DESKS, Asked(withdrawn=True))] == ["B"]
    keep(Entry("B", {}), update=True)
    assert cost() == {"2026-03": Decimal("11.1")}


def test_months_come_with_what_else_is_recorded_or_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rule RG5."""
    keep(desk("A", since="2026-01-01"))
    assert list(cost()) == ["2026-03"]
    for month in ("2026-04", "soon", "2026-13"):
        with pytest.raises(BadHorizon):
            spread_registers(acting_user=None, through=month)
    monkeypatch.setattr(spreading.timezone, "localdate", lambda: date(2026, 5, 1))
    assert spread_registers(acting_user=None, through="2026-05").last == "2026-05"


def test_closed_months_stand_and_the_difference_is_booked_in_an_open_one() -> None:
    """Rule RG6."""
    for month in (1, 2):
        enter("100", date=date(2026, month, 5))
    keep(desk("A", since="2026-01-01", rent="10"))
    before = cost()
    assert before == {"2026-01": Decimal(110), "2026-02": Decimal(110)}
    close("2026-01")
    keep(Entry("A", {"rent": "11"}), update=True)
    assert cost() == {"2026-01": Decimal(110), "2026-02": Decimal(112)}
    keep(Entry("A", {"rent": "10"}), update=True)
    assert cost() == before


def test_lists_are_searched_filtered_and_ordered() -> None:
    keep(desk("A", rent="9", deposit="1"), desk("B", rent="10", deposit="2", cost_center="X"),
         desk("C", rent="100", name="Nook"))  # fmt: skip

    def numbers(**asked: object) -> list[str]:
        return [r.number for r in records(None, DESKS, Asked(**asked))]  # type: ignore[arg-type]

    assert numbers(order="-rent") == ["C", "B", "A"]
    assert numbers(order="rent", search="window") == ["A", "B"]
    assert numbers(where={"cost_center": "X"}) == ["B"]
    assert numbers(where={"cost_center": ""}) == ["A", "C"]
    assert numbers(order="-number") == ["C", "B", "A"]
    assert numbers(order="-deposit") == ["A", "B", "C"]
    found = due(None, date(2026, 3, 1), date(2026, 3, 31))
    assert [(d.number, d.due.what) for d in found] == [
        ("A", "start"),
        ("B", "start"),
        ("C", "start"),
    ]
    assert due(None, date(2026, 3, 2), date(2026, 3, 31)) == []
    with pytest.raises(UnknownRecord):
        one_record(None, DESKS, "Q")


def test_secret_fields_stay_with_those_who_may_see_them(tmp_path: Path) -> None:
    """Rule RG8."""
    keep(desk("A", deposit="1234.5"))
    record = one_record(None, DESKS, "A")
    finn, stella = role(Role.IT_FINANCE), role(Role.STAFF_FINANCE)
    assert shown(stella, DESKS, record).content["deposit"] == "1234.5"
    for user in (finn, role(Role.AUDITOR), role(Role.ADMINISTRATOR)):
        assert "deposit" not in shown(user, DESKS, record).content
        assert all("deposit" not in content for _, content in history(user, record))
        assert schedule_of(user, DESKS, record, date(2026, 3, 1)) is None
        assert list(records(user, DESKS, Asked(search="1234"))) == []
    assert schedule_of(stella, DESKS, record, date(2026, 3, 1)) is not None
    with pytest.raises(NotAllowed, match="deposit"):
        keep_records(acting_user=finn, register="desk", entries=[desk("B", deposit="1")])
    path = table(tmp_path, "number,name,since,rent,deposit\nK,Nook,2026-01-01,nix,77\n")
    made = read(path)
    assert rejected_of(finn, made.token)[0]["cells"] == {}  # type: ignore[attr-defined]
    assert rejected_of(stella, made.token)[0]["cells"]["deposit"] == "77"  # type: ignore[attr-defined]
    keep_records(
        acting_user=finn, register="desk", entries=[Entry("A", {"rent": "2"})], update=True
    )
    assert one_record(None, DESKS, "A").secret == {"deposit": "1234.5"}
    with pytest.raises(NotAllowed):
        records(role(Role.BUDGET_OWNER), DESKS, Asked())


def test_files_are_kept_with_records_and_hidden_where_pay_may_stand() -> None:
    """Rule RG9: the desks have a secret field, so that their files may hold one too."""
    from bursar.record.actions.attach_record_file import attach_record_file
    from bursar.record.documents.verification import check_attachments
    from bursar.record.errors import AttachmentEmpty
    from bursar.record.registers.queries import files_of, one_file

    keep(desk("A"))
    record = one_record(None, DESKS, "A")
    for _ in range(2):
        made = attach_record_file(
            acting_user=None, register="desk", number="A", name="../lease.pdf", content=b"lease"
        )
    stella, finn = role(Role.STAFF_FINANCE), role(Role.IT_FINANCE)
    assert [file.name for file in files_of(stella, DESKS, record)] == ["lease.pdf"]
    assert one_file(stella, DESKS, record, made.sha256)[1].read_bytes() == b"lease"
    assert files_of(finn, DESKS, record) == []
    with pytest.raises(UnknownRecord, match="no such file"):
        one_file(finn, DESKS, record, made.sha256)
    for who, number, content, kind in (
        (finn, "A", b"x", NotAllowed), (None, "Q", b"x", UnknownRecord),
        (None, "A", b"", AttachmentEmpty),
    ):  # fmt: skip
        with pytest.raises(kind):
            attach_record_file(
                acting_user=who, register="desk", number=number, name="a", content=content
            )
    assert check_attachments().ok
