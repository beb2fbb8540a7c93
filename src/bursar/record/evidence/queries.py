"""Reading matches: groups with their members as they stand now, rules, and what is unmatched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.core.calc.evidence.netting import net
from bursar.core.calc.evidence.units import Unit
from bursar.core.money.amount import EXACT, exact_sum
from bursar.core.money.currency import minor_digits
from bursar.core.tables.cube import BASES
from bursar.record.evidence.deciding import group_of
from bursar.record.evidence.levels import source_levels
from bursar.record.evidence.netting import GroupLines, read_groups, rows_of
from bursar.record.evidence.proposing import label_of, unmatched
from bursar.record.evidence.selectors import as_text
from bursar.record.evidence.units import evidences
from bursar.record.ledger import open_ledger
from bursar.record.models import EvidenceGroup, GroupState, MatchRule


@dataclass(frozen=True)
class GroupNow:
    """A group, and per basis what it counts twice unless it is netted, and what is unexplained."""

    group: EvidenceGroup
    doubled: Mapping[str, Decimal]
    residual: Mapping[str, Decimal]
    levels: Mapping[str, Mapping[str, Decimal]]
    """Level → basis → sum of its lines in force."""

    @property
    def money(self) -> Decimal:
        """How much is at stake: the largest amount on a basis that two of its levels state."""
        stated = [basis for sums in self.levels.values() for basis in sums]
        shared = {basis for basis in stated if stated.count(basis) > 1} or set(stated)
        every = [abs(sums[b]) for sums in self.levels.values() for b in shared & set(sums)]
        return max(every, default=Decimal(0))


def groups(*, states: Iterable[str] | None = None, period: str | None = None) -> list[GroupNow]:
    """Groups of these states and period, the largest money first."""
    rows = EvidenceGroup.objects.select_related("rule").prefetch_related("members")
    if states is not None:
        rows = rows.filter(state__in=list(states))
    if period is not None:
        rows = rows.filter(period=period)
    found = [_now(one) for one in read_groups(open_ledger(), list(rows))]
    return sorted(found, key=lambda one: (-one.money, one.group.group_id))


def group(group_id: str) -> tuple[GroupNow, list[dict[str, Any]]]:
    """A group and the derived lines that it has, or would have if it were confirmed.

    Refusals: evidence.unknown_group.
    """
    (found,) = read_groups(open_ledger(), [group_of(group_id)])
    return _now(found), rows_of(found)


def _now(found: GroupLines) -> GroupNow:
    netted = net(found.levels, minor_digits(found.group.currency))
    doubled, residual = {}, {}
    for basis in BASES:
        reversals = [n.reversal[basis] for n in netted if basis in n.reversal]
        residuals = [n.residual[basis] for n in netted if basis in n.residual]
        if reversals:
            residual[basis] = exact_sum(residuals)
            doubled[basis] = EXACT.minus(exact_sum([*reversals, *residuals]))
    levels = {
        level.level: {b: t for b in BASES if (t := level.total(b)) is not None}
        for level in found.levels
    }
    return GroupNow(found.group, doubled, residual, levels)


def free_units() -> list[tuple[Unit, str]]:
    """Evidence in no group, with its label, the largest money first.

    Only what could be matched: sources of one level alone have no counterpart.
    """
    levels = source_levels()
    if len(set(levels.values())) < 2:
        return []
    proposed = _proposed_keys()
    found = unmatched(evidences(open_ledger(), levels))
    free = [u for u in (*found.documents, *found.balances) if u.key not in proposed and u.amount]
    return [(u, label_of(u)) for u in sorted(free, key=lambda u: (-abs(u.amount), u.key))]


def _proposed_keys() -> set[str]:
    rows = EvidenceGroup.objects.filter(state=GroupState.PROPOSED).prefetch_related("members")
    return {as_text(member.selector) for one in rows for member in one.members.all()}


def rules() -> list[MatchRule]:
    """Learned rules in force."""
    return list(MatchRule.objects.filter(active=True))
