"""The hand-worked company, imported, run and ready to be asked.

It is there once per module, inside a transaction that the module's end takes back; each test has
a savepoint of its own in it. Tests that only read share it, and stay quick. Each process of the
tests makes it once, and puts it back for the modules after.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from tests.stages.report.company import write_files
from tests.stages.report.kept import COPIES, KEPT, Kept

from bursar.allocate.actions.apply_model import apply_model
from bursar.allocate.actions.run_model import run_model
from bursar.record.actions.import_files import import_files


@contextmanager
def installation(folder: Path, *, run: bool = False) -> Iterator[dict[str, Path]]:
    """A data folder and a transaction of its own, with everything imported; or run as well."""
    home = folder / "home"
    (home / "lake").mkdir(parents=True)
    with override_settings(BURSAR_HOME=home, LAKE_FOLDER=home / "lake"), transaction.atomic():
        files = write_files(folder / "files")
        made = "run" if run else "recorded"
        if made in KEPT:
            KEPT[made].put_back(home)
        else:
            _make(files, run=run)
            KEPT[made] = Kept.taken(home, Path(COPIES.name) / made)
        yield files
        transaction.set_rollback(True)


def _make(files: dict[str, Path], *, run: bool) -> None:
    for name, path in files.items():
        if name != "model.yaml":
            import_files(paths=[path], acting_user=None)
    if run:
        apply_model(text=files["model.yaml"].read_text(), acting_user=None)
        run_model(acting_user=None)


@pytest.fixture(scope="module")
def recorded_once(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Path]]:
    with django_db_blocker.unblock(), installation(tmp_path_factory.mktemp("recorded")) as files:
        yield files


@pytest.fixture(scope="module")
def company_once(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Path]]:
    folder = tmp_path_factory.mktemp("company")
    with django_db_blocker.unblock(), installation(folder, run=True) as files:
        yield files


@pytest.fixture
def recorded(recorded_once: dict[str, Path], db: None) -> dict[str, Path]:
    """Everything imported, no model and no run."""
    return recorded_once


@pytest.fixture
def company(company_once: dict[str, Path], db: None) -> dict[str, Path]:
    """The same with the model applied and every month run."""
    return company_once
