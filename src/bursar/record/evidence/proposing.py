"""From units to proposed groups: what is decided stays, what no longer fits goes (rule E6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from bursar.core.calc.evidence.accounts import propose_accounts
from bursar.core.calc.evidence.converting import propose_conversions
from bursar.core.calc.evidence.matching import propose
from bursar.core.calc.evidence.units import RANK, MatchRuleTest, Proposal, Tolerance, Unit
from bursar.core.money.amount import exact_text
from bursar.core.money.conversion import MissingRate, StaleRate
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.reference.rates import way
from bursar.record.evidence.levels import evident_sources, source_levels
from bursar.record.evidence.selectors import as_text
from bursar.record.evidence.units import Evidences, evidences
from bursar.record.ledger import open_ledger
from bursar.record.models import EvidenceGroup, EvidenceMember, GroupState, MatchRule

AUTOMATIC = "evidence.confirm_by_rule"


@dataclass(frozen=True)
class Proposed:
    """What a search for matches left."""

    proposed: int
    confirmed_by_rule: int


def renew_proposals(acting_user: User | None) -> Proposed:
    """Search again; proposals that nobody decided are replaced. The caller holds a transaction."""
    found = current_proposals()
    now = timezone.now()
    kept: set[str] = set()
    decided = set(
        EvidenceGroup.objects.exclude(state=GroupState.PROPOSED).values_list(
            "fingerprint", flat=True
        )
    )
    rules = {rule.name: rule for rule in MatchRule.objects.filter(active=True)}
    waiting = EvidenceGroup.objects.filter(state=GroupState.PROPOSED)
    said = {group.fingerprint: group.reasons for group in waiting}
    by_rule = 0
    for proposal in found:
        print_ = fingerprint(unit.key for unit in proposal.units)
        if print_ in decided or print_ in kept:
            continue
        kept.add(print_)
        if said.get(print_) == list(proposal.reasons) and not proposal.rule:
            continue
        group = store_proposal(proposal, print_, now)
        if proposal.rule:
            _confirm_by_rule(group, rules[proposal.rule], acting_user, now)
            by_rule += 1
    gone = [group.pk for group in waiting if group.fingerprint not in kept]
    EvidenceGroup.objects.filter(pk__in=gone, state=GroupState.PROPOSED).delete()
    return Proposed(len(kept) - by_rule, by_rule)


def current_proposals() -> list[Proposal]:
    """What seems to belong together among all that no confirmed group holds."""
    if len(evident_sources()) < 2:
        return []  # what is alone belongs to nothing
    levels = source_levels()
    if len({RANK[level] for level in levels.values()}) < 2:
        return []
    found = unmatched(evidences(open_ledger(), levels))
    rules = [rule_test(rule) for rule in MatchRule.objects.filter(active=True)]
    proposals = propose(found.documents, Tolerance(), rules)
    proposals += _in_other_currencies(found.documents, proposals)
    return proposals + propose_accounts(found.balances, found.parts, rules)


def _in_other_currencies(
    documents: Sequence[Unit], proposals: Sequence[Proposal]
) -> list[Proposal]:
    """What no evidence of its own currency explains may be a bill in another one."""
    taken = {unit.key for proposal in proposals for unit in proposal.units}
    free = [unit for unit in documents if unit.key not in taken]
    if len({unit.currency for unit in free}) < 2:
        return []
    summaries = [unit for unit in free if unit.level in ("ledger", "invoice")]
    details = [unit for unit in free if unit.level == "detail"]
    return propose_conversions(summaries, details, Tolerance(), closing_rate)


def closing_rate(source: str, target: str, day: date) -> Decimal | None:
    """The closing rate in force on a day; None where none is known or it is too old."""
    try:
        found = way("closing", source, target, start=day, end=day + timedelta(days=1))
    except (MissingRate, StaleRate):
        return None
    return found.figure_rate


def unmatched(found: Evidences) -> Evidences:
    """The units that are still free: neither reversed nor used as detail by a confirmed group."""
    spent = _Spent.now()
    documents = tuple(u for u in found.documents if not spent.whole(u))
    balances = tuple(u for u in found.balances if not spent.as_summary(u))
    parts = tuple(u for u in found.parts if not spent.as_detail(u, "balance"))
    return Evidences(documents, balances, parts)


class _Selected:
    """Selectors by the columns they name: few look-ups tell whether one of them means a unit."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, ...], set[tuple[str | None, ...]]] = {}

    def add(self, selector: Mapping[str, str | None]) -> None:
        columns = tuple(sorted(selector))
        self._values.setdefault(columns, set()).add(tuple(selector[c] for c in columns))

    def means(self, unit: Unit) -> bool:
        """Whether every line of the unit is meant by one of the selectors."""
        own = json.loads(unit.key)
        return any(
            all(column in own for column in columns)
            and tuple(own[column] for column in columns) in values
            for columns, values in self._values.items()
        )


@dataclass
class _Spent:
    """Selectors of confirmed groups, by the part that they play there."""

    summaries: _Selected = field(default_factory=_Selected)
    details: dict[str, _Selected] = field(
        default_factory=lambda: {"balance": _Selected(), "document": _Selected()}
    )

    @classmethod
    def now(cls) -> _Spent:
        spent = cls()
        rows = EvidenceGroup.objects.filter(state=GroupState.CONFIRMED)
        for group in rows.prefetch_related("members"):
            spent._add(list(group.members.all()))
        return spent

    def _add(self, members: Sequence[EvidenceMember]) -> None:
        ranks = [RANK[m.level] for m in members]
        head = "balance" if min(ranks, default=0) == RANK["balance"] else "document"
        for member, rank in zip(members, ranks, strict=True):
            if rank < max(ranks):
                self.summaries.add(member.selector)
            if rank > min(ranks):
                self.details[head].add(member.selector)

    def as_summary(self, unit: Unit) -> bool:
        return self.summaries.means(unit)

    def as_detail(self, unit: Unit, head: str) -> bool:
        return self.details[head].means(unit)

    def whole(self, unit: Unit) -> bool:
        """Nothing left to match: a detail that is used, or a summary that is reversed."""
        if unit.level == "detail":
            return self.as_detail(unit, "document")
        return self.as_summary(unit)


def fingerprint(keys: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()


def store_proposal(proposal: Proposal, print_: str, now: datetime) -> EvidenceGroup:
    """The proposal as a group with its members; what it said before is replaced."""
    top = proposal.top
    group, _ = EvidenceGroup.objects.update_or_create(
        fingerprint=print_,
        defaults={
            "group_id": f"e{print_[:12]}",
            "period": top.period,
            "legal_entity": top.entity,
            "currency": top.currency,
            "score": proposal.score,
            "reasons": list(proposal.reasons),
            "conversion": proposal.conversion.to_json() if proposal.conversion else None,
            "proposed_at": now,
        },
    )
    group.members.all().delete()
    EvidenceMember.objects.bulk_create(_member(group, unit) for unit in proposal.units)
    return group


def _member(group: EvidenceGroup, unit: Unit) -> EvidenceMember:
    return EvidenceMember(
        group=group,
        level=unit.level,
        source=unit.source,
        selector=json.loads(unit.key),
        label=label_of(unit),
        amount=exact_text(unit.amount),
        vendor=unit.vendor,
        account=unit.account,
    )


def label_of(unit: Unit) -> str:
    """The evidence in one line, as people name it."""
    if unit.level == "balance" or (unit.account and not unit.vendor and not unit.reference):
        told = [f"account {unit.account}", unit.text]
    else:
        told = [unit.vendor, unit.reference, "" if unit.reference else unit.text]
    return " · ".join(filter(None, [*told, unit.period]))[:300]


def _confirm_by_rule(
    group: EvidenceGroup, rule: MatchRule, acting_user: User | None, now: datetime
) -> None:
    group.state, group.rule = GroupState.CONFIRMED, rule
    group.decided_at, group.decided_by = now, f"rule {rule.name}"[:150]
    group.save()
    record_act(
        act=AUTOMATIC,
        subject=group.group_id,
        actor=actor_name(acting_user),
        detail={"rule": rule.name, "reasons": group.reasons, "members": members_json(group)},
    )


def members_json(group: EvidenceGroup) -> list[dict[str, str]]:
    rows: Sequence[EvidenceMember] = list(group.members.all())
    return [
        {"level": m.level, "label": m.label, "amount": m.amount, "selector": as_text(m.selector)}
        for m in rows
    ]


def rule_test(rule: MatchRule) -> MatchRuleTest:
    return MatchRuleTest(
        name=rule.name,
        summary_source=rule.summary_source,
        detail_source=rule.detail_source,
        summary_vendor=rule.summary_vendor,
        detail_vendor=rule.detail_vendor,
        account=rule.account,
        tolerance=Tolerance(
            absolute=rule.tolerance_absolute,
            percent=rule.tolerance_percent,
            days_before=rule.days_before,
            days_after=rule.days_after,
        ),
    )
