"""Undoing an import: one act, the books as before it, and a clear no where later work stands on it.

Rules L40-L42 of docs/spec/ledger.md.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.db import OperationalError
from tests.stages.record.bills import APRIL, bill

from bursar.office.calendar.models import Period, PeriodState
from bursar.office.journal.checking import check_chain
from bursar.office.journal.models import Entry
from bursar.office.manifest.models import LakeFile
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.record.actions.import_files import import_files
from bursar.record.actions.reindex_batches import reindex_batches
from bursar.record.actions.undo_import import undo_import
from bursar.record.errors import (
    LaterImport,
    NotUndoable,
    PeriodClosed,
    ReasonNeeded,
    UnknownImport,
)
from bursar.record.ledger import open_ledger
from bursar.record.models import Batch, Import
from bursar.record.turns import in_turn
from bursar.record.undoing import plan_undoing, soft_closed, why_not
from bursar.record.verification import checks

pytestmark = pytest.mark.django_db


def load(path: Path, **options: object) -> dict:
    return import_files(paths=[path], acting_user=None, **options).to_json()


def undo(token: str) -> dict:
    return undo_import(import_token=token, reason="wrong file", acting_user=None).to_json()


def total() -> Decimal:
    amounts = open_ledger().sums()["amount"].to_pylist()
    return sum(amounts, Decimal(0))


def sound() -> list[str]:
    return [f"{c.name}: {c.detail}" for c in [*checks(), check_chain()] if not c.ok]


def in_force() -> set[str]:
    return set(Batch.objects.filter(superseded_at__isnull=True).values_list("batch_id", flat=True))


def test_the_first_import_of_a_source_leaves_nothing(home: Path, tmp_path: Path) -> None:
    done = load(bill(tmp_path / "a.csv", [{}, {"BilledCost": "x"}, APRIL]))
    found = undo(done["import_token"])
    assert {b["batch_id"] for b in found["withdrawn"]} == {b["batch_id"] for b in done["batches"]}
    assert found["restored"] == []
    assert in_force() == set()
    assert not LakeFile.objects.filter(superseded_at__isnull=True).exists()
    assert total() == 0
    assert sound() == []
    entry = Entry.objects.order_by("-seq").first()
    assert (entry.act, entry.detail["reason"]) == ("record.undo_import", "wrong file")


def test_what_it_replaced_counts_again(home: Path, tmp_path: Path) -> None:
    first = load(bill(tmp_path / "a.csv", [{"EffectiveCost": "5"}, APRIL]))
    second = load(bill(tmp_path / "b.csv", [{"EffectiveCost": "7"}]))
    assert total() == 8
    found = undo(second["import_token"])
    assert [b["period"] for b in found["restored"]] == ["2025-03"]
    assert in_force() == {b["batch_id"] for b in first["batches"]}
    assert total() == 6
    assert sound() == []
    assert Batch.objects.filter(superseded_by__isnull=False).count() == 0


def test_it_may_be_imported_again_and_undone_again(home: Path, tmp_path: Path) -> None:
    load(bill(tmp_path / "a.csv", [{"EffectiveCost": "5"}]))
    file = bill(tmp_path / "b.csv", [{"EffectiveCost": "7"}])
    undo(load(file)["import_token"])
    again = load(file)
    assert again["unchanged"] is False
    assert total() == 7
    undo(again["import_token"])
    assert total() == 5
    assert sound() == []


def test_later_imports_come_first(home: Path, tmp_path: Path) -> None:
    first = load(bill(tmp_path / "a.csv", [{"EffectiveCost": "5"}, APRIL]))
    second = load(bill(tmp_path / "b.csv", [{"EffectiveCost": "7"}]))
    with pytest.raises(LaterImport, match=r"2025-03.*b\.csv") as refused:
        undo(first["import_token"])
    assert refused.value.code == "import.replaced_since"
    assert total() == 8
    undo(second["import_token"])
    undo(first["import_token"])
    assert in_force() == set()
    assert sound() == []


def test_dimensions_promoted_meanwhile_are_given_to_what_comes_back(
    home: Path, tmp_path: Path
) -> None:
    tagged = {"EffectiveCost": "5", "Tags": '{"team": "red"}'}
    load(bill(tmp_path / "a.csv", [tagged]))
    second = load(bill(tmp_path / "b.csv", [{**tagged, "EffectiveCost": "7"}]))
    reindex_batches(promote=["team"], acting_user=None)
    undo(second["import_token"])
    sums = open_ledger().sums(by=["tag.team"])
    assert sums.to_pylist() == [
        {"tag.team": "red", "currency": "EUR", "amount": Decimal(5), "lines": 1}
    ]
    assert sound() == []


def test_a_closed_period_stands(home: Path, tmp_path: Path) -> None:
    done = load(bill(tmp_path / "a.csv", [{}]))
    Period.objects.update(state=PeriodState.CLOSED)
    with pytest.raises(PeriodClosed, match=r"2025-03 .* is closed, and undoing"):
        undo(done["import_token"])
    assert "is closed" in why_not(done["import_token"])
    assert len(in_force()) == 1


def test_a_soft_closed_period_needs_who_may_import_late(home: Path, tmp_path: Path) -> None:
    token = load(bill(tmp_path / "a.csv", [{}]))["import_token"]
    Period.objects.update(state=PeriodState.SOFT_CLOSED)
    assert soft_closed(plan_undoing(token))
    undo(token)
    assert in_force() == set()


def test_what_cannot_be_undone_is_said(home: Path, tmp_path: Path) -> None:
    token = load(bill(tmp_path / "a.csv", [{}]))["import_token"]
    assert why_not(token) == ""
    with pytest.raises(UnknownImport) as unknown:
        undo("nothing")
    assert unknown.value.code == "import.unknown_import"
    with pytest.raises(ReasonNeeded) as silent:
        undo_import(import_token=token, reason=" ", acting_user=None)
    assert silent.value.code == "record.reason_needed"
    undo(token)
    with pytest.raises(NotUndoable) as twice:
        undo(token)
    assert twice.value.code == "import.not_undoable"
    Import.objects.update(undone_at=None, format="derived")
    with pytest.raises(NotUndoable, match="worked out by Bursar"):
        undo(token)


def test_an_auditor_may_not(home: Path, tmp_path: Path) -> None:
    token = load(bill(tmp_path / "a.csv", [{}]))["import_token"]
    user = User.objects.create(username="una", email="u@example.org", role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        undo_import(import_token=token, reason="x", acting_user=user)


@pytest.mark.django_db(transaction=True)
def test_acts_that_publish_wait_their_turn() -> None:
    """The database's own no is waited for, and no other error is."""
    answers = [OperationalError("database is locked"), OperationalError("deadlock detected"), 7]

    def publish() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert in_turn(publish) == 7
    answers = [OperationalError("disk I/O error"), 7]
    with pytest.raises(OperationalError, match="disk"):
        in_turn(publish)
    answers = [OperationalError("database is locked")] * 3
    with pytest.raises(OperationalError, match="locked"):
        in_turn(publish, patience=0)
    assert len(answers) == 2
