"""What computing one period gives, before anything of it is in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa

from bursar.allocate.balance import BalanceRow
from bursar.allocate.inputs import Inputs
from bursar.allocate.recovering import Left
from bursar.allocate.statements import StatementData
from bursar.core.money.amount import exact_text
from bursar.lake.files import ManifestRecord


@dataclass(frozen=True)
class RunProblem:
    """Something that a person should see: money without a rule, a driver that was missing."""

    code: str
    message: str
    amount: Decimal | None = None
    currency: str | None = None

    def to_json(self) -> dict[str, str | None]:
        amount = None if self.amount is None else exact_text(self.amount)
        return {
            "code": self.code,
            "message": self.message,
            "amount": amount,
            "currency": self.currency,
        }


@dataclass(frozen=True)
class PeriodResult:
    """One period, computed, asserted and written to files."""

    inputs: Inputs
    scale: int
    records: tuple[ManifestRecord, ...]
    allocated: pa.Table
    balance: tuple[BalanceRow, ...]
    statements: tuple[StatementData, ...]
    problems: tuple[RunProblem, ...]
    cells: int
    """How many sums of the ledger went in."""
    path: str
    """`cubes`, or `lines` where some rule looks at what only lines have."""
    left: Mapping[str, Left]
    """What rules with a true-up leave open in this period."""
    replaces: int | None
    """Row of the run period that was in force when this one began."""
