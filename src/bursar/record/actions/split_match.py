"""Act: take evidences out of a match that holds too many."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from bursar.office.journal.writing import record_act
from bursar.office.manifest.writing import raise_version
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.evidence.deciding import group_of, refuse_unsound
from bursar.record.evidence.errors import BadMatch
from bursar.record.evidence.proposing import fingerprint
from bursar.record.evidence.refresher import net_matches
from bursar.record.evidence.selectors import as_text
from bursar.record.models import EvidenceGroup, GroupState

ACT = "evidence.split_match"


def split_match(
    *, acting_user: User | None, group_id: str, members: Sequence[int]
) -> EvidenceGroup:
    """Take members (by their number within the group, from 1) out; they are unmatched again.

    Refuses: people.not_allowed, evidence.unknown_group, evidence.bad_match, import.period_closed.
    """
    require(acting_user, ACT)
    group = group_of(group_id)
    held = list(group.members.all())
    leaving = [held[n - 1] for n in sorted(set(members)) if 0 < n <= len(held)]
    if not leaving or len(leaving) != len(set(members)):
        raise BadMatch(f"Name members of {group_id} by their numbers, 1 to {len(held)}.")
    with transaction.atomic():
        raise_version()
        for member in leaving:
            member.delete()
        group = group_of(group_id)
        rest = list(group.members.all())
        print_ = fingerprint(as_text(m.selector) for m in rest)
        EvidenceGroup.objects.filter(fingerprint=print_).exclude(pk=group.pk).delete()
        group.fingerprint = print_
        group.save(update_fields=["fingerprint"])
        refuse_unsound(group)
        record_act(
            act=ACT,
            subject=group_id,
            actor=acting_user,
            detail={"left": [as_text(m.selector) for m in leaving]},
        )
        if group.state == GroupState.CONFIRMED:
            net_matches(acting_user)
    return group
