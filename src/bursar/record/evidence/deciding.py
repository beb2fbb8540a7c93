"""Changing what a group is, and what counts with it, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from bursar.core.calc.evidence.units import RANK
from bursar.lake.lines import LINE_ID
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.manifest.writing import raise_version
from bursar.office.people.models import User
from bursar.record.evidence.errors import BadMatch, CountedAlready, CurrenciesDiffer, UnknownGroup
from bursar.record.evidence.netting import GroupLines, confirmed_groups, conversion_of, read_groups
from bursar.record.evidence.proposing import members_json
from bursar.record.evidence.refresher import net_matches
from bursar.record.evidence.selectors import conditions, may_overlap
from bursar.record.ledger import open_ledger
from bursar.record.models import EvidenceGroup, EvidenceMember, GroupState
from bursar.record.turns import in_turn


def group_of(group_id: str) -> EvidenceGroup:
    """Refusals: evidence.unknown_group."""
    found = EvidenceGroup.objects.prefetch_related("members").filter(group_id=group_id).first()
    if found is None:
        raise UnknownGroup(
            f"There is no evidence group '{group_id}'. `bursar match list` names them; proposals "
            "that no longer fit the ledger disappear."
        )
    return found


def decide(
    group: EvidenceGroup, state: GroupState, act: str, acting_user: User | None, comment: str
) -> EvidenceGroup:
    """Set the state, journal it and publish what counts now: all of it or nothing."""

    def at_once() -> None:
        with transaction.atomic():
            # The manifest's lock comes before the journal's, as in every act that publishes.
            raise_version()
            before = group.state
            group.state, group.comment = state, comment
            group.decided_at, group.decided_by = timezone.now(), actor_name(acting_user)
            group.save()
            detail: dict[str, Any] = {
                "before": before, "after": str(state), "reasons": group.reasons,
                "comment": comment, "members": members_json(group),
            }  # fmt: skip
            record_act(act=act, subject=group.group_id, actor=acting_user, detail=detail)
            if GroupState.CONFIRMED in (before, state):
                net_matches(acting_user)

    in_turn(at_once)
    return group


def refuse_unsound(group: EvidenceGroup) -> None:
    """Refuse a group that cannot count once.

    Refusals: evidence.bad_match, evidence.currencies_differ, evidence.counted_already.
    """
    members = list(group.members.all())
    found = read_groups(open_ledger(), [group])[0]
    if len({m.level for m in members}) < 2:
        raise BadMatch(
            "A match needs a summary and something more detailed: evidences of two levels at "
            "least. Say what a source is with `bursar match level SOURCE LEVEL`."
        )
    stating = {level.level for level in found.levels if level.lines}
    if missing := [m for m in members if m.level not in stating]:
        raise BadMatch(
            f"No line in force is meant by {missing[0].label} of {missing[0].source}. Import it, "
            "or search again: bursar match propose."
        )
    _refuse_mixed(group, members)
    _refuse_counted(found, members)


def _refuse_mixed(group: EvidenceGroup, members: Sequence[EvidenceMember]) -> None:
    owners = ["legal_entity", "billing_currency"]
    found = [
        row
        for member in members
        for row in open_ledger()
        .lines.totals(columns=owners, where=conditions(member.selector))
        .to_pylist()
    ]
    rate = conversion_of(group)
    known = {group.currency, rate.source} if rate else {group.currency}
    if {row["billing_currency"] for row in found} - known:
        raise CurrenciesDiffer(
            "The evidences are in different currencies, and what one does not explain of the "
            "other has no exact amount. Match evidence of one currency."
        )
    if {row["legal_entity"] for row in found} - {group.legal_entity}:
        raise BadMatch(
            "The evidences belong to different legal entities; netting them would move cost from "
            "one to the other. Match evidence of one entity."
        )


def _refuse_counted(found: GroupLines, members: Sequence[EvidenceMember]) -> None:
    others = [group for group in confirmed_groups() if group.pk != found.group.pk]
    own = {line[LINE_ID] for held in found.lines.values() for line in held}
    for other in read_groups(open_ledger(), _touching(others, members)):
        if own & {line[LINE_ID] for held in other.lines.values() for line in held}:
            _counted(other.group)
        if _share_detail(found.group, other.group):
            _counted(other.group)


def _counted(other: EvidenceGroup) -> None:
    raise CountedAlready(
        f"A line of this match is evidence in {other.group_id} already, which is confirmed. "
        f"Undo that one first: bursar match reject {other.group_id}."
    )


def _touching(
    groups: Sequence[EvidenceGroup], members: Sequence[EvidenceMember]
) -> list[EvidenceGroup]:
    return [
        group
        for group in groups
        if any(
            may_overlap(theirs.selector, ours.selector)
            for theirs in group.members.all()
            for ours in members
        )
    ]


def _share_detail(one: EvidenceGroup, other: EvidenceGroup) -> bool:
    """Whether the same line explains a summary of the same level in both."""
    ours, theirs = list(one.members.all()), list(other.members.all())
    if min(RANK[m.level] for m in ours) != min(RANK[m.level] for m in theirs):
        return False
    return any(
        may_overlap(a.selector, b.selector) and _meet(a, b)
        for a in _details(ours)
        for b in _details(theirs)
    )


def _details(members: Sequence[EvidenceMember]) -> list[EvidenceMember]:
    top = min(RANK[m.level] for m in members)
    return [m for m in members if RANK[m.level] > top]


def _meet(one: EvidenceMember, other: EvidenceMember) -> bool:
    both = conditions({**one.selector, **other.selector})
    return bool(open_ledger().lines.page(where=both, basis="billed", limit=1).num_rows)
