"""What every test may ask for."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.migrated import MIGRATED, copied_database, migrated_home, migrated_server

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files from outside, kept beside the checkout; tests that need them skip without."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no folder shared/data beside the checkout: tests on outside files are skipped")
    return folder


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """`built_once("demo", build)`: a folder that one of the processes builds and all may read.

    `build` gets the folder, which is there and empty. Who comes second waits. BURSAR_BUILT names a
    folder that keeps what was built for another session of the same code.
    """
    base = tmp_path_factory.getbasetemp()
    root = base.parent if base.name.startswith("popen-") else base
    if kept := os.environ.get("BURSAR_BUILT"):
        root = Path(kept)
        root.mkdir(parents=True, exist_ok=True)

    def folder_of(name: str, build: Callable[[Path], object]) -> Path:
        folder, done = root / f"once-{name}", root / f"once-{name}.done"
        with (root / f"once-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                build(folder)
                done.touch()
        return folder

    return folder_of


@pytest.fixture
def home(settings: object, tmp_path: Path) -> Path:
    """An empty data folder for one test; the lake lies inside it."""
    settings.BURSAR_HOME = tmp_path / "home"  # type: ignore[attr-defined]
    settings.LAKE_FOLDER = tmp_path / "home" / "lake"  # type: ignore[attr-defined]
    (tmp_path / "home" / "lake").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The database is there, migrated, before it is set up."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, built_once: Callable[..., Path]
) -> Iterator[None]:
    """Migrations are carried out once; the database of each process is a copy."""
    from django.db import connection

    name = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
    if connection.vendor == "sqlite":
        made = built_once("migrated", migrated_home)
        os.environ[MIGRATED] = str(made)
        shutil.copy(made / "bursar.sqlite3", name)
        yield
        return
    url = os.environ["DATABASE_URL"]
    made = built_once("migrated-server", lambda folder: migrated_server(folder, url))
    os.environ[MIGRATED] = str(made)
    with copied_database(url, name, template=(made / "name").read_text()):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """Lets tests with real transactions empty the journal's table between them.

    SQLite knows no TRUNCATE, so the trigger that guards the journal against deletion would stop
    the clean-up; a test of its own shows that a real installation has the trigger.
    """
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER IF EXISTS journal_entry_no_delete")
