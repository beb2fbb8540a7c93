"""Profiles as data: what they hold, what they refuse, how somebody says what they lack.

Rules R9, R26 and R40-R42 of docs/spec/import.md.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.connect.tables.samples import Read, proposed, read_proposed, write

from bursar.connect.errors import (
    BadProfile,
    ChangedWhileRead,
    ProfileMismatch,
    ProfileNeeded,
)
from bursar.connect.looking import look
from bursar.connect.looks.asking import questions
from bursar.connect.looks.proposing import propose
from bursar.connect.profile import ColumnUse, MatrixColumn, Profile, told
from bursar.connect.reading import open_reading

PAYABLES = [
    "Supplier;Invoice No;Invoice Date;Net Amount;VAT;Gross Amount",
    "Acme;INV-1;31/01/2026;1,000.00;200.00;1,200.00",
    "Birch;INV-2;15/02/2026;(50.00);(10.00);(60.00)",
]


def test_a_profile_survives_json() -> None:
    profile = Profile(
        name="erp",
        columns=(ColumnUse("Betrag", "amount", "1.234,56"), ColumnUse("Datum", "posting_date")),
        constants=(("currency", "EUR"),),
        matrix=(MatrixColumn("FY24", "FY24", "booked", "plan"),),
        header_row=7,
    )
    assert Profile.from_json(json.loads(json.dumps(profile.to_json()))) == profile


@pytest.mark.parametrize(
    "data",
    [
        {"colums": []},
        {"columns": [{"header": "A", "target": "no_such_column"}]},
        {"columns": [{"header": "A", "target": "amount"}, {"header": "B", "target": "amount"}]},
        {"number_style": "1_234"},
        {"fiscal_year_start": 13},
        {"columns": 5},
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(BadProfile) as refused:
        Profile.from_json(data)
    assert refused.value.code == "import.profile_invalid"


def test_a_proposal_needs_one_answer_where_the_file_does_not_say_its_currency(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "payables.csv", PAYABLES)
    seen = look([path])
    profile = propose(seen)
    assert [question.code for question in questions(seen, profile)] == ["currency"]
    settled = told(profile, ["currency=GBP"])
    assert questions(seen, settled) == []
    found = Read(open_reading([path], profile=settled))
    assert found.costs() == ["1E+3", "-5E+1"]
    assert found.lines[0]["x_vat_amount"] == "200"
    assert found.lines[1]["vendor"] == "Birch"


def test_dates_that_could_be_both_are_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["Date,Amount", "03/04/2024,1.50", "05/06/2024,2.50"])
    seen = look([path])
    asked = questions(seen, propose(seen, "EUR"))
    assert [(q.code, q.column) for q in asked] == [("date_style", "Date")]
    assert asked[0].answers == ("date_style=d/m/y", "date_style=m/d/y")
    assert read_proposed(path, "date_style=d/m/y").days() == ["2024-04-03", "2024-06-05"]
    assert read_proposed(path, "date_style=m/d/y").days() == ["2024-03-04", "2024-05-06"]


def test_without_a_profile_a_file_that_leaves_no_question_is_read_and_says_so(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "payables.csv", PAYABLES)
    found = Read(open_reading([path], default_currency="GBP"))
    assert len(found.lines) == 2
    assert "currency is GBP" in found.warnings["import.assumed"]
    with pytest.raises(ProfileNeeded) as refused:
        open_reading([path])
    assert refused.value.code == "import.profile_needed"
    assert "currency=" in refused.value.message


def test_a_file_without_the_columns_of_its_profile_is_refused(tmp_path: Path) -> None:
    profile = proposed(write(tmp_path / "a.csv", PAYABLES))
    other = write(tmp_path / "b.csv", ["Supplier;Date;Value", "Acme;2026-01-01;1.50"])
    with pytest.raises(ProfileMismatch) as refused:
        open_reading([other], profile=profile)
    assert refused.value.code == "import.profile_mismatch"


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", PAYABLES)
    chunks = open_reading([path], profile=proposed(path)).chunks()
    next(chunks)
    write(path, [*PAYABLES, "Cedar;INV-3;01/03/2026;1.00;0.20;1.20"])
    with pytest.raises(ChangedWhileRead) as refused:
        list(chunks)
    assert refused.value.code == "import.changed_while_read"


def test_invoices_count_as_billed_and_effective_and_books_as_booked(tmp_path: Path) -> None:
    payables = tmp_path / "payables.csv"
    payables.write_text("Supplier,Date,Amount,Currency\nTeknova,2026-01-31,12.50,EUR\n")
    books = tmp_path / "journal.csv"
    books.write_text("Account,Date,Debit,Credit,Currency\n6310,2026-01-31,12.50,,EUR\n")
    found = {}
    for path in (payables, books):
        [chunk] = open_reading([path], profile=propose(look([path]))).chunks()
        names = ("billed_cost", "effective_cost", "booked_cost")
        found[path.stem] = [name for name in names if chunk.lines[name][0].as_py() is not None]
    assert found == {
        "payables": ["billed_cost", "effective_cost"],
        "journal": ["booked_cost"],
    }
