"""Act: match evidences by hand, which no search would find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from bursar.core.calc.evidence.units import RANK, Link, Proposal, Unit
from bursar.core.money.amount import EXACT, exact_sum
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.evidence.deciding import decide, refuse_unsound
from bursar.record.evidence.errors import BadMatch
from bursar.record.evidence.levels import source_levels
from bursar.record.evidence.proposing import fingerprint, store_proposal
from bursar.record.evidence.selectors import as_text, conditions, parse_selector
from bursar.record.evidence.units import compared
from bursar.record.ledger import open_ledger
from bursar.record.models import EvidenceGroup, GroupState

ACT = "evidence.link_evidence"
_OWNER = ("source", "legal_entity", "billing_currency")


def link_evidence(
    *, acting_user: User | None, summary: str, details: Sequence[str], comment: str = ""
) -> EvidenceGroup:
    """Make and confirm a group of the lines that these selectors find (`source=tb,account=6810`).

    Refuses: people.not_allowed, evidence.bad_selector, evidence.bad_match,
    evidence.currencies_differ, evidence.counted_already, import.period_closed.
    """
    require(acting_user, ACT)
    levels = source_levels()
    head = _unit(summary, levels)
    finer = tuple(_unit(text, levels) for text in details)
    if not finer:
        raise BadMatch("Say what details the summary: --detail source=NAME,… once or more.")
    if any(RANK[unit.level] <= RANK[head.level] for unit in finer):
        raise BadMatch(
            f"{head.source} is evidence of level {head.level}, and what shall replace it is no "
            "more detailed. Set levels with `bursar match level SOURCE LEVEL`."
        )
    difference = EXACT.subtract(head.amount, exact_sum(u.amount for u in finer))
    link = Link(head, finer, 100, ("matched by hand",), difference)
    with transaction.atomic():
        print_ = fingerprint(unit.key for unit in (head, *finer))
        group = store_proposal(Proposal((link,)), print_, timezone.now())
        EvidenceGroup.objects.filter(pk=group.pk).update(by_hand=True)
        group.refresh_from_db()
        refuse_unsound(group)
        return decide(group, GroupState.CONFIRMED, ACT, acting_user, comment)


def _unit(text: str, levels: dict[str, str]) -> Unit:
    selector = parse_selector(text)
    source = selector["source"] or ""
    rows = open_ledger().lines.totals(
        columns=[*_OWNER, "posting_period"], where=conditions(selector)
    )
    found: list[dict[str, Any]] = rows.to_pylist()
    if not found:
        raise BadMatch(f"No line in force is meant by '{text}'. See `bursar batches --in-force`.")
    if source not in levels:
        raise BadMatch(
            f"Source '{source}' is no evidence yet. Say what it is: bursar match level {source} "
            "LEVEL."
        )
    if len({(r["legal_entity"], r["billing_currency"]) for r in found}) > 1:
        raise BadMatch(
            f"'{text}' means lines of several legal entities or currencies. Add entity=… or "
            "billing_currency=… to it."
        )
    first = found[0]
    unit = Unit(
        key=as_text(selector),
        source=source,
        level=levels[source],
        entity=first["legal_entity"],
        currency=first["billing_currency"],
        amount=exact_sum(compared(r) for r in found) if found else Decimal(0),
        start=min(r["first"] for r in found).date(),
        end=max(r["last"] for r in found).date(),
        period=min(r["posting_period"] for r in found),
        text=text,
    )
    return replace(unit, account=selector.get("gl_account") or "")
