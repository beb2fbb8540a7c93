"""Reading control: balances in force, and which accounts are compared."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bursar.core.money.amount import EXACT
from bursar.core.tables.control_balance import CONTROL_BALANCE
from bursar.office.manifest.writing import in_force
from bursar.record.models import AccountOutOfScope
from bursar.record.queries import read_lake_file

AccountKey = tuple[str, str, str]
"""Legal entity, account, currency."""


def control_balances(period: str) -> dict[AccountKey, tuple[Decimal, str]]:
    """Balance and name of each account that the general ledger lists in the period."""
    found: dict[AccountKey, tuple[Decimal, str]] = {}
    for file in in_force(CONTROL_BALANCE.name, period):
        for row in read_lake_file(file).to_pylist():
            key = (row["legal_entity"], row["gl_account"], row["currency"])
            balance, name = found.get(key, (Decimal(0), ""))
            found[key] = (EXACT.add(balance, row["balance"]), name or row["account_name"] or "")
    return found


def control_periods() -> list[str]:
    """Periods that control was loaded for, in order."""
    return sorted(set(in_force(CONTROL_BALANCE.name).values_list("period", flat=True)))


@dataclass(frozen=True)
class OutOfScope:
    """Patterns of accounts that Bursar does not hold on purpose, with the reason."""

    exact: dict[str, str]
    beginnings: tuple[tuple[str, str], ...]

    def reason(self, account: str) -> str:
        """Why the account is not compared; empty where it is."""
        if account in self.exact:
            return self.exact[account]
        return next((why for head, why in self.beginnings if account.startswith(head)), "")


def out_of_scope() -> OutOfScope:
    rows = dict(AccountOutOfScope.objects.values_list("pattern", "reason"))
    return OutOfScope(
        exact={pattern: why for pattern, why in rows.items() if not pattern.endswith("*")},
        beginnings=tuple((p[:-1], why) for p, why in sorted(rows.items()) if p.endswith("*")),
    )
