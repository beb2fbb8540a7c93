"""The program itself: version, help, start-up, options on both sides, and folders not ready."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import Program, call

from bursar.flow.errors import HomeNotWritable


def test_version_and_help_need_no_folder(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert call("--version", home=nowhere).done().out.startswith("bursar ")
    shown = call("--help", home=nowhere).done().out
    for command in ("init", "import", "run", "costs", "statement", "trace", "verify", "serve"):
        assert f"  {command}" in shown
    assert not nowhere.exists(), "asking for help makes no folder"


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    import subprocess
    import sys

    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.argv = ['bursar', '--version']\n"
            "import bursar.cli.main as m\n"
            "heavy = {'django', 'pyarrow', 'duckdb', 'numpy', 'altair', 'rich'}\n"
            "print(sorted(heavy & set(sys.modules)))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"


def test_init_names_folder_and_database_and_may_be_repeated(tmp_path: Path) -> None:
    home = tmp_path / "a folder"
    told = call("init", "--json", home=home).done().json
    assert told == {"home": str(home), "database": str(home / "bursar.sqlite3")}
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "bursar.sqlite3").stat().st_mode & 0o777 == 0o600
    assert call("init", "--json", home=home).done().json == told
    entries = call("journal", "--json", home=home).done().json["entries"]
    assert [entry["act"] for entry in entries] == ["flow.initialise"]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = call("init", home=tmp_path / "file" / "home")
    assert answer.code == 2
    assert "Traceback" not in answer.err
    assert HomeNotWritable.code in answer.err or "system: " in answer.err


@pytest.mark.parametrize(
    "command",
    [["batches"], ["verify"], ["run"], ["user", "list"], ["journal"], ["backup", "/tmp/x.tar"]],
)
def test_a_folder_without_a_ledger_is_refused(tmp_path: Path, command: list[str]) -> None:
    home = tmp_path / "nothing"
    answer = call(*command, "--json", home=home).refused("setup.not_initialised")
    assert answer.json["error"]["code"] == "setup.not_initialised"
    assert "bursar init" in answer.json["error"]["message"]
    assert not home.exists()
    home.mkdir()
    call(*command, home=home).refused("setup.not_initialised")


def test_an_older_database_says_to_upgrade(bursar: Program, fresh_home: Path) -> None:
    with closing(sqlite3.connect(fresh_home / "bursar.sqlite3")) as database, database:
        database.execute(
            "DELETE FROM django_migrations WHERE app = 'journal' AND name LIKE '0002%'"
        )
        for trigger in ("update", "delete"):
            database.execute(f"DROP TRIGGER journal_entry_no_{trigger}")
    bursar("batches").refused("setup.upgrade_needed")
    bursar("init").done()
    bursar("batches").done()
    with (
        closing(sqlite3.connect(fresh_home / "bursar.sqlite3")) as database,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        database.execute("DELETE FROM journal_entry")


def test_a_newer_database_is_refused(bursar: Program, fresh_home: Path) -> None:
    with closing(sqlite3.connect(fresh_home / "bursar.sqlite3")) as database, database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('journal', '0999_future', '2030-01-01')"
        )
    bursar("verify").refused("setup.newer_database")
    bursar("init").refused("setup.newer_database")


def test_a_database_that_does_not_answer_is_refused(bursar: Program) -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    bursar("verify", DATABASE_URL=url).refused("setup.database_unreachable")


def test_options_stand_before_or_after(bursar: Program, fresh_home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(fresh_home, copy)
    before = call("--json", "--home", copy, "user", "list", home=tmp_path).done()
    after = call("user", "list", "--json", "--home", copy, home=tmp_path).done()
    assert before.json == after.json == {"users": []}


def test_wrong_words_are_refused_with_usage(bursar: Program) -> None:
    for words in (["no-such-command"], ["batches", "--no-such-option"], ["import"]):
        answer = bursar(*words)
        assert answer.code == 2
        assert "Usage: bursar" in answer.err or "Usage: python" in answer.err
        assert answer.out == ""
