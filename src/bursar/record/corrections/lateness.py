"""Files that arrive when a period is soft-closed: only some roles may bring them, and it shows."""

from __future__ import annotations

from collections.abc import Iterable

from bursar.office.calendar.models import PeriodState
from bursar.office.calendar.queries import Posting, states_of
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.corrections.placing import Placed
from bursar.record.corrections.planning import Placement

ACT = "record.import_late"


def refuse_late(user: User | None, placements: Iterable[Placement]) -> frozenset[Posting]:
    """The soft-closed periods that would change. Refuses people.not_allowed where it may not."""
    touched: set[Posting] = set()
    for placement in placements:
        touched |= placement.written.postings if placement.written else set()
        touched |= {posting for batch in placement.replaced for posting in batch.posted}
    late = {p for p, state in states_of(touched).items() if state == PeriodState.SOFT_CLOSED}
    if late:
        require(user, ACT)
    return frozenset(late)


def mark_late(placed: Iterable[Placed], late: frozenset[Posting]) -> None:
    """Say on each batch posted to a soft-closed period that it came late."""
    for batch in (batch for one in placed for batch in one.batches):
        if batch.posted & late and not batch.late:
            batch.late = True
            batch.save(update_fields=["late"])


def told_late(late: frozenset[Posting]) -> list[dict[str, str]]:
    """A warning that names the soft-closed periods."""
    if not late:
        return []
    names = ", ".join(f"{period} of {entity}" for entity, period in sorted(late))
    text = f"Late: {names} is soft-closed. The lines count, and the batches are marked as late."
    return [{"code": "import.late", "message": text}]
