"""Importing: exact totals, nothing doubled, replaced by period, and no half-state.

Rules L1-L7, L11, L12 and L32 of docs/spec/ledger.md.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.record.bills import APRIL, bill, drivers

from bursar.lake.errors import DiskFull
from bursar.office.calendar.models import Period, PeriodState
from bursar.office.journal.models import Entry
from bursar.office.manifest.models import LakeFile
from bursar.office.manifest.writing import in_force
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.record import queries
from bursar.record.actions.import_files import import_files
from bursar.record.actions.reindex_batches import reindex_batches
from bursar.record.errors import (
    BadSourceName,
    ConcurrentImport,
    NothingAccepted,
    PeriodClosed,
    SourceOverlap,
)
from bursar.record.models import Batch, Import, Source
from bursar.record.sources import name_of_file
from bursar.record.verification import checks

pytestmark = pytest.mark.django_db


def load(path: Path, **options: object) -> dict:
    return import_files(paths=[path], acting_user=None, **options).to_json()


def warning(found: dict, code: str = "import.period_not_mentioned") -> str:
    return "".join(w["message"] for w in found["warnings"] if w["code"] == code)


def all_is_well() -> bool:
    return all(check.ok for check in checks())


def files_in(home: Path) -> set[str]:
    lake = home / "lake"
    return {p.relative_to(lake).as_posix() for p in lake.rglob("*") if p.is_file()}


def registered() -> set[str]:
    return set(LakeFile.objects.values_list("path", flat=True))


def test_a_real_bill_is_recorded_to_the_last_digit(home: Path, shared_data: Path) -> None:
    found = load(shared_data / "focus" / "focus_1.0_sample_real_open.csv")
    [batch] = found["batches"]
    assert batch["period"] == "2024-09"
    assert (batch["rows_read"], batch["rows_accepted"], batch["rows_rejected"]) == (600, 600, 0)
    [total] = batch["totals"]
    assert (total["currency"], total["billed_cost"]) == ("USD", "7.11225253807")
    assert total["effective_cost"] == "3.00017949374"
    assert total["booked_cost"] == "0"
    assert (batch["format"], batch["format_version"]) == ("focus", "1.0")
    assert batch["source"].startswith("aws+microsoft+oracle-")
    assert all_is_well()
    assert json.loads(json.dumps(found)) == found


def test_the_same_file_again_changes_nothing_and_says_so(home: Path, tmp_path: Path) -> None:
    first = load(bill(tmp_path / "a.csv", [{}, {"BilledCost": "x"}]))
    entries, files = Entry.objects.count(), files_in(home)
    (tmp_path / "renamed.csv").write_bytes((tmp_path / "a.csv").read_bytes())
    again = load(tmp_path / "renamed.csv")
    assert (first["unchanged"], again["unchanged"]) == (False, True)
    assert again["batches"] == first["batches"]
    assert again["rejected"] == first["rejected"]
    assert (Entry.objects.count(), files_in(home)) == (entries, files)


def test_the_same_file_as_another_source_is_another_import(home: Path, tmp_path: Path) -> None:
    path = bill(tmp_path / "a.csv", [{}])
    load(path, source="one")
    assert load(path, source="two")["unchanged"] is False
    assert load(path, source="one")["unchanged"] is True
    assert Source.objects.count() == 2


def test_a_restated_period_replaces_and_the_old_batch_stays_readable(
    home: Path, tmp_path: Path
) -> None:
    old = load(bill(tmp_path / "march.csv", [{}, {"BilledCost": "2.5"}]))["batches"][0]
    new = load(bill(tmp_path / "restated.csv", [{}, {"BilledCost": "2.75"}]))["batches"][0]
    assert new["superseded_batch_id"] == old["batch_id"]
    change = Decimal(new["totals"][0]["billed_cost"]) - Decimal(old["totals"][0]["billed_cost"])
    assert change == Decimal("0.25")
    assert [(b["batch_id"], b["in_force"]) for b in queries.batches()] == [
        (old["batch_id"], False),
        (new["batch_id"], True),
    ]
    assert queries.line(f"{old['batch_id']}-2")["billed_cost"] == Decimal("2.5")
    assert queries.line(f"{new['batch_id']}-2")["billed_cost"] == Decimal("2.75")
    owners = set(in_force("cost_line").values_list("owner", flat=True))
    assert owners == {new["batch_id"]}
    assert all_is_well()


def test_going_back_to_an_earlier_file_is_a_restatement_too(home: Path, tmp_path: Path) -> None:
    first, second = bill(tmp_path / "1.csv", [{}]), bill(tmp_path / "2.csv", [{}, {}])
    load(first)
    load(second)
    back = load(first)
    assert back["unchanged"] is False
    assert back["batches"][0]["rows_accepted"] == 1
    assert Batch.objects.filter(superseded_at__isnull=True).count() == 1


def test_each_billing_period_is_a_batch_of_its_own(home: Path, tmp_path: Path) -> None:
    both = load(bill(tmp_path / "a.csv", [{}, APRIL, {"BilledCost": "1e99"}]))
    assert [b["period"] for b in both["batches"]] == ["2025-03", "2025-04"]
    assert sum(b["rows_read"] for b in both["batches"]) == both["rows_read"] == 3
    assert sum(b["rows_rejected"] for b in both["batches"]) == 1
    march = both["batches"][0]["batch_id"]
    april = load(bill(tmp_path / "b.csv", [{**APRIL, "BilledCost": "9"}]))
    assert april["batches"][0]["superseded_batch_id"] == both["batches"][1]["batch_id"]
    assert Batch.objects.get(batch_id=march).superseded_at is None
    assert "2025-03" in warning(april)


def test_months_imported_one_by_one_are_no_reason_to_warn(home: Path, tmp_path: Path) -> None:
    load(bill(tmp_path / "march.csv", [{}]))
    assert warning(load(bill(tmp_path / "april.csv", [APRIL]))) == ""


def test_rejected_rows_are_kept_with_their_reason(home: Path, tmp_path: Path) -> None:
    found = load(bill(tmp_path / "a.csv", [{}, {"BilledCost": "1,234.50"}, {"BilledCost": "NaN"}]))
    assert (found["rows_accepted"], found["rows_rejected"], found["rejected_total"]) == (1, 2, 2)
    assert [(r["row"], r["column"]) for r in found["rejected"]] == [
        (2, "BilledCost"),
        (3, "BilledCost"),
    ]
    kept = queries.rejected_lines(found["import_token"]).to_pylist()
    assert [r["raw"] for r in kept] == ["1,234.50", "NaN"]
    assert all_is_well()


def test_a_file_of_rejected_rows_only_is_refused(home: Path, tmp_path: Path) -> None:
    with pytest.raises(NothingAccepted, match="none of its 1 rows") as refusal:
        load(bill(tmp_path / "a.csv", [{"BilledCost": "NaN"}]))
    assert refusal.value.code == "import.nothing_accepted"
    assert [row["raw"] for row in refusal.value.rejected] == ["NaN"]
    assert not Import.objects.exists()
    assert all_is_well()


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("staff-2026-01.csv", "staff"),
        ("Staff_202602.csv.gz", "staff"),
        ("ledger FY2026-P03.csv", "ledger"),
        ("2026-Q1 telecom march.csv", "telecom"),
        ("plant-1.csv", "plant-1"),
        ("plant-2.csv", "plant-2"),
        ("marketing.csv", "marketing"),
        ("20260131.csv", "source"),
    ],
)
def test_a_file_names_its_source_without_dates(file: str, name: str) -> None:
    assert name_of_file([Path(file)]) == name


def test_several_currencies_have_totals_of_their_own(home: Path, tmp_path: Path) -> None:
    found = load(bill(tmp_path / "a.csv", [{"BilledCost": "0.1"}, {"BillingCurrency": "USD"}]))
    totals = {t["currency"]: t["billed_cost"] for t in found["batches"][0]["totals"]}
    assert totals == {"EUR": "0.1", "USD": "1"}


def test_equal_lines_all_count(home: Path, tmp_path: Path) -> None:
    (batch,) = load(bill(tmp_path / "a.csv", [{}, {}, {}]))["batches"]
    assert batch["rows_accepted"] == 3
    assert batch["totals"][0]["billed_cost"] == "3"


def test_the_name_follows_from_providers_and_accounts(home: Path, tmp_path: Path, monkeypatch):
    """Here the first lines know only one of two providers, so the name is mended on the way."""
    from bursar.lake import cost_lines

    monkeypatch.setattr(cost_lines, "_BUFFER_ROWS", 10)
    lines = [{}] * 30_000 + [{"ServiceProviderName": "Oracle", "InvoiceIssuerName": "Oracle"}]
    found = load(bill(tmp_path / "a.csv", lines))
    assert found["source"].startswith("aws+oracle-")
    assert found["rows_accepted"] == 30_001
    assert all_is_well()
    [batch] = found["batches"]
    held = queries.batch_lines(batch["batch_id"], rows=[1, 30_001])
    assert set(held["source"].to_pylist()) == {found["source"]}


def test_the_same_account_under_another_source_is_refused(home: Path, tmp_path: Path) -> None:
    mine = load(bill(tmp_path / "a.csv", [{}]))
    other = bill(tmp_path / "b.csv", [{"BilledCost": "5"}, {"ServiceProviderName": "Reseller"}])
    before = files_in(home)
    with pytest.raises(SourceOverlap) as refusal:
        load(other)
    assert refusal.value.code == "import.source_overlap"
    assert f"--source {mine['source']}" in str(refusal.value)
    assert files_in(home) == before == registered()
    assert load(other, source="keep both")["batches"][0]["superseded_batch_id"] is None
    replaced = load(bill(tmp_path / "c.csv", [{"BilledCost": "6"}]), source=mine["source"])
    assert replaced["batches"][0]["superseded_batch_id"] == mine["batches"][0]["batch_id"]


def test_one_account_in_other_months_is_no_overlap(home: Path, tmp_path: Path) -> None:
    load(bill(tmp_path / "a.csv", [{}]), source="until march")
    assert load(bill(tmp_path / "b.csv", [APRIL]))["unchanged"] is False


def test_an_act_that_came_between_is_refused_cleanly(home: Path, tmp_path: Path) -> None:
    """While one import reads, another one of the same source comes into force."""
    slow, quick = bill(tmp_path / "a.csv", [{}]), bill(tmp_path / "b.csv", [{}, {}])
    came: list[dict] = []

    def meanwhile(_: int) -> None:
        if not came:
            came.append(load(quick))

    with pytest.raises(ConcurrentImport) as refusal:
        load(slow, progress=meanwhile)
    assert refusal.value.code == "import.concurrent"
    assert [b["batch_id"] for b in queries.batches()] == [came[0]["batches"][0]["batch_id"]]
    assert files_in(home) == registered()


def test_columns_promoted_in_between_are_refused_cleanly(home: Path, tmp_path: Path) -> None:
    def meanwhile(_: int) -> None:
        reindex_batches(promote=["team"], acting_user=None)

    path = bill(tmp_path / "a.csv", [{}])
    with pytest.raises(ConcurrentImport, match="promoted"):
        load(path, progress=meanwhile)
    assert files_in(home) == registered() == set()
    assert load(path)["rows_accepted"] == 1


def test_a_full_disk_records_nothing(home: Path, tmp_path: Path, settings: object) -> None:
    """A disk of one megabyte, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        settings.LAKE_FOLDER = disk  # type: ignore[attr-defined]
        noise = [{"ResourceId": secrets.token_hex(200)} for _ in range(8000)]
        with pytest.raises(DiskFull) as refusal:
            load(bill(tmp_path / "a.csv", noise))
        assert refusal.value.code == "lake.disk_full"
        assert [p for p in disk.rglob("*") if p.is_file()] == []
        assert Import.objects.count() == LakeFile.objects.count() == 0
        assert load(bill(tmp_path / "b.csv", [{}]))["rows_accepted"] == 1
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_the_same_content_that_came_between_is_no_conflict(
    home: Path, tmp_path: Path, django_capture_on_commit_callbacks
) -> None:
    path, came = bill(tmp_path / "a.csv", [{}]), []

    def meanwhile(_: int) -> None:
        if not came:
            came.append(load(path))

    with django_capture_on_commit_callbacks(execute=True):
        assert load(path, progress=meanwhile)["unchanged"] is True
    assert Import.objects.count() == 1
    assert files_in(home) == registered()


def test_periods_open_as_they_are_posted_to(home: Path, tmp_path: Path) -> None:
    load(bill(tmp_path / "a.csv", [{}, APRIL]))
    assert list(Period.objects.values_list("code", "state")) == [
        ("2025-03", "open"),
        ("2025-04", "open"),
    ]


def test_the_act_is_in_the_journal(home: Path, tmp_path: Path) -> None:
    user = User.objects.create(username="ida", email="ida@example.org", role=Role.IT_FINANCE)
    found = import_files(paths=[bill(tmp_path / "a.csv", [{}])], acting_user=user)
    entry = Entry.objects.get(act="record.import_files")
    assert (entry.actor, entry.subject) == ("ida", found.source)
    assert entry.detail["batches"][0]["batch_id"] == found.batches[0]["batch_id"]
    assert found.batches[0]["imported_by"] == "ida"


@pytest.mark.parametrize("role", [Role.BUDGET_OWNER, Role.AUDITOR])
def test_only_some_roles_may_import(home: Path, tmp_path: Path, role: Role) -> None:
    user = User.objects.create(username="bo", email="bo@example.org", role=role)
    with pytest.raises(NotAllowed):
        import_files(paths=[bill(tmp_path / "a.csv", [{}])], acting_user=user)
    assert files_in(home) == set()


@pytest.mark.parametrize("name", ["", "  ", "x" * 121])
def test_a_source_has_a_name_of_some_length(home: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(BadSourceName):
        load(bill(tmp_path / "a.csv", [{}]), source=name)


def test_progress_counts_rows(home: Path, tmp_path: Path) -> None:
    seen: list[int] = []
    load(bill(tmp_path / "a.csv", [{}, {}, {"BilledCost": "NaN"}]), progress=seen.append)
    assert seen[-1] == 3


def test_measures_come_by_the_same_door(home: Path, tmp_path: Path) -> None:
    rows = ["seats,2025-03,Compute,Retail,10,seat", "seats,2025-04,,Online,5,seat"]
    found = load(drivers(tmp_path / "seats_2025-03.csv", rows))
    assert [(b["kind"], b["period"], b["source"]) for b in found["batches"]] == [
        ("usage_line", "2025-03", "seats"),
        ("usage_line", "2025-04", "seats"),
    ]
    assert found["batches"][0]["totals"] == []
    again = load(drivers(tmp_path / "seats_2025-04.csv", ["seats,2025-03,Compute,Retail,7,seat"]))
    assert again["batches"][0]["superseded_batch_id"] == found["batches"][0]["batch_id"]
    [held] = queries.usage_lines("2025-03").to_pylist()
    assert (held["measure"], held["from_key"], held["quantity"]) == ("seats", "Compute", 7)
    assert queries.usage_lines().num_rows == 2
    assert all_is_well()


def test_measures_of_a_closed_period_are_refused(home: Path, tmp_path: Path) -> None:
    load(bill(tmp_path / "a.csv", [{}]))
    Period.objects.filter(code="2025-03").update(state=PeriodState.CLOSED)
    before = files_in(home)
    with pytest.raises(PeriodClosed, match=r"Period 2025-03 of .* is closed") as refusal:
        load(drivers(tmp_path / "seats.csv", ["seats,2025-03,Compute,Retail,10,seat"]))
    assert refusal.value.code == "import.period_closed"
    assert files_in(home) == before == registered()
    assert load(bill(tmp_path / "c.csv", [APRIL]))["batches"][0]["period"] == "2025-04"


def test_a_ledger_file_may_name_legal_entities(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "gl_2025-03.csv"
    path.write_text(
        "posting_date,amount,currency,legal_entity,cost_center\n"
        "2025-03-31,100.10,EUR,DE01,4711\n2025-03-31,5,EUR,,4711\n"
    )
    found = load(path)
    assert found["source"] == "gl"
    assert set(Period.objects.values_list("legal_entity__code", flat=True)) == {"DE01", "main"}
    assert all_is_well()


def test_a_folder_of_parts_is_one_import(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    bill(folder / "1.csv", [{}])
    bill(folder / "2.csv", [{"BilledCost": "2"}])
    found = load(folder)
    assert found["file"] == "parts"
    assert found["batches"][0]["totals"][0]["billed_cost"] == "3"
    assert queries.line(found["batches"][0]["batch_id"] + "-2")["source_file"].endswith("2.csv")
