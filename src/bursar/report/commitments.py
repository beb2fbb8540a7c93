"""What was promised to providers, and how much of it each period used or left unused."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bursar.core.calc.commitments import USERS
from bursar.core.money.amount import EXACT, AmountError, exact_sum, exact_text, parse_amount
from bursar.core.tables.focus_side import CONTRACT_COMMITMENT
from bursar.office.people.scope import Scope
from bursar.record.models import Commitment
from bursar.record.references.queries import (
    contracts_applied,
    moved_by_policies,
    rows_in_force,
    used_of_commitments,
)
from bursar.report.balance import require_everything

_ZERO = Decimal(0)


@dataclass
class PeriodUse:
    """One commitment in one billing period: bought, used and unused at effective cost, and what
    the lines' ContractApplied draws from it."""

    period: str
    bought: Decimal = _ZERO
    used: Decimal = _ZERO
    unused: Decimal = _ZERO
    applied: Decimal = _ZERO
    moved: dict[str, Decimal] = field(default_factory=dict)
    """What a policy moved, by part: price, saving, sharing, unused (rules CP3-CP5)."""

    def to_json(self) -> dict[str, Any]:
        names = ("bought", "used", "unused", "applied")
        return {
            "period": self.period,
            **{n: exact_text(getattr(self, n)) for n in names},
            "moved": {part: exact_text(amount) for part, amount in sorted(self.moved.items())},
        }


@dataclass
class CommitmentUse:
    """One commitment in one currency; the promise is null where no list in force names it."""

    commitment_id: str
    currency: str | None
    promised: Decimal | None = None
    kind: str | None = None
    category: str | None = None
    start: str | None = None
    end: str | None = None
    status: str | None = None
    policy: str = USERS
    sub_account: str = ""
    cost_center: str = ""
    problem: str = ""
    """Why the policy's lines are not published."""
    periods: dict[str, PeriodUse] = field(default_factory=dict)

    def of(self, period: str) -> PeriodUse:
        return self.periods.setdefault(period, PeriodUse(period))

    @property
    def taken(self) -> Decimal:
        """What counts towards the promise: what was applied, or else what was used and unused."""
        applied = exact_sum(one.applied for one in self.periods.values())
        if applied:
            return applied
        return exact_sum(part for one in self.periods.values() for part in (one.used, one.unused))

    @property
    def left(self) -> Decimal | None:
        return None if self.promised is None else EXACT.subtract(self.promised, self.taken)

    def to_json(self) -> dict[str, Any]:
        return {
            "commitment_id": self.commitment_id,
            "type": self.kind,
            "category": self.category,
            "status": self.status,
            "start": self.start,
            "end": self.end,
            "currency": self.currency,
            "promised": None if self.promised is None else exact_text(self.promised),
            "taken": exact_text(self.taken),
            "left": None if self.left is None else exact_text(self.left),
            "policy": self.policy,
            "sub_account": self.sub_account,
            "cost_center": self.cost_center,
            "problem": self.problem,
            "periods": [self.periods[name].to_json() for name in sorted(self.periods)],
        }


@dataclass(frozen=True)
class Commitments:
    """Every commitment that a list or a line names."""

    rows: tuple[CommitmentUse, ...]

    def to_json(self) -> dict[str, Any]:
        return {"basis": "effective", "commitments": [one.to_json() for one in self.rows]}


def commitments(scope: Scope, *, period: str | None = None) -> Commitments:
    """Commitments with their use by billing period; `period` shows one of them only.

    Raises BeyondScope for a restricted scope. Refusals: lake.file_missing, lake.file_damaged.
    """
    require_everything(scope, "The list of commitments")
    found: dict[tuple[str, str | None], CommitmentUse] = {}
    for row in rows_in_force(CONTRACT_COMMITMENT):
        key = (row["contract_commitment_id"], row["billing_currency"])
        found[key] = _promised(row)
    _add_use(found)
    _add_applied(found)
    _add_policies(found)
    rows = sorted(found.values(), key=lambda one: (one.commitment_id, one.currency or ""))
    if period is not None:
        for one in rows:
            one.periods = {name: use for name, use in one.periods.items() if name == period}
        rows = [one for one in rows if one.periods]
    return Commitments(tuple(rows))


def _promised(row: dict[str, Any]) -> CommitmentUse:
    start, end = row["contract_commitment_period_start"], row["contract_commitment_period_end"]
    return CommitmentUse(
        commitment_id=row["contract_commitment_id"],
        currency=row["billing_currency"],
        promised=row["contract_commitment_cost"],
        kind=row["contract_commitment_type"],
        category=row["contract_commitment_category"],
        start=start.date().isoformat() if start else None,
        end=end.date().isoformat() if end else None,
        status=row["contract_commitment_lifecycle_status"],
    )


def _of(
    found: dict[tuple[str, str | None], CommitmentUse], commitment: str, currency: str
) -> CommitmentUse:
    key = (commitment, currency)
    if key not in found:
        found[key] = CommitmentUse(commitment, currency)
    return found[key]


def _add_use(found: dict[tuple[str, str | None], CommitmentUse]) -> None:
    for row in used_of_commitments():
        use = _of(found, row["commitment"], row["currency"]).of(row["period"])
        if row["category"] == "Purchase":
            use.bought = EXACT.add(use.bought, row["billed"] or _ZERO)
        effective = row["effective"] or _ZERO
        if row["status"] == "Unused":
            use.unused = EXACT.add(use.unused, effective)
        elif row["status"] == "Used":
            use.used = EXACT.add(use.used, effective)


def _add_applied(found: dict[tuple[str, str | None], CommitmentUse]) -> None:
    """Costs that lines draw from commitments; a text that is no such list says nothing."""
    for row in contracts_applied():
        for commitment, cost in _elements(row["contract_applied"]):
            use = _of(found, commitment, row["currency"]).of(row["period"])
            use.applied = EXACT.add(use.applied, EXACT.multiply(cost, Decimal(row["lines"])))


def _add_policies(found: dict[tuple[str, str | None], CommitmentUse]) -> None:
    for row in moved_by_policies():
        use = _of(found, row["commitment"], row["currency"]).of(row["period"])
        # Savings are taken off the home, and the same amount is added to who was covered.
        if row["amount"] is not None:
            use.moved[row["part"]] = row["amount"]
    held = {one.commitment_id: one for one in Commitment.objects.all()}
    for (commitment, _), told in found.items():
        if (decided := held.get(commitment)) is not None:
            told.policy, told.problem = str(decided.policy), decided.problem
            told.sub_account, told.cost_center = decided.sub_account, decided.cost_center


def _elements(text: str) -> list[tuple[str, Decimal]]:
    try:
        stated = json.loads(text, parse_float=str, parse_int=str)
        elements = stated["Elements"] if isinstance(stated, dict) else stated
        return [
            (str(one["ContractCommitmentId"]), parse_amount(str(cost)))
            for one in elements
            if (cost := one.get("AppliedCost", one.get("ContractCommitmentAppliedCost")))
        ]
    except (ValueError, KeyError, TypeError, AttributeError, AmountError):
        return []
