"""Act: load balances of the general ledger, to compare with and never to count."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.actions.import_files import import_files
from bursar.record.outcome import ImportOutcome
from bursar.record.sources import name_of_file

ACT = "control.load_control"
MARK = " (control)"


def load_control(
    *,
    paths: Sequence[Path],
    acting_user: User | None,
    source: str | None = None,
    format: str = "trial-balance",
    profile: str | None = None,
) -> ImportOutcome:
    """Record a trial balance as control; the balances of the same source and period are replaced.

    Refuses: people.not_allowed, and what importing refuses.
    """
    require(acting_user, ACT)
    # A name of its own: the same file may be loaded as cost too, and both stay apart.
    name = (source or name_of_file(paths)).removesuffix(MARK) + MARK
    return import_files(
        paths=paths,
        acting_user=acting_user,
        source=name,
        format="auto" if profile else format,
        profile=profile,
        control=True,
    )
