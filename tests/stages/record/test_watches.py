"""Watched places: whole files are imported once, unfinished and refused ones stay visible.

Rules L60-L63 of docs/spec/ledger.md.
"""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import fsspec
import pytest
from tests.stages.record.bills import APRIL, bill

from bursar.flow.jobs import look_at_watched_places
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.office.people.scope import Scope
from bursar.record.actions.add_watch import WatchOrder, add_watch
from bursar.record.actions.poll_watches import Polled, poll_watches
from bursar.record.actions.remove_watch import remove_watch
from bursar.record.errors import BadWatch, PlaceUnreachable, UnknownWatch
from bursar.record.models import Arrival, Batch, Watch
from bursar.report.arrivals import alerts, arrivals
from bursar.report.errors import BeyondScope

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def inbox(home: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    add_watch(order=WatchOrder("aws", str(folder), "*.csv"), acting_user=None)
    return folder


@pytest.fixture
def store(home: Path) -> fsspec.AbstractFileSystem:
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    memory.makedirs("/bucket/bills")
    return memory


def poll(*, later: timedelta = HOUR, **options: object) -> Polled:
    now = datetime.now(UTC) + later
    return poll_watches(acting_user=None, now=now, **options)[0]


def in_force() -> list[str]:
    rows = Batch.objects.filter(superseded_at__isnull=True).order_by("source__name", "period")
    return [f"{source} {period}" for source, period in rows.values_list("source__name", "period")]


def test_a_whole_file_is_imported_once(inbox: Path) -> None:
    bill(inbox / "march.csv", [{}])
    bill(inbox / ".hidden.csv", [{}])
    bill(inbox / "half.csv.part", [{}])
    (inbox / "notes.txt").write_text("not ours")
    assert poll().imported == ["march.csv"]
    again = poll(later=2 * HOUR)
    assert (again.imported, again.known) == ([], 1)
    assert in_force() == ["aws 2025-03"]
    assert Arrival.objects.get().made_by.source.name == "aws"
    assert not list(Path(inbox.parent / "home").glob(".arrival-*"))


def test_a_file_that_still_grows_waits(inbox: Path) -> None:
    path = bill(inbox / "march.csv", [{}])
    assert poll(later=timedelta(seconds=1)).waiting == ["march.csv"]
    bill(path, [{}, {}])
    os.utime(path, (time.time(), time.time() + 3))
    assert poll(later=timedelta(seconds=20)).waiting == ["march.csv"]
    assert in_force() == []
    assert poll(later=timedelta(seconds=40)).imported == ["march.csv"]
    assert Batch.objects.get().rows_accepted == 2


def test_a_restated_file_replaces_and_an_undone_one_stays_undone(inbox: Path) -> None:
    path = bill(inbox / "march.csv", [{}])
    poll()
    bill(path, [{"BilledCost": "2"}, {}])
    assert poll(later=2 * HOUR).imported == ["march.csv"]
    assert [b.rows_accepted for b in Batch.objects.filter(superseded_at=None)] == [2]


def test_a_refused_file_stays_visible_and_is_taken_again_when_it_changed(inbox: Path) -> None:
    path = inbox / "march.csv"
    path.write_text("no,bill\n1,2\n")
    assert poll().refused == ["march.csv"]
    row = Arrival.objects.get()
    assert (row.state, row.code) == ("refused", "import.missing_columns")
    assert poll(later=2 * HOUR).known == 1
    assert poll(later=2 * HOUR, retry=True).refused == ["march.csv"]
    (alert,) = alerts(Scope.all(), today=date(2025, 4, 1))
    assert (alert.kind, alert.code) == ("refused", "import.missing_columns")
    bill(path, [{}])
    assert poll(later=3 * HOUR).imported == ["march.csv"]
    assert alerts(Scope.all(), today=date(2025, 4, 1)) == ()


def test_files_of_days_add_to_one_another(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "days"
    folder.mkdir()
    order = WatchOrder("card", str(folder), each_adds=True, rhythm="daily")
    add_watch(order=order, acting_user=None)
    head = "posting_date,amount,currency\n"
    for day in ("01", "02"):
        (folder / f"card-2025-03-{day}.csv").write_text(f"{head}2025-03-{day},5,EUR\n")
    assert len(poll().imported) == 2
    assert in_force() == ["card: card-2025-03-01 2025-03", "card: card-2025-03-02 2025-03"]
    (row,) = arrivals(Scope.all(), today=date(2025, 3, 9)).rows
    assert (row.source, row.cells[-1].rows, row.cells[-1].state) == ("card", 2, "arrived")


def test_a_manifest_counts_as_one_import(store: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    add_watch(order=WatchOrder("cur", "memory://bucket/bills"), acting_user=None)
    folder = "/bucket/bills/20250301-20250401"
    keys = [f"bills/20250301-20250401/v1/cur-{n}.csv" for n in (1, 2)]
    manifest = json.dumps({"reportKeys": keys}).encode()
    store.pipe(f"{folder}/cur-Manifest.json", manifest)
    store.pipe(f"{folder}/v1/cur-Manifest.json", manifest)
    first = bill(tmp_path / "1.csv", [{}, {}])
    store.pipe(f"{folder}/v1/cur-1.csv", first.read_bytes())
    assert poll().waiting == ["20250301-20250401/cur-Manifest.json"]
    assert "1 of 2 parts" in Arrival.objects.get().message
    assert alerts(Scope.all(), today=date(2025, 4, 1))[0].kind == "incomplete"
    store.pipe(f"{folder}/v1/cur-2.csv", first.read_bytes())
    found = poll(later=2 * HOUR)
    assert found.imported == ["20250301-20250401/cur-Manifest.json"]
    assert Batch.objects.get().rows_accepted == 4
    assert Arrival.objects.count() == 1


def test_a_place_that_is_gone_is_an_outcome(inbox: Path) -> None:
    bill(inbox / "march.csv", [{}])
    inbox.rename(inbox.parent / "elsewhere")
    assert "no such folder" in poll().problem
    (alert,) = alerts(Scope.all(), today=datetime.now(UTC).date())
    assert alert.kind == "unreachable"
    (inbox.parent / "elsewhere").rename(inbox)
    assert poll(later=2 * HOUR).imported == ["march.csv"]
    assert Watch.objects.get().problem == ""


@pytest.mark.parametrize(
    "order",
    [
        WatchOrder("a", "ftp://x/y"),
        WatchOrder("a", ""),
        WatchOrder("a", "simplecache::s3://x"),
        WatchOrder("a", "s3://key:secret@bucket/x"),
        WatchOrder("", "/srv"),
        WatchOrder("a", "/srv", pattern=""),
        WatchOrder("a", "/srv", format="cobol"),
        WatchOrder("a", "/srv", rhythm="hourly"),
        WatchOrder("a", "/srv", due_day=32),
        WatchOrder("a", "/srv", rhythm="weekly", due_day=8),
        WatchOrder("a", "/srv", grace_days=-1),
    ],
)
def test_a_wrong_order_is_refused(home: Path, order: WatchOrder) -> None:
    with pytest.raises(BadWatch) as refused:
        add_watch(order=order, acting_user=None)
    assert refused.value.code == "watch.bad_watch"


def test_what_else_is_refused(home: Path, tmp_path: Path) -> None:
    with pytest.raises(PlaceUnreachable) as gone:
        add_watch(order=WatchOrder("a", str(tmp_path / "gone")), acting_user=None)
    assert gone.value.code == "watch.unreachable"
    with pytest.raises(BadWatch, match="data folder"):
        add_watch(order=WatchOrder("a", str(home / "lake")), acting_user=None)
    with pytest.raises(UnknownWatch) as unknown:
        poll_watches(acting_user=None, source="nothing")
    assert unknown.value.code == "watch.unknown_watch"
    with pytest.raises(UnknownWatch):
        remove_watch(source="nothing", acting_user=None)
    finance = User.objects.create(username="f", email="f@x.org", role=Role.IT_FINANCE)
    (tmp_path / "inbox").mkdir()
    with pytest.raises(BadWatch, match="administrator"):
        add_watch(order=WatchOrder("a", str(tmp_path / "inbox")), acting_user=finance)
    auditor = User.objects.create(username="a", email="a@x.org", role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        add_watch(order=WatchOrder("a", str(tmp_path)), acting_user=auditor)
    with pytest.raises(NotAllowed):
        poll_watches(acting_user=auditor)
    with pytest.raises(BeyondScope):
        arrivals(Scope.of_roots(["Retail"]), today=date(2025, 4, 1))


def test_late_and_incomplete_months_are_told(inbox: Path) -> None:
    Watch.objects.update(due_day=5, grace_days=2, added_at=datetime(2024, 12, 1, tzinfo=UTC))
    months = ["2024-12", "2025-01", "2025-02"]
    for month in months:
        start = {"BillingPeriodStart": f"{month}-01", "ChargePeriodStart": f"{month}-02",
                 "ChargePeriodEnd": f"{month}-03", "BillingPeriodEnd": f"{month}-28"}  # fmt: skip
        bill(inbox / f"{month}.csv", [start] * 4)
    bill(inbox / "2025-04.csv", [APRIL])
    assert len(poll().imported) == 4
    today = date(2025, 5, 7)
    cells = {c.period: c for c in arrivals(Scope.all(), today=today).rows[0].cells}
    states = [cells[p].state for p in (*months, "2025-03", "2025-04", "2025-05")]
    assert states == ["arrived", "arrived", "arrived", "late", "incomplete", "expected"]
    assert cells["2025-03"].due == date(2025, 4, 7)
    told = [(a.kind, a.subject) for a in alerts(Scope.all(), today=today)]
    assert told == [("late", "2025-03"), ("incomplete", "2025-04")]
    assert alerts(Scope.all(), today=date(2025, 4, 7)) == ()
    Watch.objects.update(rhythm="weekly")
    soon = [(a.kind, a.subject) for a in alerts(Scope.all(), today=date(2099, 1, 1))]
    assert ("late", "rhythm") in soon


def test_the_schedule_looks_by_itself(inbox: Path) -> None:
    path = bill(inbox / "march.csv", [{}])
    old = time.time() - 600
    os.utime(path, (old, old))
    look_at_watched_places.call_local()
    assert in_force() == ["aws 2025-03"]
    remove_watch(source="aws", acting_user=None)
    assert not Watch.objects.exists()
    assert in_force() == ["aws 2025-03"]
