"""Making an installation, upgrading it, and asking whether it is ready for work."""

from __future__ import annotations

import os
from pathlib import Path
from shutil import disk_usage

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from bursar.flow.errors import (
    DatabaseUnreachable,
    HomeNotWritable,
    NewerDatabase,
    NotInitialised,
    UpgradeNeeded,
)
from bursar.lake.errors import DiskFull
from bursar.office.journal.writing import record_act
from bursar.office.people.actions.set_up_administrator import setup_token

__all__ = ["database_name", "initialise", "pending", "require_ready", "setup_token"]

_ROOM_TO_READ = 256 * 1024  # bytes; below it SQLite cannot make the small files it shares


def initialise() -> dict[str, str]:
    """Create the data folder and its database, or bring an older one up to date.

    Refuses: setup.home_not_writable, setup.database_unreachable, setup.newer_database.
    """
    home = Path(settings.BURSAR_HOME)
    try:
        Path(settings.LAKE_FOLDER).mkdir(parents=True, exist_ok=True)
        home.chmod(0o700)
    except OSError as problem:
        raise HomeNotWritable(
            f"The data folder {home} cannot be made: {problem.strerror}. "
            "Name another with --home or BURSAR_HOME."
        ) from problem
    waiting = pending()
    if waiting:
        call_command("migrate", interactive=False, verbosity=0)
        if connection.vendor == "sqlite" and _sqlite_file().exists():
            os.chmod(_sqlite_file(), 0o600)
        with transaction.atomic():
            record_act(
                act="flow.initialise",
                subject="database",
                actor=None,
                detail={"migrations": waiting},
            )
    return {"home": str(home), "database": database_name()}


def require_ready() -> None:
    """Raises NotInitialised, UpgradeNeeded, NewerDatabase or DatabaseUnreachable unless ready."""
    if connection.vendor == "sqlite" and not _sqlite_file().exists():
        raise NotInitialised(
            f"{settings.BURSAR_HOME} holds no ledger yet: run `bursar init` first."
        )
    waiting = pending()
    if not waiting:
        return
    if "people.0001_initial" in waiting:
        raise NotInitialised("The database holds no ledger yet: run `bursar init` first.")
    raise UpgradeNeeded(
        f"The database was made by an older Bursar ({len(waiting)} changes are waiting): make a "
        f"copy of {settings.BURSAR_HOME}, then run `bursar init`."
    )


def pending() -> list[str]:
    """Names of migrations not applied yet, in order.

    Refuses: setup.database_unreachable, setup.newer_database, lake.disk_full.
    """
    try:
        loader = MigrationLoader(connection)
    except OperationalError as problem:
        _refuse_full_disk(problem)
        raise DatabaseUnreachable(
            f"The database does not answer: {' '.join(str(problem).split())} "
            "Check DATABASE_URL, or whether the data folder can be read."
        ) from problem
    applied = set(loader.applied_migrations)
    ours = {config for config, _ in loader.disk_migrations}
    unknown = sorted(
        f"{app}.{name}"
        for app, name in applied - set(loader.disk_migrations)
        if app in ours
        and not any((app, name) in m.replaces for m in loader.disk_migrations.values())
    )
    if unknown:
        raise NewerDatabase(
            f"The database was made by a newer Bursar (it has {', '.join(unknown)}): "
            "install that version again."
        )
    plan = loader.graph.leaf_nodes()
    order: list[tuple[str, str]] = []
    for leaf in plan:
        order += [node for node in loader.graph.forwards_plan(leaf) if node not in order]
    return [f"{app}.{name}" for app, name in order if (app, name) not in applied]


def _refuse_full_disk(problem: Exception) -> None:
    """SQLite needs a little room even to read; without it, it only says that it cannot open."""
    home = settings.BURSAR_HOME
    if connection.vendor == "sqlite" and home.exists() and disk_usage(home).free < _ROOM_TO_READ:
        raise DiskFull(
            f"The disk that holds {home} is full, so its database cannot be opened. "
            "Nothing was lost. Free some space and try again."
        ) from problem


def database_name() -> str:
    """Where decisions are kept, without a password."""
    if connection.vendor == "sqlite":
        return str(_sqlite_file())
    parts = connection.settings_dict
    port = f":{parts['PORT']}" if parts["PORT"] else ""
    return f"postgresql://{parts['HOST'] or 'localhost'}{port}/{parts['NAME']}"


def _sqlite_file() -> Path:
    return Path(str(connection.settings_dict["NAME"]))
