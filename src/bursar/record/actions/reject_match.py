"""Act: say that evidences are not one obligation, or undo a match."""

from __future__ import annotations

from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.evidence.deciding import decide, group_of
from bursar.record.models import EvidenceGroup, GroupState

ACT = "evidence.reject_match"


def reject_match(*, acting_user: User | None, group_id: str, comment: str = "") -> EvidenceGroup:
    """Reject a proposal, or undo a confirmed match: its reversals and residuals are withdrawn.

    The decision is remembered, so that neither a search nor a rule brings the match back.
    Refuses: people.not_allowed, evidence.unknown_group, import.period_closed.
    """
    require(acting_user, ACT)
    group = group_of(group_id)
    if group.state == GroupState.REJECTED:
        return group
    return decide(group, GroupState.REJECTED, ACT, acting_user, comment)
