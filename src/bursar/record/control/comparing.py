"""Ledger against Bursar, account by account: the difference, and what explains it (rules E20-E23).

An explanation is taken when it brings the rest nearer to zero, in a fixed order; what is left is
unexplained and never hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from bursar.core.money.amount import EXACT, exact_sum
from bursar.core.money.currency import minor_digits
from bursar.lake.questions import Condition
from bursar.office.calendar.periods import calendar_of
from bursar.record.control.reading import AccountKey, control_balances, out_of_scope
from bursar.record.evidence.netting import SOURCE as MATCHES
from bursar.record.evidence.netting import divided_sums, finest_members, read_groups, rows_of
from bursar.record.ledger import open_ledger
from bursar.record.models import EvidenceGroup, GroupState

NO_ACCOUNT = ""
_ORDER = (
    "posted to another period",
    "counted twice until matches are confirmed",
    "moved by matches between summary and detail",
)


@dataclass
class Account:
    """One account of one entity in one currency: `ledger - bursar = explained + unexplained`."""

    entity: str
    account: str
    currency: str
    name: str = ""
    ledger: Decimal | None = None
    """None where the general ledger does not list the account."""
    bursar: Decimal | None = None
    """None where Bursar holds no cost of it."""
    out_of_scope: str = ""
    explanations: list[tuple[str, Decimal]] = field(default_factory=list)
    residual: Decimal = Decimal(0)
    """Of what Bursar holds, what confirmed matches left unexplained."""

    @property
    def difference(self) -> Decimal:
        return EXACT.subtract(self.ledger or Decimal(0), self.bursar or Decimal(0))

    @property
    def unexplained(self) -> Decimal:
        explained = exact_sum(amount for _, amount in self.explanations)
        return EXACT.subtract(self.difference, explained)

    def explain(self, why: str, amount: Decimal) -> None:
        """Take the explanation if it brings the rest nearer to zero."""
        rest = self.unexplained
        if amount and abs(EXACT.subtract(rest, amount)) < abs(rest):
            self.explanations.append((why, amount))


def compare(period: str, basis: str) -> list[Account]:
    """Every account that the general ledger or Bursar has in the period."""
    accounts = _accounts(period, basis)
    scope = out_of_scope()
    candidates = {
        _ORDER[0]: _elsewhere(period, basis),
        _ORDER[1]: _doubled(period, basis),
        _ORDER[2]: _netted(period, basis),
    }
    for key, account in accounts.items():
        account.out_of_scope = scope.reason(account.account)
        if account.out_of_scope:
            account.explanations.append(
                (f"not in scope: {account.out_of_scope}", account.difference)
            )
            continue
        for why in _ORDER:
            account.explain(why, candidates[why].get(key, Decimal(0)))
    _offset(accounts.values())
    for account in accounts.values():
        unit = Decimal(1).scaleb(-minor_digits(account.currency))
        if 0 < abs(account.unexplained) < unit:
            account.explain("rounding below the minor unit", account.unexplained)
    return [accounts[key] for key in sorted(accounts)]


def _accounts(period: str, basis: str) -> dict[AccountKey, Account]:
    found: dict[AccountKey, Account] = {}
    for key, (balance, name) in control_balances(period).items():
        found[key] = Account(*key, name=name, ledger=balance)
    ledger = open_ledger()
    by = ["legal_entity", "gl_account"]
    for row in ledger.sums(by=by, basis=basis, periods=[period]).to_pylist():
        if row["amount"] is not None:
            key = (row["legal_entity"], row["gl_account"] or NO_ACCOUNT, row["currency"])
            found.setdefault(key, Account(*key)).bursar = row["amount"]
    for key, amount in _residuals(period, basis).items():
        if key in found:
            found[key].residual = amount
    return found


Sums = dict[AccountKey, Decimal]


def _summed(rows: Iterable[Mapping[str, object]], column: str, sign: int = 1) -> Sums:
    found: Sums = {}
    for row in rows:
        amount = row.get(column)
        if isinstance(amount, Decimal):
            key = _key(row)
            found[key] = EXACT.add(found.get(key, Decimal(0)), sign * amount)
    return found


def _key(row: Mapping[str, object]) -> AccountKey:
    currency = row.get("billing_currency") or row.get("currency")
    return (str(row["legal_entity"]), str(row.get("gl_account") or NO_ACCOUNT), str(currency))


def _elsewhere(period: str, basis: str) -> Sums:
    """Cost of documents of this period that is posted to another, less what came from others."""
    columns = ["legal_entity", "gl_account", "billing_currency", "posting_period",
               "billing_period_start"]  # fmt: skip
    where = [Condition("gl_account", "missing", False)]
    found: Sums = {}
    calendar = cache(calendar_of)  # asked once per entity, not once per sum
    for row in open_ledger().lines.totals(columns=columns, where=where).to_pylist():
        day = row["billing_period_start"].date()
        booked = calendar(row["legal_entity"]).period_of(day).code
        posted, amount = row["posting_period"], row[f"{basis}_cost"]
        if booked == posted or period not in (booked, posted) or amount is None:
            continue
        signed = amount if booked == period else EXACT.minus(amount)
        found[_key(row)] = EXACT.add(found.get(_key(row), Decimal(0)), signed)
    return found


def _doubled(period: str, basis: str) -> Sums:
    """What open proposals would take out of each account, if they are right."""
    groups = EvidenceGroup.objects.filter(state=GroupState.PROPOSED, period=period)
    rows = [
        row
        for found in read_groups(open_ledger(), list(groups.prefetch_related("members")))
        for row in rows_of(found)
        if row["posting_period"] == period
    ]
    return _summed(rows, f"{basis}_cost")


def _netted(period: str, basis: str) -> Sums:
    """How confirmed matches moved cost between accounts: out of the summary's, into the detail's.

    Detail that carries the summary's own account moves nothing.
    """
    groups = EvidenceGroup.objects.filter(state=GroupState.CONFIRMED, period=period)
    found = read_groups(open_ledger(), list(groups.prefetch_related("members")))
    column, moved, netted = f"{basis}_cost", [], []
    for one in found:
        rows = [row for row in rows_of(one) if row.get(column) is not None]
        moved += [row for row in rows if row["posting_period"] == period]
        netted += [one.group] if rows else []
    columns = ["legal_entity", "gl_account", "billing_currency", "posting_period"]
    detail = [
        row
        for row in divided_sums(open_ledger(), finest_members(netted), columns)
        if row["posting_period"] == period
    ]
    return _summed([*moved, *detail], column, sign=-1)


def _residuals(period: str, basis: str) -> Sums:
    where = [
        Condition("source", "=", MATCHES),
        Condition("posting_period", "=", period),
        Condition("charge_description", "starts_with", "Not explained"),
    ]
    columns = ["legal_entity", "gl_account", "billing_currency"]
    rows = open_ledger().lines.totals(columns=columns, where=where).to_pylist()
    return _summed(rows, f"{basis}_cost")


def _offset(accounts: Iterable[Account]) -> None:
    """Two accounts of an entity whose rests cancel: the same money stands in the other one."""
    open_: dict[tuple[str, str, Decimal], list[Account]] = {}
    for account in accounts:
        rest = account.unexplained
        if not rest:
            continue
        others = open_.get((account.entity, account.currency, EXACT.minus(rest)), [])
        if others:
            other = others.pop(0)
            told = [one.account or "no account" for one in (other, account)]
            account.explain(f"in account {told[0]}", rest)
            other.explain(f"in account {told[1]}", other.unexplained)
        else:
            open_.setdefault((account.entity, account.currency, rest), []).append(account)
