"""Starting from a trial balance: how much of each account is still summary, how much detail."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bursar.core.money.amount import EXACT, exact_text
from bursar.lake.questions import Condition
from bursar.office.people.scope import Scope
from bursar.record.evidence.levels import source_levels
from bursar.record.evidence.netting import SOURCE as MATCHES
from bursar.record.ledger import open_ledger
from bursar.record.models import EvidenceGroup, GroupState
from bursar.report.balance import require_everything
from bursar.report.dimensions import require_basis


@dataclass(frozen=True)
class AccountCoverage:
    """One account's balance, and what of it detail has replaced: `balance = detail + summary`."""

    entity: str
    account: str
    currency: str
    balance: Decimal
    summary: Decimal
    """What still counts at summary level: the residual, or the whole balance."""
    matched: bool

    @property
    def detail(self) -> Decimal:
        return EXACT.subtract(self.balance, self.summary)

    @property
    def detail_ratio(self) -> Decimal:
        if not self.balance:
            return Decimal(0)
        return (self.detail / self.balance).quantize(Decimal("0.0001"), ROUND_HALF_UP)

    def to_json(self) -> dict[str, Any]:
        return {
            "legal_entity": self.entity,
            "gl_account": self.account,
            "currency": self.currency,
            "balance": exact_text(self.balance),
            "detail": exact_text(self.detail),
            "summary": exact_text(self.summary),
            "detail_ratio": exact_text(self.detail_ratio),
            "matched": self.matched,
        }


@dataclass(frozen=True)
class Coverage:
    """Accounts that came in by a trial balance, the largest summary first."""

    period: str
    basis: str
    rows: tuple[AccountCoverage, ...]

    def to_json(self) -> dict[str, Any]:
        """`{"period", "basis", "accounts": [...]}`."""
        return {
            "period": self.period,
            "basis": self.basis,
            "accounts": [row.to_json() for row in self.rows],
        }


def coverage(scope: Scope, *, period: str, basis: str = "effective") -> Coverage:
    """Per account of the trial balances in force. Raises BeyondScope for a restricted scope."""
    require_everything(scope, "The coverage of accounts by detail")
    require_basis(basis)
    sources = [source for source, level in source_levels().items() if level == "balance"]
    ledger, by = open_ledger(), ["legal_entity", "gl_account"]
    rows = ledger.sums(
        by=by, basis=basis, periods=[period], where=[Condition("source", "in", sources)]
    ).to_pylist()
    taken = _taken(period, basis)
    found = [
        AccountCoverage(
            entity=row["legal_entity"],
            account=row["gl_account"] or "",
            currency=row["currency"],
            balance=row["amount"],
            summary=EXACT.add(row["amount"], taken.get(_key(row), Decimal(0))),
            matched=_key(row) in taken,
        )
        for row in rows
        if sources and row["amount"] is not None
    ]
    ordered = sorted(found, key=lambda r: (-abs(r.summary), r.entity, r.account, r.currency))
    return Coverage(period, basis, tuple(ordered))


_Key = tuple[str, str, str]


def _key(row: dict[str, Any]) -> _Key:
    return row["legal_entity"], row["gl_account"] or "", row["currency"]


def _taken(period: str, basis: str) -> dict[_Key, Decimal]:
    """What matches of balances added to each account: reversals and residuals."""
    groups = EvidenceGroup.objects.filter(state=GroupState.CONFIRMED, members__level="balance")
    ids = sorted(set(groups.values_list("group_id", flat=True)))
    if not ids:
        return {}
    rows = open_ledger().lines.totals(
        columns=["legal_entity", "gl_account", "billing_currency"],
        where=[
            Condition("source", "=", MATCHES),
            Condition("posting_period", "=", period),
            Condition("evidence_group", "in", ids),
        ],
    )
    return {
        (row["legal_entity"], row["gl_account"] or "", row["billing_currency"]): amount
        for row in rows.to_pylist()
        if (amount := row[f"{basis}_cost"]) is not None
    }
