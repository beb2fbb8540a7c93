"""Matches: what seems to be one obligation and why, what was decided, and what is unmatched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bursar.core.money.amount import exact_text
from bursar.office.people.scope import Scope
from bursar.record.evidence import queries
from bursar.record.evidence.levels import source_levels
from bursar.record.evidence.queries import GroupNow
from bursar.record.evidence.refresher import is_pending
from bursar.record.evidence.selectors import conditions
from bursar.record.ledger import open_ledger
from bursar.report.balance import require_everything

LINES_SHOWN = 5
"""Lines of an evidence that are named on its match; the rest is on the page of lines."""
FREE_SHOWN = 200
"""Unmatched evidence that is listed; the rest is smaller."""


@dataclass(frozen=True)
class Matches:
    """Groups by money; each row says its members, reasons, state and what is unexplained."""

    rows: tuple[dict[str, Any], ...]
    pending: bool
    """Whether sources changed in a way that could not be netted yet (a closed period)."""

    def to_json(self) -> dict[str, Any]:
        """`{"groups": [...], "pending"}`."""
        return {"groups": list(self.rows), "pending": self.pending}


def matches(scope: Scope, *, state: str | None = None, period: str | None = None) -> Matches:
    """Groups, the largest money first. Raises BeyondScope for a restricted scope."""
    require_everything(scope, "The list of matches")
    found = queries.groups(states=[state] if state else None, period=period)
    return Matches(tuple(map(_row, found)), is_pending())


def match(scope: Scope, group_id: str) -> dict[str, Any]:
    """One group with the derived lines that it has, or would have if it were confirmed.

    Raises BeyondScope for a restricted scope, UnknownGroup where there is none.
    """
    require_everything(scope, "A match")
    now, lines = queries.group(group_id)
    shown = [
        {
            "description": line["charge_description"],
            "line_id": line["record_ref"],
            "period": line["posting_period"],
            "gl_account": line.get("gl_account"),
            "cost_center": line.get("cost_center"),
            "vendor": line.get("vendor"),
            **{
                name: exact_text(line[name])
                for name in ("billed_cost", "effective_cost", "booked_cost")
                if line.get(name) is not None
            },
        }
        for line in lines
    ]
    row = _row(now)
    members = [{**member, **_member_lines(member["selector"])} for member in row["members"]]
    return {**row, "members": members, "lines": shown}


def _member_lines(selector: dict[str, str | None]) -> dict[str, Any]:
    """The lines in force that an evidence means, the largest first, and whether there are more."""
    found = open_ledger().lines.page(
        basis="billed", where=conditions(selector), limit=LINES_SHOWN + 1
    )
    lines = [
        {
            "line_id": line["line_id"],
            "description": line["charge_description"] or line["service_name"] or "",
        }
        for line in found.to_pylist()
    ]
    return {"lines": lines[:LINES_SHOWN], "more": len(lines) > LINES_SHOWN}


def unmatched(scope: Scope) -> list[dict[str, Any]]:
    """Evidence in no group, the largest money first. Raises BeyondScope for a restricted scope."""
    require_everything(scope, "Unmatched evidence")
    return [
        {
            "level": unit.level,
            "source": unit.source,
            "label": label,
            "period": unit.period,
            "currency": unit.currency,
            "amount": exact_text(unit.amount),
            "selector": unit.key,
        }
        for unit, label in queries.free_units()[:FREE_SHOWN]
    ]


def match_rules(scope: Scope) -> list[dict[str, Any]]:
    """Learned rules in force. Raises BeyondScope for a restricted scope."""
    require_everything(scope, "The list of match rules")
    return [
        {
            "name": rule.name,
            "summary_source": rule.summary_source,
            "detail_source": rule.detail_source,
            "summary_vendor": rule.summary_vendor,
            "detail_vendor": rule.detail_vendor,
            "account": rule.account,
            "tolerance_absolute": exact_text(rule.tolerance_absolute),
            "tolerance_percent": exact_text(rule.tolerance_percent),
            "learned_by": rule.learned_by,
            "learned_at": rule.learned_at.isoformat(),
        }
        for rule in queries.rules()
    ]


def evidence_levels(scope: Scope) -> dict[str, str]:
    """What evidence each source is. Raises BeyondScope for a restricted scope."""
    require_everything(scope, "The list of sources")
    return source_levels()


def _row(now: GroupNow) -> dict[str, Any]:
    group = now.group
    return {
        "group_id": group.group_id,
        "state": group.state,
        "automatic": group.rule.name if group.rule else "",
        "by_hand": group.by_hand,
        "conversion": group.conversion,
        "period": group.period,
        "legal_entity": group.legal_entity,
        "currency": group.currency,
        "score": group.score,
        "reasons": list(group.reasons),
        "money": exact_text(now.money),
        "residual": {basis: exact_text(amount) for basis, amount in now.residual.items()},
        "doubled": {basis: exact_text(amount) for basis, amount in now.doubled.items()},
        "members": [
            {
                "number": number,
                "level": member.level,
                "level_label": member.get_level_display(),
                "source": member.source,
                "label": member.label,
                "amount": member.amount,
                "selector": member.selector,
            }
            for number, member in enumerate(group.members.all(), start=1)
        ],
        "levels": {
            level: {basis: exact_text(amount) for basis, amount in sums.items()}
            for level, sums in now.levels.items()
        },
        "decided_by": group.decided_by,
        "decided_at": group.decided_at.isoformat() if group.decided_at else None,
        "comment": group.comment,
    }
