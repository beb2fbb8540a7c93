"""What one call of the command line was told, and opening the data folder for it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bursar.office.people.models import User
    from bursar.office.people.scope import Scope


@dataclass
class Session:
    """Options that may stand before or after any command."""

    json: bool = False
    home: Path | None = None
    as_user: str = ""

    @property
    def progress(self) -> bool:
        """Whether a person is looking: progress is drawn on the error stream of a terminal only."""
        return sys.stderr.isatty() and not self.json


SESSION = Session()


def configure() -> Path:
    """Point Django at the data folder, without opening the database; the folder."""
    if SESSION.home is not None:
        os.environ["BURSAR_HOME"] = str(SESSION.home.expanduser().resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bursar.project.settings")
    from django.apps import apps

    if not apps.ready:
        import django

        django.setup()
    from django.conf import settings

    return Path(settings.BURSAR_HOME)


def open_home() -> Path:
    """Open an initialised, up-to-date data folder. Refuses: setup.*"""
    _require_folder()
    home = configure()
    from bursar.flow.setup import require_ready

    require_ready()
    return home


def _require_folder() -> None:
    # Asked before Django reads its settings, which would make the folder and a key in it.
    home = SESSION.home or Path(os.environ.get("BURSAR_HOME") or "~/.bursar")
    home = home.expanduser().resolve()
    if not home.is_dir() and not os.environ.get("DATABASE_URL"):
        from bursar.flow.errors import NotInitialised

        raise NotInitialised(f"There is no data folder {home}: run `bursar init` first.")


def scope() -> Scope:
    """Whose figures this call may show: the operator's (all), or those of `--as USER`."""
    from bursar.office.people.scope import scope_of

    return scope_of(user())


def user() -> User | None:
    """The user named by `--as`, or None for the operator."""
    if not SESSION.as_user:
        return None
    from bursar.office.people.queries import user_named

    return user_named(SESSION.as_user)


def require(act: str) -> None:
    """Refuses people.not_allowed where `--as USER` names somebody whose role lacks the act."""
    from bursar.office.people.permissions import require as require_role

    require_role(user(), act)
