"""The balance of the runs in force: cost in, and where every unit of it rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.allocate import queries
from bursar.allocate.balance import TERMS
from bursar.allocate.models import RunPeriod
from bursar.core.money.amount import exact_sum, exact_text
from bursar.office.people.scope import Scope
from bursar.report.dimensions import require_basis
from bursar.report.errors import BeyondScope, NotRun


@dataclass(frozen=True)
class BalanceRow:
    """`cost_in + markup = allocated + retained + unallocated + recovery_gap + rounding`."""

    period: str
    legal_entity: str
    currency: str
    basis: str
    cost_in: Decimal
    markup: Decimal
    allocated: Decimal
    retained: Decimal
    unallocated: Decimal
    recovery_gap: Decimal
    rounding: Decimal
    run_id: str

    @property
    def holds(self) -> bool:
        resting = exact_sum(getattr(self, term) for term in TERMS[2:])
        return exact_sum((self.cost_in, self.markup)) == resting

    def to_json(self) -> dict[str, Any]:
        """Every term, zeros too."""
        return {
            "period": self.period,
            "legal_entity": self.legal_entity,
            "currency": self.currency,
            "basis": self.basis,
            **{term: exact_text(getattr(self, term)) for term in TERMS},
            "holds": self.holds,
            "run_id": self.run_id,
        }


@dataclass(frozen=True)
class Balance:
    """One row per period, legal entity and currency, in that order."""

    basis: str
    rows: tuple[BalanceRow, ...]

    def to_json(self) -> dict[str, Any]:
        """`{"basis", "balance": [...]}`."""
        return {"basis": self.basis, "balance": [row.to_json() for row in self.rows]}


def balance(
    scope: Scope, *, periods: Sequence[str] | None = None, basis: str = "effective"
) -> Balance:
    """The balance per period, entity and currency, of all periods where none are named.

    Raises BeyondScope for a restricted scope, UnknownBasis, and NotRun for a period without a run.
    """
    require_everything(scope, "The balance of a run")
    found = {run.period: run for run in queries.runs_in_force(basis=require_basis(basis))}
    missing = sorted(set(periods or ()) - set(found))
    if missing:
        raise NotRun(
            f"{', '.join(missing)}: no run on {basis} cost is in force, so there is no balance. "
            f"Run it: bursar run --period {missing[0]}."
        )
    wanted = sorted(found if periods is None else set(periods))
    return Balance(basis, tuple(row for p in wanted for row in _rows(found[p])))


def require_everything(scope: Scope, what: str) -> None:
    """Raises BeyondScope unless the scope sees all figures."""
    if not scope.everything:
        raise BeyondScope(
            f"{what} shows cost of every consumer, which your role does not include. "
            "Your own figures are on the statements of your consumers."
        )


def _rows(run: RunPeriod) -> list[BalanceRow]:
    return [
        BalanceRow(
            period=run.period,
            legal_entity=terms["legal_entity"],
            currency=terms["currency"],
            basis=run.basis,
            run_id=run.run.run_id,
            **{term: Decimal(terms[term]) for term in TERMS},
        )
        for terms in run.balance
    ]
