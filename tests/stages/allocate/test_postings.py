"""The result goes back into the ledger: balanced, once, and taken back when a run replaces it."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from tests.stages.allocate.firm import drivers, ledger, model, run
from tests.stages.allocate.test_run_model import DRIVERS, JANUARY

from bursar.allocate.actions.export_postings import export_postings
from bursar.allocate.errors import NoRun
from bursar.allocate.models import PostingExport, Statement
from bursar.allocate.postings.errors import AccountMissing, NothingToPost, UnknownLayout
from bursar.allocate.postings.journal import Accounts
from bursar.allocate.postings.layouts import LAYOUTS
from bursar.office.journal.models import Entry
from bursar.office.people.scope import Scope
from bursar.report.errors import BeyondScope
from bursar.report.postings import posting_exports

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
ACCOUNTS = Accounts("699000", "690000")


@pytest.fixture(autouse=True)
def firm(home: Path, tmp_path: Path) -> Path:
    ledger(tmp_path, JANUARY)
    drivers(tmp_path, DRIVERS)
    model()
    run()
    return tmp_path


def rows(content: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode()), delimiter=delimiter))


def total(found: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column] or 0) for row in found), Decimal(0))


def test_debits_are_credits_and_what_statements_print() -> None:
    """Rules J1 and J2."""
    found = rows(export_postings(acting_user=None, period="2026-01").content)
    assert total(found, "debit") == total(found, "credit") > 0
    for statement in Statement.objects.filter(run_period__superseded_at__isnull=True):
        mine = [
            row for row in found
            if row["cost_object"] == statement.consumer and row["currency"] == statement.currency
        ]  # fmt: skip
        assert total(mine, "debit") - total(mine, "credit") == Decimal(statement.document_total)
    assert {row["posting_date"] for row in found} == {"2026-01-31"}


@pytest.mark.parametrize("name", sorted(name for name, one in LAYOUTS.items() if one.columns))
def test_every_layout_has_its_columns(name: str) -> None:
    layout = LAYOUTS[name]
    done = export_postings(acting_user=None, period="2026-01", layout=name, accounts=ACCOUNTS)
    found = rows(done.content, layout.delimiter)
    assert list(found[0]) == [column for column, _ in layout.columns]
    if "Amount" in found[0]:
        signed = {"S": 1, "H": -1}
        assert sum(signed[r["D/C Indicator"]] * Decimal(r["Amount"]) for r in found) == 0
    if name == "datev":
        assert {(r["Konto"], r["Gegenkonto (ohne BU-Schlüssel)"]) for r in found} == {
            ("699000", "690000")
        }
        assert found[0]["Belegdatum"] == "3101"
        assert "," in found[0]["Umsatz (ohne Soll/Haben-Kz)"]


def test_the_same_run_gives_the_same_file_once() -> None:
    """Rule J3: recorded and journalled with its hash."""
    first = export_postings(acting_user=None, period="2026-01")
    again = export_postings(acting_user=None, period="2026-01")
    assert (first.content, first.unchanged, again.unchanged) == (again.content, False, True)
    assert PostingExport.objects.get().content_sha256 == first.sha256
    entry = Entry.objects.get(act="allocate.export_postings")
    assert entry.detail["sha256"] == first.sha256


def test_a_later_run_reverses_what_was_posted(firm: Path) -> None:
    """Rule J4: after both files the ledger holds the later run alone."""
    first = rows(export_postings(acting_user=None, period="2026-01").content)
    ledger(firm, JANUARY.replace("1000.00", "1200.00"))
    run()
    done = export_postings(acting_user=None, period="2026-01")
    assert done.reversed_documents == tuple(dict.fromkeys(r["document"] for r in first))
    second = rows(done.content)
    assert total(second, "debit") == total(second, "credit")
    posted: dict[tuple[str, str], Decimal] = {}
    for row in [*first, *second]:
        key = (row["cost_object"], row["currency"])
        signed = Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0)
        posted[key] = posted.get(key, Decimal(0)) + signed
    for statement in Statement.objects.filter(run_period__superseded_at__isnull=True):
        key = (statement.consumer, statement.currency)
        assert posted[key] == Decimal(statement.document_total)
    assert export_postings(acting_user=None, period="2026-01").content == done.content


def test_what_is_refused() -> None:
    with pytest.raises(UnknownLayout):
        export_postings(acting_user=None, period="2026-01", layout="abacus")
    with pytest.raises(AccountMissing):
        export_postings(acting_user=None, period="2026-01", layout="sap")
    with pytest.raises(NoRun):
        export_postings(acting_user=None, period="2026-02")
    Statement.objects.all().delete()
    with pytest.raises(NothingToPost):
        export_postings(acting_user=None, period="2026-01")


def test_the_list_is_for_who_sees_everything() -> None:
    export_postings(acting_user=None, period="2026-01")
    assert [(r["period"], r["layout"]) for r in posting_exports(Scope.all())] == [
        ("2026-01", "generic")
    ]
    assert posting_exports(Scope.all(), period="2026-02") == []
    with pytest.raises(BeyondScope):
        posting_exports(Scope())


def test_beancount_reads_the_journal_and_finds_what_statements_print() -> None:
    """Rule J5: another bookkeeping software's own reading of our charges."""
    done = export_postings(acting_user=None, period="2026-01", layout="beancount")
    booked = {name: total for name, (_, total) in _expenses(done.content.decode()).items()}
    printed = {
        (statement.consumer, statement.currency): Decimal(statement.document_total)
        for statement in Statement.objects.filter(run_period__superseded_at__isnull=True)
    }
    assert booked == {key: total for key, total in printed.items() if total}


def test_beancount_takes_any_names_and_a_later_run_takes_the_first_back(tmp_path: Path) -> None:
    """Rules J4 and J5: also two names that would be one account."""
    odd = ["Ärger & Söhne", "Ärger-Söhne", '4711 "Nord"', "é"]
    quoted = ", ".join(json.dumps(name, ensure_ascii=False) for name in odd)
    model(
        f"name: Odd\nconsumers: [{quoted}]\n"
        f"steps: [{{to: consumer, rules: [{{method: even, targets: [{quoted}]}}]}}]\n"
    )
    run()
    first = export_postings(acting_user=None, period="2026-01", layout="beancount")
    ledger(tmp_path, "2026-01-15,77.77,EUR,6010,\n", source="late")
    run()
    second = export_postings(acting_user=None, period="2026-01", layout="beancount")
    assert second.reversed_documents == first.documents
    once = _expenses(first.content.decode())
    assert {name for name, _ in once} == set(odd)
    assert len({account for account, _ in once.values()}) == len(odd)
    both = _expenses(first.content.decode() + second.content.decode())
    printed = Statement.objects.filter(run_period__superseded_at__isnull=True)
    assert {key: total for key, (_, total) in both.items()} == {
        (one.consumer, one.currency): Decimal(one.document_total) for one in printed
    }


def _expenses(text: str) -> dict[tuple[str, str], tuple[str, Decimal]]:
    """(cost object, currency) → account and sum, as beancount reads them."""
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    booked: dict[tuple[str, str], tuple[str, Decimal]] = {}
    for entry in entries:
        for posting in getattr(entry, "postings", ()):
            if posting.account.startswith("Expenses:IT:"):
                key = posting.meta["cost-object"], posting.units.currency
                before = booked.get(key, (posting.account, Decimal(0)))[1]
                booked[key] = posting.account, before + posting.units.number
    return booked
