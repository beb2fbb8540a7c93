"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files from outside, kept beside the checkout; tests that need them skip without."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no folder shared/data beside the checkout: tests on outside files are skipped")
    return folder


@pytest.fixture
def home(settings: object, tmp_path: Path) -> Path:
    """An empty data folder for one test; the lake lies inside it."""
    settings.BURSAR_HOME = tmp_path / "home"  # type: ignore[attr-defined]
    settings.LAKE_FOLDER = tmp_path / "home" / "lake"  # type: ignore[attr-defined]
    (tmp_path / "home" / "lake").mkdir(parents=True)
    return tmp_path / "home"


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
