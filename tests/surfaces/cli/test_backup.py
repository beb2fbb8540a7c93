"""`bursar backup | restore`: everything comes back, and nothing is overwritten."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import Program, call


@pytest.fixture
def saved(bursar: Program, bill: Path, tmp_path: Path) -> Path:
    """A backup of a ledger with one batch."""
    bursar("import", bill).done()
    file = tmp_path / "saved.tar.gz"
    told = bursar("backup", file, "--json").done().json
    assert told["file"] == str(file)
    assert told["bytes"] == file.stat().st_size
    assert len(told["sha256"]) == 64
    assert file.stat().st_mode & 0o777 == 0o600
    return file


def changed(file: Path, change: Callable[[str, bytes], list[tuple[str, bytes]]]) -> Path:
    """A copy of a backup whose members went through a function."""
    copy = file.with_name("changed.tar.gz")
    with tarfile.open(file) as before, tarfile.open(copy, "w:gz") as after:
        for member in before:
            source = before.extractfile(member)
            assert source is not None
            for name, content in change(member.name, source.read()):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                after.addfile(info, io.BytesIO(content))
    return copy


def test_everything_comes_back(bursar: Program, saved: Path, tmp_path: Path) -> None:
    home = tmp_path / "other-home"
    told = call("restore", saved, "--json", home=home).done().json
    assert (told["file"], told["home"]) == (str(saved), str(home))
    assert call("verify", home=home).done().code == 0
    before = bursar("batches", "--json").done().json
    assert call("batches", "--json", home=home).done().json == before
    acts = call("journal", "--json", home=home).done().json["entries"]
    assert [entry["act"] for entry in acts][:2] == ["flow.restore", "record.import_files"]
    assert (home / "bursar.sqlite3").stat().st_mode & 0o777 == 0o600
    assert list(home.glob(".restore-*")) == []


def test_keys_stay_at_home(bursar: Program, saved: Path, fresh_home: Path) -> None:
    key = (fresh_home / "secret_key").read_bytes().strip()
    assert key not in gzip.decompress(saved.read_bytes())


def test_a_backup_overwrites_nothing(bursar: Program, saved: Path, tmp_path: Path) -> None:
    before = saved.read_bytes()
    bursar("backup", saved).refused("backup.file_exists")
    assert saved.read_bytes() == before
    bursar("backup", tmp_path / "no" / "folder" / "x.tar.gz").refused("backup.not_written")
    assert list(tmp_path.glob(".*.tmp")) == []


def test_a_damaged_lake_is_not_backed_up(
    bursar: Program, saved: Path, fresh_home: Path, tmp_path: Path
) -> None:
    (lines,) = (fresh_home / "lake" / "cost_line").rglob("lines.parquet")
    content = bytearray(lines.read_bytes())
    content[50] ^= 1
    lines.write_bytes(content)
    bursar("backup", tmp_path / "second.tar.gz").refused("backup.damaged_lake")
    lines.unlink()
    bursar("backup", tmp_path / "second.tar.gz").refused("backup.damaged_lake")
    assert not (tmp_path / "second.tar.gz").exists()


def test_a_used_home_is_not_restored_into(bursar: Program, saved: Path) -> None:
    bursar("restore", saved).refused("restore.home_not_empty")
    bursar("verify").done()


@pytest.mark.parametrize(
    ("name", "content"), [("text.tar.gz", b"hello"), ("empty.tar.gz", b""), ("missing", None)]
)
def test_other_files_are_no_backup(tmp_path: Path, name: str, content: bytes | None) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    call("restore", file, home=tmp_path / "new").refused("restore.not_a_backup")


def test_a_part_of_a_backup_restores_nothing(saved: Path, tmp_path: Path) -> None:
    home = tmp_path / "new"
    torn = tmp_path / "torn.tar.gz"
    torn.write_bytes(saved.read_bytes()[:-5000])
    answer = call("restore", torn, home=home)
    # Where the cut falls decides whether an end is missing or whole files are.
    assert answer.code == 2
    assert answer.err.startswith(("restore.not_a_backup: ", "restore.damaged: "))
    assert {path.name for path in home.iterdir()} <= {"secret_key"}
    call("restore", saved, home=home).done()


def test_altered_contents_are_refused(saved: Path, tmp_path: Path) -> None:
    home = tmp_path / "new"

    def altered(name: str, content: bytes) -> list[tuple[str, bytes]]:
        if name.endswith("lines.parquet"):
            return [(name, content[:-1] + b"X")]
        return [(name, content)]

    def without(name: str, content: bytes) -> list[tuple[str, bytes]]:
        return [] if name.endswith("lines.parquet") else [(name, content)]

    def more(name: str, content: bytes) -> list[tuple[str, bytes]]:
        return [(name, content), ("../../evil", b"x")] if "json" in name else [(name, content)]

    for change in (altered, without, more):
        call("restore", changed(saved, change), home=home).refused("restore.damaged")
    assert not (tmp_path.parent / "evil").exists()
    assert {path.name for path in home.iterdir()} <= {"secret_key"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"format": 99}, "restore.newer_backup"),
        ({"migrations": ["journal.0999_future"]}, "restore.newer_backup"),
        ({"engine": "postgresql"}, "restore.other_database"),
        ({"lake": [{"path": "../x", "bytes": 1, "sha256": ""}]}, "restore.not_a_backup"),
        ({"lake": [{"path": "lake/../../x", "bytes": 1, "sha256": ""}]}, "restore.not_a_backup"),
        ({"lake": [{"path": "/etc/x", "bytes": 1, "sha256": ""}]}, "restore.not_a_backup"),
        ({"database": {"path": "../y", "bytes": 1, "sha256": ""}}, "restore.not_a_backup"),
        ({"database": None}, "restore.not_a_backup"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(
    saved: Path, tmp_path: Path, change: dict[str, object], code: str
) -> None:
    def relisted(name: str, content: bytes) -> list[tuple[str, bytes]]:
        if name == "bursar-backup.json":
            content = json.dumps(json.loads(content) | change).encode()
        return [(name, content)]

    home = tmp_path / "new"
    call("restore", changed(saved, relisted), home=home).refused(code)
    assert {path.name for path in home.iterdir()} <= {"secret_key"}


def test_an_older_backup_is_upgraded(bursar: Program, fresh_home: Path, tmp_path: Path) -> None:
    file, home = tmp_path / "old.tar.gz", tmp_path / "new"
    bursar("backup", file).done()

    def older(name: str, content: bytes) -> list[tuple[str, bytes]]:
        if name == "database.sqlite3":
            old = tmp_path / "old.sqlite3"
            old.write_bytes(content)
            with closing(sqlite3.connect(old)) as database, database:
                database.execute(
                    "DELETE FROM django_migrations WHERE app = 'journal' AND name LIKE '0002%'"
                )
                for trigger in ("update", "delete"):
                    database.execute(f"DROP TRIGGER journal_entry_no_{trigger}")
            return [(name, old.read_bytes())]
        return [(name, content)]

    def listed(name: str, content: bytes) -> list[tuple[str, bytes]]:
        if name == "bursar-backup.json":
            import hashlib

            data = json.loads(content)
            database = (tmp_path / "old.sqlite3").read_bytes()
            data["database"]["bytes"] = len(database)
            data["database"]["sha256"] = hashlib.sha256(database).hexdigest()
            content = json.dumps(data).encode()
        return [(name, content)]

    first = changed(file, older).rename(tmp_path / "first.tar.gz")
    call("restore", changed(first, listed), home=home).done()
    call("verify", home=home).done()
    acts = [entry["act"] for entry in call("journal", "--json", home=home).json["entries"]]
    assert acts == ["flow.restore", "flow.initialise", "flow.initialise"]
