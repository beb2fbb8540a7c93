"""The general ledger beside Bursar: per account the difference, what explains it, and the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.core.money.amount import exact_sum, exact_text
from bursar.office.people.scope import Scope
from bursar.record.control.comparing import Account, compare
from bursar.record.control.queries import Signed, signed
from bursar.record.control.reading import control_periods
from bursar.record.queries import rejected_of_period
from bursar.report.balance import require_everything
from bursar.report.dimensions import require_basis


@dataclass(frozen=True)
class ReconciliationTotal:
    """All compared accounts of one entity and currency."""

    entity: str
    currency: str
    ledger: Decimal
    bursar: Decimal
    difference: Decimal
    unexplained: Decimal
    """Account by account without regard to sign, so that two mistakes do not hide each other."""

    def to_json(self) -> dict[str, Any]:
        amounts = ("ledger", "bursar", "difference", "unexplained")
        return {**vars(self), **{name: exact_text(getattr(self, name)) for name in amounts}}


@dataclass(frozen=True)
class Reconciliation:
    """`ledger - bursar = difference = explained + unexplained`, for every account."""

    period: str
    basis: str
    accounts: tuple[Account, ...]
    totals: tuple[ReconciliationTotal, ...]
    signatures: dict[str, Signed | None]
    rejected: tuple[dict[str, Any], ...]
    """Rows that were rejected with batches of the period; their amounts are in no figure."""

    @property
    def has_control(self) -> bool:
        return any(one.ledger is not None for one in self.accounts)

    def to_json(self) -> dict[str, Any]:
        """Amounts as exact text; `ledger` is null where the ledger does not list the account."""
        return {
            "period": self.period,
            "basis": self.basis,
            "has_control": self.has_control,
            "accounts": [account_json(one) for one in self.accounts],
            "totals": [total.to_json() for total in self.totals],
            "signatures": {e: vars(s) if s else None for e, s in self.signatures.items()},
            "rejected": list(self.rejected),
        }


def reconciliation(scope: Scope, *, period: str, basis: str = "booked") -> Reconciliation:
    """Every account of a period. Raises BeyondScope for a restricted scope."""
    require_everything(scope, "The reconciliation with the general ledger")
    require_basis(basis)
    accounts = tuple(compare(period, basis))
    entities = sorted({one.entity for one in accounts})
    return Reconciliation(
        period=period,
        basis=basis,
        accounts=accounts,
        totals=tuple(_totals(accounts)),
        signatures={entity: signed(period, entity) for entity in entities},
        rejected=tuple(rejected_of_period(period)),
    )


def reconciled_periods(scope: Scope) -> list[str]:
    """Periods that the general ledger was loaded for. Raises BeyondScope where restricted."""
    require_everything(scope, "The reconciliation with the general ledger")
    return control_periods()


def account_json(one: Account) -> dict[str, Any]:
    return {
        "legal_entity": one.entity,
        "gl_account": one.account,
        "account_name": one.name,
        "currency": one.currency,
        "ledger": None if one.ledger is None else exact_text(one.ledger),
        "bursar": None if one.bursar is None else exact_text(one.bursar),
        "difference": exact_text(one.difference),
        "out_of_scope": one.out_of_scope,
        "explanations": [
            {"why": why, "amount": exact_text(amount)} for why, amount in one.explanations
        ],
        "residual": exact_text(one.residual),
        "unexplained": exact_text(one.unexplained),
    }


def _totals(accounts: Iterable[Account]) -> list[ReconciliationTotal]:
    held: dict[tuple[str, str], list[Account]] = {}
    for one in accounts:
        if not one.out_of_scope:
            held.setdefault((one.entity, one.currency), []).append(one)
    return [
        ReconciliationTotal(
            entity=entity,
            currency=currency,
            ledger=exact_sum(one.ledger or Decimal(0) for one in members),
            bursar=exact_sum(one.bursar or Decimal(0) for one in members),
            difference=exact_sum(one.difference for one in members),
            unexplained=exact_sum(abs(one.unexplained) for one in members),
        )
        for (entity, currency), members in sorted(held.items())
    ]
