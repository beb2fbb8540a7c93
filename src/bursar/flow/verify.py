"""Everything that can be checked of an installation, gathered from the rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bursar.allocate.verification import check_runs
from bursar.office.journal.check import Check
from bursar.office.journal.checking import check_chain
from bursar.record.verification import checks as recorded


def verify(*, progress: Callable[[str], None] | None = None) -> list[Check]:
    """Files against the manifest, sums against totals, balances of runs, and the journal."""
    checks: list[Check] = []
    for name, run in _parts():
        if progress is not None:
            progress(name)
        checks += run()
    return checks


def _parts() -> Iterator[tuple[str, Callable[[], list[Check]]]]:
    yield "journal", lambda: [check_chain()]
    yield "ledger", recorded
    yield "runs", check_runs
