"""Files of the lake are whole or absent, and what was left behind is found.

Rules L30 and L31 of docs/spec/ledger.md.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bursar.lake.errors import DiskFull, NotWritable
from bursar.lake.files import FileInMaking, remove_files, write_file
from bursar.lake.orphans import find_orphans, sweep_orphans

CONTENT = pa.table({"name": ["a", "b", "a"], "number": [1, 2, 3]})
LARGE = pa.table({"noise": [os.urandom(1000) for _ in range(4000)]})


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def every_file(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


def test_a_record_describes_the_file_as_it_lies(tmp_path: Path) -> None:
    record = write_file(tmp_path, "run/r1/nodes.parquet", CONTENT, table="node", period="2025-01")
    data = (tmp_path / record.path).read_bytes()
    assert (record.table, record.period, record.rows) == ("node", "2025-01", 3)
    assert (record.bytes, record.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert pq.ParquetFile(tmp_path / record.path).read().equals(CONTENT)
    assert every_file(tmp_path) == ["run", "run/r1", "run/r1/nodes.parquet"]


def test_a_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    making = FileInMaking(tmp_path, "a/b.parquet", table="t")
    making.add(CONTENT)
    assert not (tmp_path / "a/b.parquet").exists()
    assert making.temporary.exists()
    making.settle()
    assert every_file(tmp_path) == ["a", "a/b.parquet"]


def test_an_abandoned_file_leaves_nothing(tmp_path: Path) -> None:
    making = FileInMaking(tmp_path, "a/b.parquet", table="t")
    making.add(CONTENT)
    making.abandon()
    making.abandon()
    assert every_file(tmp_path) == []


def test_settled_files_can_be_taken_back(tmp_path: Path) -> None:
    kept = write_file(tmp_path, "a/kept.parquet", CONTENT, table="t")
    taken = write_file(tmp_path, "a/deep/taken.parquet", CONTENT, table="t")
    remove_files(tmp_path, [taken, taken])
    assert every_file(tmp_path) == ["a", kept.path]


def test_a_full_disk_is_a_refusal_and_leaves_nothing(small_disk: Path) -> None:
    with pytest.raises(DiskFull, match=r"is full .* Free some space") as refusal:
        write_file(small_disk, "a/b.parquet", LARGE, table="t")
    assert refusal.value.code == "lake.disk_full"
    assert every_file(small_disk) == []


def test_a_quota_is_a_full_disk(tmp_path: Path) -> None:
    script = """
        import os, resource, sys, pyarrow as pa
        from pathlib import Path
        from bursar.lake.errors import DiskFull
        from bursar.lake.files import write_file
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        noise = pa.table({"n": [os.urandom(1000) for _ in range(1000)]})
        try:
            write_file(Path(sys.argv[1]), "a/b.parquet", noise, table="t")
        except DiskFull as refusal:
            print(refusal.code)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "lake.disk_full", done.stderr
    assert every_file(tmp_path) == []


def test_a_read_only_disk_is_a_refusal(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(NotWritable, match="mounted for writing") as refusal:
        write_file(small_disk, "a/b.parquet", CONTENT, table="t")
    assert refusal.value.code == "lake.not_writable"


def test_a_file_in_the_place_of_the_folder_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("no folder")
    with pytest.raises(NotWritable):
        write_file(tmp_path / "lake", "a/b.parquet", CONTENT, table="t")


def test_orphans_are_what_the_manifest_does_not_name(tmp_path: Path) -> None:
    record = write_file(tmp_path, "a/known.parquet", CONTENT, table="t")
    write_file(tmp_path, "b/lost.parquet", CONTENT, table="t")
    half = FileInMaking(tmp_path, "a/half.parquet", table="t")
    half.add(CONTENT)
    half.close()
    now = (tmp_path / "b/lost.parquet").stat().st_mtime
    os.utime(tmp_path / "b/lost.parquet", (now - 100, now - 100))
    found = find_orphans(tmp_path, [record.path], now=now)
    assert [Path(o.path).name.split(".")[-1] for o in found] == ["tmp", "parquet"]
    assert found[1].age_seconds == pytest.approx(100, abs=1)

    assert sweep_orphans(tmp_path, found, grace_seconds=50) == [found[1]]
    assert not (tmp_path / "b").exists()
    assert len(sweep_orphans(tmp_path, found[:1], grace_seconds=0)) == 1
    assert every_file(tmp_path) == ["a", "a/known.parquet"]
