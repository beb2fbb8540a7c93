"""Whatever goes wrong with a file is found and named; what was left over is swept.

Rule L31 of docs/spec/ledger.md.
"""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.stages.record.bills import bill, drivers

from bursar.lake.files import sha256_of
from bursar.office.journal.models import Entry
from bursar.office.manifest.models import LakeFile
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.record.actions.import_files import import_files
from bursar.record.actions.sweep_lake import sweep_lake
from bursar.record.models import Batch
from bursar.record.verification import checks

pytestmark = pytest.mark.django_db


@pytest.fixture
def lake(home: Path, tmp_path: Path) -> Path:
    import_files(paths=[bill(tmp_path / "a.csv", [{}, {"BilledCost": "2"}])], acting_user=None)
    rows = drivers(tmp_path / "seats.csv", ["seats,2025-03,,Retail,10,seat"])
    import_files(paths=[rows], acting_user=None)
    return home / "lake"


def file_of(table: str) -> LakeFile:
    return LakeFile.objects.get(table=table)


def failed() -> dict[str, str]:
    return {check.name: check.detail for check in checks() if not check.ok}


def rewrite(lake: Path, table: str, content: pa.Table) -> None:
    """Forge a file and its manifest row, so that only its content tells."""
    row = file_of(table)
    pq.write_table(content, lake / row.path)
    row.bytes, row.sha256 = (lake / row.path).stat().st_size, sha256_of(lake / row.path)
    row.save()


def content_of(lake: Path, table: str) -> pa.Table:
    return pq.ParquetFile(lake / file_of(table).path).read()


def test_a_sound_lake_passes_every_check(lake: Path) -> None:
    assert failed() == {}
    assert len({check.name for check in checks()}) == len(checks()) >= 7


def test_an_empty_installation_passes(home: Path) -> None:
    assert failed() == {}


def test_one_flipped_byte_is_found(lake: Path) -> None:
    path = lake / file_of("cube_day").path
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert "cube_day.parquet" in failed()["lake files unaltered"]


def test_a_missing_file_is_found(lake: Path) -> None:
    (lake / file_of("cost_line").path).unlink()
    found = failed()
    assert "1 files missing" in found["no lake file missing"]
    assert "cannot be summed" in found["control totals of batches"]
    (lake / file_of("dimension").path).unlink()
    assert "cannot be read" in failed()["dimension ids"]


@pytest.mark.parametrize("table", ["cost_line", "cube_day", "cube_month"])
def test_sums_that_differ_are_found(lake: Path, table: str) -> None:
    rewrite(lake, table, content_of(lake, table).slice(1))
    assert list(failed()) == ["control totals of batches"]


def test_totals_that_differ_are_found(lake: Path) -> None:
    batch = Batch.objects.get(kind="cost_line")
    batch.totals = [{**batch.totals[0], "billed_cost": "3.000000000000000000000001"}]
    batch.save()
    assert batch.batch_id in failed()["control totals of batches"]


@pytest.mark.parametrize("table", ["cost_line", "dimension", "cube_month"])
def test_wherever_a_file_is_damaged_it_is_told(lake: Path, table: str) -> None:
    path = lake / file_of(table).path
    whole = path.read_bytes()
    for place in range(4, len(whole), 197):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        assert f"{table if table != 'cost_line' else 'lines'}.parquet" in str(failed())


def test_a_batch_and_its_files_are_in_force_together(lake: Path) -> None:
    batch = Batch.objects.get(kind="cost_line")
    Batch.objects.filter(pk=batch.pk).update(superseded_at=batch.published_at)
    assert "is replaced for 2025-03" in failed()["batches and files in force"]
    Batch.objects.filter(pk=batch.pk).update(superseded_at=None, period="2025-04")
    assert "is in force for 2025-04" in failed()["batches and files in force"]
    Batch.objects.filter(pk=batch.pk).update(period="2025-03")
    LakeFile.objects.filter(table="cube_day").update(superseded_at=batch.published_at)
    assert batch.batch_id in failed()["batches and files in force"]


def test_a_dimension_that_is_not_its_content_is_found(lake: Path) -> None:
    forged = content_of(lake, "dimension")
    at = forged.column_names.index("service_name")
    names = pa.array(["other"] * forged.num_rows)
    rewrite(lake, "dimension", forged.set_column(at, "service_name", names))
    assert "is not the fingerprint" in failed()["dimension ids"]


def test_measures_that_are_gone_are_found(lake: Path) -> None:
    LakeFile.objects.filter(table="usage_line").update(rows=0)
    assert "0 rows in the lake, 1 accepted" in failed()["rows of measures"]


def test_orphans_are_told_and_swept_after_a_grace_time(lake: Path) -> None:
    young, old = lake / "cost_line/2025-03/bx/.lines.parquet.1.tmp", lake / "stray.parquet"
    young.parent.mkdir(parents=True)
    for path in (young, old):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert failed() == {}
    [told] = [check.detail for check in checks() if check.name == "orphan files"]
    assert told.startswith("2 files")
    assert "(8 bytes)" in told

    removed, left = sweep_lake(acting_user=None)
    assert ([o.path for o in removed], len(left)) == (["stray.parquet"], 1)
    removed, left = sweep_lake(acting_user=None, grace_seconds=0)
    assert (len(removed), left) == (1, [])
    assert not young.parent.exists()
    assert sweep_lake(acting_user=None, grace_seconds=0) == ([], [])
    assert Entry.objects.filter(act="record.sweep_lake").count() == 2
    assert failed() == {}


def test_a_budget_owner_may_not_sweep(home: Path) -> None:
    user = User.objects.create(username="bo", email="bo@example.org", role=Role.BUDGET_OWNER)
    with pytest.raises(NotAllowed):
        sweep_lake(acting_user=user)
