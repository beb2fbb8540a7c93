"""Promoting columns gives batches new dimensions; their lines and sums stay.

Rule L24 of docs/spec/ledger.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.stages.record.bills import APRIL, bill

from bursar.lake.errors import DiskFull
from bursar.office.calendar.models import Period, PeriodState
from bursar.office.journal.models import Entry
from bursar.office.manifest.models import LakeFile
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.record import queries
from bursar.record.actions import reindex_batches as act
from bursar.record.actions.import_files import import_files
from bursar.record.actions.reindex_batches import reindex_batches
from bursar.record.errors import BadPromotion
from bursar.record.ledger import open_ledger
from bursar.record.promotion import promoted_columns
from bursar.record.verification import checks

pytestmark = pytest.mark.django_db
WEB = {"Tags": '{"team": "web"}', "x_code": "c1"}


@pytest.fixture
def imported(home: Path, tmp_path: Path) -> str:
    """A batch of three lines, of which one is tagged; returns its id."""
    found = import_files(paths=[bill(tmp_path / "a.csv", [{}, WEB, {}])], acting_user=None)
    return found.batches[0]["batch_id"]


def in_force() -> list[str]:
    return [b["batch_id"] for b in queries.batches(superseded=False)]


def team_sums() -> dict[str | None, str]:
    found = open_ledger().sums(by=["tag.team"], basis="billed").to_pylist()
    return {row["tag.team"]: str(row["amount"].normalize()) for row in found}


def test_batches_in_force_get_the_new_dimension(imported: str) -> None:
    done = reindex_batches(promote=["team", "x_code"], acting_user=None)
    assert done.promoted == promoted_columns() == ("tag.team", "x_code")
    assert done.replaced == (imported,)
    assert in_force() == list(done.batches)
    assert team_sums() == {None: "2", "web": "1"}
    old, new = (queries.batch_lines(b).drop_columns(["dim_id"]) for b in (imported, in_force()[0]))
    assert old.equals(new)
    assert all(check.ok for check in checks())
    [after] = queries.batches(superseded=False)
    assert after["superseded_batch_id"] == imported
    assert Entry.objects.filter(act="record.reindex_batches").count() == 1


def test_later_imports_know_what_is_promoted(imported: str, tmp_path: Path) -> None:
    reindex_batches(promote=["team"], acting_user=None)
    import_files(paths=[bill(tmp_path / "b.csv", [APRIL | WEB])], acting_user=None)
    assert team_sums() == {None: "2", "web": "2"}


def test_the_same_promotion_again_does_nothing(imported: str) -> None:
    reindex_batches(promote=["team"], acting_user=None)
    entries = Entry.objects.count()
    assert reindex_batches(promote=["tag.team", "team"], acting_user=None).batches == ()
    assert Entry.objects.count() == entries


def test_a_column_without_any_value_rewrites_nothing(imported: str, home: Path) -> None:
    before = LakeFile.objects.count()
    assert reindex_batches(promote=["nobody_has_it"], acting_user=None).batches == ()
    assert in_force() == [imported]
    assert (
        LakeFile.objects.count() == before == sum(p.is_file() for p in (home / "lake").rglob("*"))
    )


def test_taking_a_promotion_back_restores_the_ids(imported: str) -> None:
    before = sorted(queries.batch_lines(imported)["dim_id"].to_pylist())
    reindex_batches(promote=["team"], acting_user=None)
    assert sorted(queries.batch_lines(in_force()[0])["dim_id"].to_pylist()) != before
    reindex_batches(promote=[], acting_user=None)
    assert sorted(queries.batch_lines(in_force()[0])["dim_id"].to_pylist()) == before


def test_the_same_file_is_still_known_after_reindexing(imported: str, tmp_path: Path) -> None:
    reindex_batches(promote=["team"], acting_user=None)
    again = import_files(paths=[tmp_path / "a.csv"], acting_user=None)
    assert again.unchanged
    assert [b["batch_id"] for b in again.batches] == in_force()


def test_closed_periods_keep_their_dimensions(imported: str) -> None:
    Period.objects.update(state=PeriodState.CLOSED)
    assert reindex_batches(promote=["team"], acting_user=None).batches == ()
    assert in_force() == [imported]


@pytest.mark.parametrize("name", ["", "x_", "tag.", "t" * 200])
def test_a_name_that_is_no_column_is_refused(home: Path, name: str) -> None:
    with pytest.raises(BadPromotion):
        reindex_batches(promote=[name], acting_user=None)


def test_names_that_differ_in_case_only_are_refused(home: Path) -> None:
    with pytest.raises(BadPromotion, match="capital letters"):
        reindex_batches(promote=["Team", "team"], acting_user=None)


def test_a_full_disk_changes_nothing(imported: str, home: Path, monkeypatch) -> None:
    before = sorted(p for p in (home / "lake").rglob("*") if p.is_file())

    def full(*_: object) -> None:
        raise DiskFull("no room")

    monkeypatch.setattr(act.CostLineWriter, "finish", full)
    with pytest.raises(DiskFull):
        reindex_batches(promote=["team"], acting_user=None)
    assert promoted_columns() == ()
    assert sorted(p for p in (home / "lake").rglob("*") if p.is_file()) == before


def test_an_auditor_may_not_reindex(home: Path) -> None:
    user = User.objects.create(username="au", email="au@example.org", role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        reindex_batches(promote=["team"], acting_user=user)
