"""The register of contracts: their months, what is due when, and their lines in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa

from bursar.core.calc.contracts import Month, due_days, schedule, term_at
from bursar.core.calc.leases import LeaseMonth, Standard, is_exempt, lease_schedule
from bursar.core.money.amount import exact_text
from bursar.core.money.rounding import round_half_up
from bursar.record.contracts.fields import CONTRACT_FIELDS
from bursar.record.contracts.terms import agreement_of, check_contract, lease_of, used_on
from bursar.record.registers.fields import Content
from bursar.record.registers.period_lines import Amounts, cost_lines
from bursar.record.registers.register import Claim, Due, Kept, Register, Schedule

AMORTIZATION, INTEREST, RIGHT_OF_USE, LEASE = (
    "amortization", "lease_interest", "right_of_use", "lease_cost",
)  # fmt: skip
_COLUMNS = (
    ("month", "Month"), ("cost", "Cost"), ("billed", "Due"), ("prepayment", "Prepayment"),
    ("accrued", "Accrued"), ("committed", "Still bound"), ("quantity", "Units"),
    ("per_unit", "Cost of a unit"),
)  # fmt: skip
_FACTS = {"Prepayment": "prepayment", "Accrued": "accrued", "Still bound": "committed"}
_AMOUNTS = ("cost", "billed", "prepayment", "accrued", "committed")
_LEASE_COLUMNS = (
    ("month", "Month"), ("cost", "Cost"), ("payment", "Payment"), ("interest", "Interest"),
    ("amortization", "Right of use charged"), ("liability", "Liability"),
    ("right_of_use", "Right of use"),
)  # fmt: skip
_TOLD = {
    "payment": "Payment", "notice": "Last day to give notice", "renewal": "It renews itself",
    "end": "It ends", "step": "The price changes",
}  # fmt: skip


def contract_schedule(content: Content, day: date) -> Schedule:
    """All months of the bound term as seen on a day, with what a seat costs."""
    lease = lease_of(content)
    if lease is not None:
        rows = tuple(_lease_row(row) for row in lease_schedule(lease))
        return Schedule(_LEASE_COLUMNS, rows, charted=("cost", "liability"))
    agreed = agreement_of(content)
    if agreed is None:
        told = "It needs a day from which it runs, and an amount, a price or payments."
        return Schedule(_COLUMNS, (), facts=(("Not spread", told),))
    months = schedule(agreed, day)
    return Schedule(
        _COLUMNS, tuple(_row(month, agreed.digits) for month in months),
        charted=("cost", "prepayment"), facts=tuple(_facts(content, months, day)),
    )  # fmt: skip


def _row(month: Month, digits: int) -> dict[str, str]:
    per_unit = month.per_seat
    amounts = {name: getattr(month, name) for name in _AMOUNTS}
    return {
        "month": month.month,
        **{name: f"{amount:.{digits}f}" for name, amount in amounts.items()},
        "quantity": exact_text(month.quantity),
        "per_unit": "" if per_unit is None else exact_text(per_unit),
    }  # fmt: skip


def _lease_row(row: LeaseMonth) -> dict[str, str]:
    names = [name for name, _ in _LEASE_COLUMNS[1:]]
    return {"month": row.month, **{name: str(getattr(row, name)) for name in names}}


def _facts(content: Content, months: Sequence[Month], day: date) -> Iterator[tuple[str, str]]:
    agreed = agreement_of(content)
    if agreed is not None:
        start, end = term_at(agreed, day)
        yield "Term", f"{start} to {end}" if end else f"since {start}"
    now = [month for month in months if month.month <= f"{day:%Y-%m}"]
    if not now:
        return
    digits = agreed.digits if agreed is not None else 2
    for title in ("Prepayment", "Accrued", "Still bound"):
        yield title, f"{getattr(now[-1], _FACTS[title]):.{digits}f}"
    used = used_on(content, day)
    if used is not None:
        yield "Seats used", f"{used} of {exact_text(now[-1].quantity)}"
        if used:
            cost = round_half_up(Fraction(now[-1].cost) / used, 4)
            yield "Cost of a used seat this month", exact_text(cost)


def contract_due(content: Content, through: date) -> Iterator[Due]:
    """Payments, price steps, last days for notice, renewals and ends until a day."""
    agreed = agreement_of(content)
    for due in due_days(agreed, through) if agreed is not None else ():
        amount = f" of {due.amount} {content['currency']}" if due.amount is not None else ""
        yield Due(due.day, due.what, f"{_TOLD[due.what]}{amount}")


def contract_claims(contracts: Sequence[Kept], through: date) -> Iterator[Claim]:
    """Every payment that falls due until a day."""
    for contract in contracts:
        content = contract.content
        agreed = agreement_of(content)
        if agreed is None or lease_of(content) is not None:
            continue
        references = [content[n] for n in ("reference", "purchase_order") if content.get(n)]
        for due in due_days(agreed, through):
            if due.what == "payment" and due.amount and due.day <= through:
                yield Claim(
                    key=f"{contract.number} / {due.day}", numbers=(contract.number,),
                    day=due.day, amount=due.amount, currency=content["currency"],
                    vendor=content.get("vendor", ""), references=tuple(references),
                )  # fmt: skip


def spread_contracts(contracts: Sequence[Kept], first: str, last: str) -> pa.Table:
    """Cost lines of all contracts: what each month uses of what is paid (rule CR3)."""
    amounts = Amounts()
    year, month = int(last[:4]), int(last[5:])
    through = date(year, month, 28)
    for place, contract in enumerate(contracts):
        for name, part, amount in _cost(contract.content, through):
            if first <= name <= last:
                amounts.add(place, name, part, amount)
    told = [f"{c.content.get('name', '')} ({c.number})" for c in contracts]
    return cost_lines("contract", contracts, amounts, describe=told)


def _cost(content: Mapping[str, Any], through: date) -> Iterable[tuple[str, str, Decimal]]:
    lease, agreed = lease_of(content), agreement_of(content)
    if lease is not None:
        single = is_exempt(lease) or lease.standard is Standard.ASC_842_OPERATING
        for row in lease_schedule(lease):
            if single:
                yield row.month, LEASE, row.cost
            else:
                yield row.month, INTEREST, row.interest
                yield row.month, RIGHT_OF_USE, row.amortization
    elif agreed is not None:
        for month in schedule(agreed, through):
            yield month.month, AMORTIZATION, month.cost


CONTRACTS = Register(
    name="contract",
    title="Contracts",
    one="Contract",
    fields=CONTRACT_FIELDS,
    check=check_contract,
    spread=spread_contracts,
    schedule=contract_schedule,
    due=contract_due,
    claims=contract_claims,
    prefix="C",
    numbered=("contract id", "licence id", "license id"),
)
