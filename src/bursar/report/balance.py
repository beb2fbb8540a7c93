"""The balance of the runs in force: cost in, and where every unit of it rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.office.people.scope import Scope


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
        resting = self.allocated + self.retained + self.unallocated
        return self.cost_in + self.markup == resting + self.recovery_gap + self.rounding


@dataclass(frozen=True)
class Balance:
    basis: str
    rows: tuple[BalanceRow, ...]

    def to_json(self) -> dict[str, Any]:
        """`{"basis", "balance": [...]}`, every term printed, zeros too."""
        raise NotImplementedError


def balance(
    scope: Scope, *, periods: Sequence[str] | None = None, basis: str = "effective"
) -> Balance:
    """The balance per period, entity and currency. Raises BeyondScope for a restricted scope."""
    raise NotImplementedError
