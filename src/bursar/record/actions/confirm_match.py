"""Act: say that evidences are one obligation, so that they count once."""

from __future__ import annotations

from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.evidence.deciding import decide, group_of, refuse_unsound
from bursar.record.models import EvidenceGroup, GroupState

ACT = "evidence.confirm_match"


def confirm_match(*, acting_user: User | None, group_id: str, comment: str = "") -> EvidenceGroup:
    """Confirm a proposal, or one that was rejected before; figures change with it.

    Refuses: people.not_allowed, evidence.unknown_group, evidence.bad_match,
    evidence.currencies_differ, evidence.counted_already, import.period_closed.
    """
    require(acting_user, ACT)
    group = group_of(group_id)
    if group.state == GroupState.CONFIRMED:
        return group
    refuse_unsound(group)
    return decide(group, GroupState.CONFIRMED, ACT, acting_user, comment)
