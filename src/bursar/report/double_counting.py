"""Source-detail double counting: what is counted more than once, as one figure per basis."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.core.money.amount import EXACT, exact_text
from bursar.office.people.scope import Scope
from bursar.record.evidence import queries
from bursar.record.evidence.queries import GroupNow
from bursar.record.evidence.refresher import is_pending
from bursar.record.models import GroupState
from bursar.report.balance import require_everything


@dataclass(frozen=True)
class DoubleCountingRow:
    """One currency and basis: what confirmed matches took out, and what proposals suspect."""

    currency: str
    basis: str
    suspected: Decimal
    """Counted twice today, if the open proposals are right."""
    suspected_groups: int
    netted: Decimal
    """Taken out by confirmed matches."""
    residual: Decimal
    """What confirmed matches leave unexplained."""
    confirmed_groups: int

    def to_json(self) -> dict[str, Any]:
        amounts = ("suspected", "netted", "residual")
        return {**vars(self), **{name: exact_text(getattr(self, name)) for name in amounts}}


@dataclass(frozen=True)
class DoubleCounting:
    """The goal is a suspected amount of 0 in every row."""

    rows: tuple[DoubleCountingRow, ...]
    pending: bool

    @property
    def none_suspected(self) -> bool:
        return not self.pending and all(not row.suspected_groups for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """`{"rows": [...], "none_suspected", "pending"}`."""
        return {
            "rows": [row.to_json() for row in self.rows],
            "none_suspected": self.none_suspected,
            "pending": self.pending,
        }


def double_counting(scope: Scope, *, period: str | None = None) -> DoubleCounting:
    """Per currency and basis, of one period or all. Raises BeyondScope for a restricted scope."""
    require_everything(scope, "Double counting")
    decided = (GroupState.CONFIRMED, GroupState.PROPOSED)
    sums: dict[tuple[str, str], dict[str, Any]] = {}
    for now in queries.groups(states=decided, period=period):
        for basis, doubled in now.doubled.items():
            row = sums.setdefault((now.group.currency, basis), _nothing())
            _add(row, now, basis, doubled)
    rows = [
        DoubleCountingRow(currency, basis, **row) for (currency, basis), row in sorted(sums.items())
    ]
    return DoubleCounting(tuple(rows), is_pending())


def _nothing() -> dict[str, Any]:
    zero = Decimal(0)
    return {
        "suspected": zero, "suspected_groups": 0, "netted": zero, "residual": zero,
        "confirmed_groups": 0,
    }  # fmt: skip


def _add(row: dict[str, Any], now: GroupNow, basis: str, doubled: Decimal) -> None:
    if now.group.state == GroupState.CONFIRMED:
        row["netted"] = EXACT.add(row["netted"], doubled)
        row["residual"] = EXACT.add(row["residual"], now.residual[basis])
        row["confirmed_groups"] += 1
    else:
        row["suspected"] = EXACT.add(row["suspected"], doubled)
        row["suspected_groups"] += 1
