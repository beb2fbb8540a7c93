"""Invoices that seem to count twice are told with both lines; credit notes net and say so.

Rules L50-L53 of docs/spec/ledger.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.record.bills import bill

from bursar.record.actions.import_files import import_files
from bursar.record.actions.undo_import import undo_import
from bursar.record.duplicates.finding import find_duplicates
from bursar.record.duplicates.lines import invoice_files
from bursar.record.ledger import open_ledger

pytestmark = pytest.mark.django_db
HEAD = "posting_date,amount,currency,vendor,document,description"


def ledger(path: Path, rows: Sequence[str], *, head: str = HEAD) -> Path:
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def load(path: Path, **options: object) -> dict:
    return import_files(paths=[path], acting_user=None, **options).to_json()


def codes(done: dict) -> list[str]:
    return [warning["code"] for warning in done["warnings"]]


def test_an_invoice_of_another_source_is_told_with_both_lines(home: Path, tmp_path: Path) -> None:
    first = load(ledger(tmp_path / "erp.csv", ["2025-03-05,120.50,EUR,ACME Ltd,INV-0042,Support"]))
    assert codes(first) == []
    rows = ["2025-04-01,120.50,EUR,Acme Ltd.,inv 0042,Support March", "2025-04-02,7,EUR,B,1,x"]
    second = load(ledger(tmp_path / "card.csv", rows))
    assert codes(second) == ["import.duplicate_invoice"]
    assert "1 lines (billed EUR 120.5)" in second["warnings"][0]["message"]
    found = find_duplicates([second["batches"][0]["batch_id"]])
    (suspicion,) = found.suspicions
    assert (suspicion.kind, suspicion.amount) == ("another_batch", Decimal("120.5"))
    assert [(line.source, line.row) for line in suspicion.lines] == [("erp", 1), ("card", 1)]
    assert sum(open_ledger().sums(basis="billed")["amount"].to_pylist()) == Decimal(248)


def test_a_row_that_stands_twice_in_the_file(home: Path, tmp_path: Path) -> None:
    same = "2025-03-05,10,EUR,ACME,7,Support"
    other = "2025-03-05,10,EUR,ACME,7,Other"
    bare = "2025-03-05,3,EUR,Baker,,Bread"
    done = load(ledger(tmp_path / "a.csv", [same, same, bare, bare, bare]))
    assert codes(done) == ["import.duplicate_invoice"]
    found = find_duplicates()
    assert [(s.kind, s.extra, s.amount) for s in found.suspicions] == [
        ("same_row", 1, Decimal(10)),
        ("same_row", 2, Decimal(6)),
    ]
    assert found.totals == (("EUR", "billed", Decimal(16)),)
    undo_import(import_token=done["import_token"], reason="test", acting_user=None)
    load(ledger(tmp_path / "b.csv", [same, other]))
    assert [s.kind for s in find_duplicates().suspicions] == ["same_document"]


def test_near_days_count_where_a_document_is_missing(home: Path, tmp_path: Path) -> None:
    load(ledger(tmp_path / "erp.csv", ["2025-03-05,99,EUR,ACME,7,Support"]))
    rows = ["2025-03-07,99,EUR,Acme,,card", "2025-03-09,99,EUR,Acme,,card"]
    done = load(ledger(tmp_path / "card.csv", rows))
    found = find_duplicates(b["batch_id"] for b in done["batches"])
    assert [(s.kind, [line.row for line in s.lines]) for s in found.suspicions] == [
        ("near_date", [1, 1])
    ]
    named = ["2025-03-07,99,EUR,Acme,8,monthly fee"]
    load(ledger(tmp_path / "third.csv", named))
    assert find_duplicates().count == 3  # once beside erp, and both beside the third source


def test_an_invoice_and_its_posting_are_no_duplicate(home: Path, tmp_path: Path) -> None:
    load(ledger(tmp_path / "erp.csv", ["2025-03-05,99,EUR,ACME,7,Support"]))
    booked = ["2025-03-05,99,EUR,ACME,7,Support,booked"]
    load(ledger(tmp_path / "gl.csv", booked, head=HEAD + ",basis"))
    assert find_duplicates().count == 0


def test_credit_notes_net_and_are_shown(home: Path, tmp_path: Path) -> None:
    rows = [
        "2025-03-05,100,EUR,ACME,7,Support",
        "2025-03-09,-100,EUR,ACME,7,Reversed",
        "2025-03-10,100,EUR,ACME,7,Once more",
        "2025-03-10,50,EUR,ACME,8,Hours",
        "2025-03-12,-20,EUR,ACME,8,Credit",
    ]
    done = load(ledger(tmp_path / "a.csv", rows))
    assert codes(done) == ["import.credit_notes"]
    found = find_duplicates()
    assert found.count == 0
    shown = [(c.document, c.billed, c.credited, c.net) for c in found.credits]
    assert shown == [("7", 200, -100, 100), ("8", 50, -20, 30)]


def test_a_cloud_bill_costs_no_reading(home: Path, tmp_path: Path) -> None:
    done = load(bill(tmp_path / "a.csv", [{}, {}]))
    assert codes(done) == ["import.columns_absent"] or codes(done) == []
    assert invoice_files() == []
    assert find_duplicates().count == 0
