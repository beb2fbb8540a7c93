"""Entering documents by hand, and taking them back.

Rules D1-D9 of docs/spec/documents.md.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.record.bills import bill
from tests.stages.record.vouchers import draft, enter

from bursar.core.refusal import Refused
from bursar.office.calendar.models import Period
from bursar.office.journal.models import Entry
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.record.actions.enter_document import enter_document
from bursar.record.actions.import_files import import_files
from bursar.record.actions.reverse_document import reverse_document
from bursar.record.documents.draft import DraftLine, read_draft
from bursar.record.documents.queries import document_json, documents
from bursar.record.ledger import open_ledger
from bursar.record.models import Document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


def sums(basis: str = "effective") -> dict[str, str]:
    found = open_ledger().sums(by=["posting_period"], basis=basis).to_pylist()
    return {r["posting_period"]: str(r["amount"].normalize()) for r in found if r["amount"]}


def refused(code: str, *amounts: str, **given: object) -> str:
    with pytest.raises(Refused) as caught:
        enter(*amounts, **given)
    assert caught.value.code == code
    return caught.value.message


def test_numbers_have_no_gaps_by_kind_and_year() -> None:
    """Rule D1: a refused document takes no number."""
    assert enter().number == "C2025-0001"
    refused("record.bad_document", currency="EURO")
    assert enter().number == "C2025-0002"
    assert enter(date=date(2026, 1, 1)).number == "C2026-0001"
    assert enter("5", "-5", kind="reclassification").number == "R2025-0001"


def test_a_line_fills_the_columns_of_the_ledger() -> None:
    """Rules D2 and D3."""
    line = DraftLine(
        Decimal("12345678901234.123456789012345678901234"),
        basis="booked", gl_account="6200", cost_center="C1", initiative="ERP", treatment="opex",
        intent="run", solution="Mail", description="Seats", tags={"team": "data"},
        service_start=date(2025, 3, 1), service_end=date(2025, 3, 31),
    )  # fmt: skip
    made = enter(lines=(line,), vendor="ACME", document_ref="INV-7")
    [row] = open_ledger().live.lines.to_pylist()
    assert row["booked_cost"] == Decimal("12345678901234.123456789012345678901234")
    assert (row["billed_cost"], row["effective_cost"]) == (None, None)
    told = {n: row[n] for n in ("source", "gl_account", "vendor", "solution", "document_ref")}
    assert told == {"source": "documents", "gl_account": "6200", "vendor": "ACME",
                    "solution": "Mail", "document_ref": "INV-7"}  # fmt: skip
    assert row["tags"] == '{"team": "data"}'
    assert row["charge_period_start"].date() == date(2025, 3, 1)
    assert row["charge_period_end"].date() == date(2025, 4, 1)
    assert row["billing_period_end"].date() == date(2025, 4, 1)
    assert row["line_id"] == f"d{made.pk}-1"
    assert row["record_ref"] == "document C2025-0001-1"


def test_bases_are_kept_apart() -> None:
    """Rule D3."""
    lines = [DraftLine(Decimal(n), basis=b) for n, b in
             (("1", ""), ("20", "effective"), ("300", "booked"))]  # fmt: skip
    enter(lines=tuple(lines))
    found = {b: sums(b) for b in ("billed", "effective", "booked")}
    assert found == {
        "billed": {"2025-03": "1"}, "effective": {"2025-03": "21"}, "booked": {"2025-03": "3E+2"},
    }  # fmt: skip


def test_an_accrual_goes_back_on_the_first_day_of_the_next_period() -> None:
    """Rule D4."""
    made = enter("70", kind="accrual")
    assert (sums(), sums("billed")) == ({"2025-03": "7E+1", "2025-04": "-7E+1"}, {})
    back = Document.objects.get(reverses=made)
    assert (back.date, back.automatic, back.kind) == (date(2025, 4, 1), True, "accrual")
    assert document_json(made)["taken_back_by"] == [back.number]
    refused("record.bad_document", lines=(DraftLine(Decimal(1), basis="billed"),), kind="accrual")


def test_a_reversed_accrual_goes_with_what_takes_it_back() -> None:
    """Rules D4 and D7."""
    made = enter("70", kind="accrual")
    reverse_document(acting_user=None, number=made.number, reason="Twice")
    assert sums() == {}
    with pytest.raises(Refused) as caught:
        reverse_document(acting_user=None, number="A2025-0002", reason="Alone")
    assert caught.value.code == "record.document_reversed"


def test_a_reclassification_moves_cost_and_makes_none() -> None:
    """Rule D5."""
    assert "0.01" in refused("record.document_unbalanced", "5.01", "-5", kind="reclassification")
    mixed = (DraftLine(Decimal(5)), DraftLine(Decimal(-5), basis="effective"))
    refused("record.document_unbalanced", lines=mixed, kind="reclassification")
    enter("5", "-3", "-2", kind="reclassification")
    assert sums() == {}


def test_a_correction_names_what_it_corrects(tmp_path: Path) -> None:
    """Rule D6."""
    refused("record.bad_document", kind="correction")
    refused("record.bad_document", kind="correction", corrects="b00-1")
    refused("record.bad_document", corrects="b00-1")
    batch = import_files(paths=[bill(tmp_path / "a.csv", [{}])], acting_user=None).batches[0]
    enter("-1", kind="correction", corrects=batch["batch_id"] + "-1")
    enter("-1", kind="correction", corrects=batch["batch_id"])
    assert sums() == {"2025-03": "-1"}


def test_nothing_is_edited_but_reversed_by_the_same_lines_negated() -> None:
    """Rule D7."""
    made = enter("1.5", "2.000000000000000000000001")
    back = reverse_document(acting_user=None, number=made.number, reason="Wrong vendor")
    amounts = [line["amount"] for line in document_json(back)["lines"]]
    assert amounts == ["-1.5", "-2.000000000000000000000001"]
    assert sums() == {}
    assert documents(state="reversed").get() == made
    assert document_json(made)["reversed_by"] == [back.number]
    for number in (made.number, back.number):
        with pytest.raises(Refused) as caught:
            reverse_document(acting_user=None, number=number, reason="Again")
        assert caught.value.code == "record.document_reversed"
    with pytest.raises(Refused) as caught:
        reverse_document(acting_user=None, number="C1999-0001", reason="None")
    assert caught.value.code == "record.unknown_document"
    with pytest.raises(Refused) as caught:
        reverse_document(acting_user=None, number=made.number, reason=" ")
    assert caught.value.code == "record.bad_document"


def test_a_closed_period_takes_no_document() -> None:
    """Rule D8."""
    made = enter()
    Period.objects.filter(code="2025-03").update(state="closed")
    refused("record.document_period_closed")
    with pytest.raises(Refused) as caught:
        reverse_document(acting_user=None, number=made.number, reason="Late")
    assert caught.value.code == "record.document_period_closed"
    reverse_document(acting_user=None, number=made.number, reason="Late", day=date(2025, 4, 2))
    assert sums() == {"2025-03": "1E+2", "2025-04": "-1E+2"}
    refused("record.document_period_closed", kind="accrual", date=date(2025, 3, 31))
    Period.objects.filter(code="2025-03").update(state="open")
    enter(kind="accrual", date=date(2025, 2, 1))
    Period.objects.filter(code="2025-03").update(state="closed")
    refused("record.document_period_closed", kind="accrual", date=date(2025, 2, 1))
    assert Document.objects.filter(kind="accrual").count() == 2


def test_the_same_request_again_enters_nothing() -> None:
    """Rule D9."""
    first = enter_document(acting_user=None, draft=draft(), request_key="k1")
    again = enter_document(acting_user=None, draft=draft(), request_key="k1")
    assert (again.pk, Document.objects.count()) == (first.pk, 1)
    with pytest.raises(Refused) as caught:
        enter_document(acting_user=None, draft=draft("99"), request_key="k1")
    assert caught.value.code == "record.document_key_reused"
    with pytest.raises(Refused):
        enter_document(acting_user=None, draft=draft(), request_key="k" * 201)


def test_who_may_enter_and_what_the_journal_keeps() -> None:
    owner = User.objects.create(username="olga", email="o@example.org", role=Role.BUDGET_OWNER)
    with pytest.raises(NotAllowed):
        enter_document(acting_user=owner, draft=draft())
    finance = User.objects.create(username="finn", email="f@example.org", role=Role.IT_FINANCE)
    made = enter_document(acting_user=finance, draft=draft())
    with pytest.raises(NotAllowed):
        reverse_document(acting_user=owner, number=made.number, reason="Mine")
    entry = Entry.objects.get(act="record.enter_document")
    assert (entry.actor, entry.subject) == ("finn", "C2025-0001")
    assert entry.detail["totals"] == {"billed": "100"}


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"lines": []}, "no lines"),
        ({"lines": [{"amount": 1.5}]}, "as text"),
        ({"lines": [{"amount": "1,50"}]}, "Line 1"),
        ({"lines": [{"amount": "1"}, {"amount": "1", "account": "6200"}]}, "no field 'account'"),
        ({"lines": [{"amount": "1", "tags": "team"}]}, "team=data"),
        ({"lines": [{"amount": "1", "service_end": "31.3.2025"}]}, "service_end"),
        ({"date": "10.3.2025"}, "is no date"),
        ({"colour": "red"}, "no field 'colour'"),
        ({"kind": 7}, "as text"),
    ],
)
def test_what_cannot_be_read_is_named(given: dict, word: str) -> None:
    base = {"kind": "cost", "date": "2025-03-10", "currency": "EUR", "lines": [{"amount": "1"}]}
    with pytest.raises(Refused) as caught:
        read_draft({**base, **given})
    assert caught.value.code == "record.bad_document"
    assert word in caught.value.message


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "invoice"},
        {"description": " "},
        {"vendor": "v" * 201},
        {"legal_entity": "nobody"},
        {"period": "2025-13"},
        {"date": date(1025, 3, 1)},
        {"lines": (DraftLine(Decimal(0)),)},
        {"lines": (DraftLine(Decimal(1), treatment="both"),)},
        {"lines": (DraftLine(Decimal(1), basis="list"),)},
        {"lines": (DraftLine(Decimal(1), description="a\0b"),)},
        {"lines": (DraftLine(Decimal(10) ** 14 - 1), DraftLine(Decimal(1)))},
        {"lines": (DraftLine(Decimal(1), service_start=date(2025, 4, 1),
                             service_end=date(2025, 3, 1)),)},
    ],
)  # fmt: skip
def test_what_cannot_be_recorded_is_refused(given: dict) -> None:
    refused("record.bad_document", **given)
    assert Document.objects.count() == 0
