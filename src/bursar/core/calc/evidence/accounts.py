"""Balances of accounts, replaced by what details them, account by account (rule E12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from bursar.core.calc.evidence.scoring import reference_key
from bursar.core.calc.evidence.units import (
    Link,
    MatchRuleTest,
    Proposal,
    Unit,
    confirming_rule,
)
from bursar.core.money.amount import EXACT, exact_sum, exact_text

_PLAUSIBLE = Decimal(2)
"""Detail of more than twice the balance, or of the other sign, is doubted."""


def propose_accounts(
    balances: Iterable[Unit], parts: Iterable[Unit], rules: Sequence[MatchRuleTest] = ()
) -> list[Proposal]:
    """For each balance, the parts of other sources in the same account, period and entity."""
    held: dict[tuple[str, ...], list[Unit]] = {}
    for unit in parts:
        if unit.account and unit.amount:
            held.setdefault(_place(unit), []).append(unit)
    found = []
    for balance in balances:
        details = tuple(sorted(held.get(_place(balance), []), key=lambda u: u.key))
        if not balance.amount or not details:
            continue
        link = _link(balance, details)
        found.append(Proposal((link,), confirming_rule([link], rules)))
    return sorted(found, key=lambda p: (-abs(p.top.amount), p.top.key))


def _place(unit: Unit) -> tuple[str, ...]:
    """`text` is the cost center where the balance is stated by cost center, else empty."""
    return (unit.entity, unit.currency, unit.period, reference_key(unit.account), unit.text)


def _link(balance: Unit, details: tuple[Unit, ...]) -> Link:
    total = exact_sum(u.amount for u in details)
    difference = EXACT.subtract(balance.amount, total)
    share = (total * 100 / balance.amount).quantize(Decimal("0.1"), ROUND_HALF_UP)
    sources = ", ".join(sorted({u.source for u in details}))
    where = f"account {balance.account}"
    if balance.text:
        where += f", cost center {balance.text}"
    reasons = [
        f"{where} in {balance.period}: {sources} details {balance.currency} {exact_text(total)} "
        f"of {exact_text(balance.amount)} ({share} %); {exact_text(difference)} stays as a residual"
    ]
    doubted = share < 0 or share > 100 * _PLAUSIBLE
    if doubted:
        reasons.append("the detail is far from the balance: look before you confirm")
    return Link(balance, details, 45 if doubted else 80, tuple(reasons), difference, int(doubted))
