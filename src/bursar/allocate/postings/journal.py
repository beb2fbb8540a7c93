"""Journal lines of a run: consumers debited, pools credited, as its statements print them (J1-J4).

A statement's lines are rounded within it, so the sum over consumers and the sum over pools are
the same cents: the journal balances without rounding anything again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from bursar.allocate.models import RunPeriod, Statement
from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.core.refusal import InvariantBroken

UNCLASSIFIED = "Unclassified"


@dataclass(frozen=True)
class Posting:
    """One line of a journal: one side, never negative."""

    document: str
    entity: str
    currency: str
    day: date
    side: str
    """D or C."""
    account: str
    cost_object: str
    counterpart: str
    """The other cost object of the pair."""
    amount: Decimal
    text: str

    def to_json(self) -> dict[str, Any]:
        """As it is kept, so that a later export can reverse it."""
        return {**asdict(self), "day": self.day.isoformat(), "amount": exact_text(self.amount)}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Posting:
        day, amount = date.fromisoformat(kept["day"]), Decimal(kept["amount"])
        return cls(**{**kept, "day": day, "amount": amount})


@dataclass(frozen=True)
class Accounts:
    """Where the journal posts: what consumers are debited, and what pools are credited."""

    debit: str = ""
    credit: str = ""


def postings_of(run_period: RunPeriod, accounts: Accounts, day: date) -> list[Posting]:
    """Debit and credit for every consumer and pool of the run's statements (rules J1 and J2).

    The lines stand in pairs, debit before credit; a negative amount changes sides.
    """
    found: list[Posting] = []
    rows = Statement.objects.filter(run_period=run_period)
    for statement in rows.order_by("legal_entity", "currency", "consumer"):
        document = "-".join(
            ("BUR", run_period.period, statement.legal_entity, statement.currency,
             run_period.run.run_id[-6:])
        )  # fmt: skip
        for pool, amount in _by_pool(statement):
            if not amount:
                continue
            text = f"IT cost {run_period.period}, {pool}"
            consumer = Posting(
                document, statement.legal_entity, statement.currency, day, "D",
                accounts.debit, statement.consumer, pool, abs(amount), text,
            )  # fmt: skip
            source = replace(
                consumer, side="C", account=accounts.credit, cost_object=pool,
                counterpart=statement.consumer,
            )  # fmt: skip
            pair = [consumer, source]
            found += pair if amount > 0 else [turned(one) for one in pair]
    check_balance(found)
    return found


def _by_pool(statement: Statement) -> list[tuple[str, Decimal]]:
    pools: dict[str, list[Decimal]] = {}
    for line in statement.lines:
        pool = line["cost_pool"] or UNCLASSIFIED
        pools.setdefault(pool, []).append(Decimal(line["document_amount"]))
    summed = [(pool, exact_sum(amounts)) for pool, amounts in sorted(pools.items())]
    if exact_sum(amount for _, amount in summed) != Decimal(statement.document_total):
        raise InvariantBroken(f"statement {statement.statement_id}: its lines are not its total")
    return summed


def turned(posting: Posting) -> Posting:
    """The same amount on the other side."""
    return replace(posting, side="C" if posting.side == "D" else "D")


def reversal_of(postings: Iterable[Posting]) -> list[Posting]:
    """What takes an earlier journal back, under its document's number and an R (rule J4)."""
    return [
        replace(turned(one), document=f"{one.document}R", text=f"Reversal: {one.text}")
        for one in postings
    ]


def condensed(postings: Sequence[Posting]) -> list[Posting]:
    """One line for each document, side and cost object, instead of one for each pair."""
    sums: dict[tuple[Any, ...], list[Posting]] = {}
    for one in postings:
        key = (one.document, one.entity, one.currency, one.account, one.cost_object)
        sums.setdefault(key, []).append(one)
    found = []
    for members in sums.values():
        signed = exact_sum(m.amount if m.side == "D" else -m.amount for m in members)
        if signed:
            text = members[0].text if len({m.text for m in members}) == 1 else "IT cost"
            if len(members) > 1:
                text = members[0].text.partition(",")[0]
            side = "D" if signed > 0 else "C"
            found.append(
                replace(members[0], side=side, amount=abs(signed), counterpart="", text=text)
            )
    check_balance(found)
    return found


def check_balance(postings: Iterable[Posting]) -> None:
    """Every document's debits are its credits, or nothing is written (rule J1)."""
    sums: dict[tuple[str, str], Decimal] = {}
    for one in postings:
        key = (one.document, one.currency)
        signed = one.amount if one.side == "D" else EXACT.minus(one.amount)
        sums[key] = EXACT.add(sums.get(key, Decimal(0)), signed)
    if off := {key: total for key, total in sums.items() if total}:
        raise InvariantBroken(f"journal documents do not balance: {off}")
