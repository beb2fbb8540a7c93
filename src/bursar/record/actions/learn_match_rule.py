"""Act: let matches like this one be confirmed by themselves from now on, or no longer."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from bursar.core.calc.evidence.units import RANK
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.actions.confirm_match import confirm_match
from bursar.record.evidence.deciding import group_of
from bursar.record.evidence.errors import UnknownMatchRule
from bursar.record.evidence.refresher import refresh_matches
from bursar.record.models import EvidenceGroup, EvidenceMember, MatchRule

ACT = "evidence.learn_match_rule"


@dataclass(frozen=True)
class RuleLimits:
    """How far a later match may lie from equal amounts to be confirmed without a person."""

    absolute: Decimal = Decimal(1)
    percent: Decimal = Decimal(2)


def learn_match_rule(
    *, acting_user: User | None, group_id: str, limits: RuleLimits | None = None
) -> list[MatchRule]:
    """Confirm the group where that is not done, and learn its vendors and sources as rules.

    What waits and fits the rules is confirmed at once.

    Refuses: people.not_allowed, and what confirming refuses.
    """
    require(acting_user, ACT)
    group = group_of(group_id)
    allowed = limits or RuleLimits()
    with transaction.atomic():
        confirm_match(acting_user=acting_user, group_id=group_id)
        rules = [_learn(pair, allowed, acting_user) for pair in _pairs(group)]
        record_act(
            act=ACT,
            subject=group_id,
            actor=acting_user,
            detail={
                "rules": [rule.name for rule in rules],
                "tolerance": {"absolute": str(allowed.absolute), "percent": str(allowed.percent)},
            },
        )
    refresh_matches(acting_user)
    return rules


def forget_match_rule(*, acting_user: User | None, name: str) -> MatchRule:
    """Stop a rule; what it confirmed stays confirmed.

    Refuses: people.not_allowed, evidence.unknown_rule.
    """
    require(acting_user, "evidence.forget_match_rule")
    with transaction.atomic():
        rule = MatchRule.objects.filter(name=name, active=True).first()
        if rule is None:
            raise UnknownMatchRule(
                f"There is no match rule '{name}' in force. See `bursar match rules`."
            )
        rule.active = False
        rule.save(update_fields=["active"])
        record_act(act="evidence.forget_match_rule", subject=name, actor=acting_user, detail={})
    refresh_matches(acting_user)
    return rule


_Pair = tuple[EvidenceMember, EvidenceMember]


def _pairs(group: EvidenceGroup) -> list[_Pair]:
    """Each level's vendor with that of the next finer one, as the match linked them."""
    members = sorted(group.members.all(), key=lambda m: (RANK[m.level], m.pk))
    found: dict[tuple[str, ...], _Pair] = {}
    for member in members:
        finer = [m for m in members if RANK[m.level] > RANK[member.level]]
        nearest = min((RANK[m.level] for m in finer), default=0)
        for other in finer:
            if RANK[other.level] == nearest:
                key = (member.source, other.source, member.vendor, other.vendor)
                found.setdefault(key, (member, other))
    return list(found.values())


def _learn(pair: _Pair, limits: RuleLimits, acting_user: User | None) -> MatchRule:
    summary, detail = pair
    of_account = summary.account if summary.level == "balance" else ""
    told = of_account or summary.vendor or "any vendor"
    other = detail.vendor or (of_account and "same account") or "any vendor"
    name = f"{told} of {summary.source} is {other} of {detail.source}"[:120]
    rule, _ = MatchRule.objects.update_or_create(
        name=name,
        defaults={
            "summary_source": summary.source,
            "detail_source": detail.source,
            "summary_vendor": summary.vendor,
            "detail_vendor": detail.vendor,
            "account": of_account,
            "tolerance_absolute": limits.absolute,
            "tolerance_percent": limits.percent,
            "active": True,
            "learned_at": timezone.now(),
            "learned_by": actor_name(acting_user),
        },
    )
    return rule
