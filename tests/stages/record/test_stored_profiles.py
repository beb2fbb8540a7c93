"""Profiles that people saved: versions, recognition by the header, and imports that name one.

Rules L70-L72 of docs/spec/ledger.md.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.stages.record.bills import bill

from bursar.connect.errors import BadProfile, UnknownProfile
from bursar.connect.looking import look
from bursar.connect.looks.proposing import propose
from bursar.connect.profile import Profile, told
from bursar.office.journal.models import Entry
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.record.actions.add_watch import WatchOrder, add_watch
from bursar.record.actions.delete_profile import delete_profile
from bursar.record.actions.import_files import import_files
from bursar.record.actions.poll_watches import poll_watches
from bursar.record.actions.save_profile import save_profile
from bursar.record.errors import BadProfileName, ProfileInUse
from bursar.record.models import Batch, Import, StoredProfile
from bursar.record.profiles.recognizing import recognize

pytestmark = pytest.mark.django_db
HEAD = "Supplier,Paid on,Voucher,Net spend"


def payables(path: Path, *rows: str, head: str = HEAD) -> Path:
    path.write_text("\n".join([head, *(rows or ("ACME,31/01/2026,V1,1500.00",))]) + "\n")
    return path


def proposal(path: Path, *sayings: str) -> Profile:
    return told(propose(look([path])), ("currency=GBP", *sayings))


def load(path: Path, **options: object) -> dict:
    return import_files(paths=[path], acting_user=None, **options).to_json()


def saved(path: Path, name: str = "payables", source: str = "erp") -> StoredProfile:
    return save_profile(name=name, profile=proposal(path), source=source, acting_user=None)


def totals(done: dict) -> list[str]:
    return [batch["totals"][0]["billed_cost"] for batch in done["batches"]]


def test_a_file_with_the_same_header_is_read_without_asking(home: Path, tmp_path: Path) -> None:
    saved(payables(tmp_path / "a.csv"))
    done = load(payables(tmp_path / "other-name.csv", "BAKER,01/02/2026,V2,7.25"))
    assert (done["source"], totals(done)) == ("erp", ["7.25"])
    made_by = Import.objects.get()
    assert (made_by.profile, made_by.format) == ("payables 1", "profile")
    assert Entry.objects.order_by("-seq").first().detail["profile"] == "payables 1"
    assert recognize([bill(tmp_path / "focus.csv", [{}])]) is None
    assert load(bill(tmp_path / "focus.csv", [{}]))["format"] == "focus"


def test_a_header_where_no_look_would_seek_it(home: Path, tmp_path: Path) -> None:
    lines = "\n".join(["a,b,c,d"] * 3)
    path = payables(tmp_path / "deep.csv", head=f"{lines}\n{HEAD}")
    seen = look([path], profile=Profile(header_row=4))
    profile = replace(propose(seen), header_row=4)
    profile = told(profile, ("currency=GBP",))
    save_profile(name="deep", profile=profile, acting_user=None)
    found = recognize([payables(tmp_path / "next.csv", head=f"{lines}\n{HEAD}")])
    assert found is not None
    assert found.row.name == "deep"


def test_an_import_may_name_its_profile(home: Path, tmp_path: Path) -> None:
    path = payables(tmp_path / "a.csv")
    with pytest.raises(UnknownProfile) as unknown:
        load(path, profile="payables")
    assert unknown.value.code == "import.unknown_profile"
    saved(path)
    assert totals(load(path, profile="payables", source="mine")) == ["1500"]
    assert Batch.objects.get().source.name == "mine"


def test_another_profile_reads_the_same_content_anew(home: Path, tmp_path: Path) -> None:
    path = payables(tmp_path / "a.csv")
    saved(path)
    assert load(path)["unchanged"] is False
    assert load(path)["unchanged"] is True
    turned = replace(proposal(path), sign="negate")
    save_profile(name="payables", profile=turned, acting_user=None)
    again = load(path)
    assert (again["unchanged"], totals(again)) == (False, ["-1500"])
    assert Batch.objects.filter(superseded_at=None).count() == 1


def test_versions_are_kept_and_equal_ones_are_not_made(home: Path, tmp_path: Path) -> None:
    path = payables(tmp_path / "a.csv")
    assert saved(path).number == 1
    assert saved(path).number == 1
    row = save_profile(name="payables", profile=replace(proposal(path), sign="negate"),
                       acting_user=None)  # fmt: skip
    assert (row.number, row.source) == (2, "erp")
    assert [v.data["sign"] for v in row.versions.all()] == ["negate", "as_is"]
    assert Entry.objects.filter(act="record.save_profile").count() == 2


def test_of_two_that_fit_the_one_of_the_source_is_taken(home: Path, tmp_path: Path) -> None:
    path = payables(tmp_path / "a.csv")
    saved(path, "first", "north")
    saved(path, "second", "south")
    assert recognize([path], "north").row.name == "first"
    assert recognize([path]).row.name == "second"


def test_a_watched_place_uses_profiles_too(home: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    path = payables(inbox / "a.csv", "ACME,03/04/2026,V1,1500.00")  # in March or in April
    add_watch(order=WatchOrder("erp", str(inbox)), acting_user=None)
    later = datetime.now(UTC) + timedelta(hours=1)
    assert poll_watches(acting_user=None, now=later)[0].refused == ["a.csv"]
    saved(path)
    found = poll_watches(acting_user=None, now=later + timedelta(hours=1), retry=True)
    assert found[0].imported == ["a.csv"]
    add_watch(order=WatchOrder("erp", str(inbox), profile="payables"), acting_user=None)
    with pytest.raises(ProfileInUse) as used:
        delete_profile(name="payables", acting_user=None)
    assert used.value.code == "record.profile_in_use"


def test_what_is_refused(home: Path, tmp_path: Path) -> None:
    profile = proposal(payables(tmp_path / "a.csv"))
    with pytest.raises(BadProfileName) as bad:
        save_profile(name=" ", profile=profile, acting_user=None)
    assert bad.value.code == "record.bad_profile_name"
    with pytest.raises(BadProfile):
        save_profile(name="a", profile=replace(profile, sign="upwards"), acting_user=None)
    with pytest.raises(UnknownProfile, match="none yet"):
        delete_profile(name="nothing", acting_user=None)
    auditor = User.objects.create(username="a", email="a@x.org", role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        save_profile(name="a", profile=profile, acting_user=auditor)
    with pytest.raises(NotAllowed):
        delete_profile(name="a", acting_user=auditor)
    save_profile(name="a", profile=profile, acting_user=None)
    delete_profile(name="a", acting_user=None)
    assert not StoredProfile.objects.exists()
