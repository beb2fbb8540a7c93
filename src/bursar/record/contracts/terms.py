"""From a contract's fields to the terms of its agreement, or of its lease (rules CR1 and CR2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bursar.core.calc.amortization import Amortization, months_between
from bursar.core.calc.contracts import (
    Agreement,
    Payment,
    Remainder,
    Renewal,
    Step,
    contradictions,
)
from bursar.core.calc.leases import BadLease, Lease, Standard, lease_schedule
from bursar.core.money.currency import minor_digits
from bursar.record.contracts.fields import ARREARS, PERIODS
from bursar.record.registers.fields import Content, Problem, day_in, money_in, whole_in

BAD = "contract.bad_terms"


def agreement_of(content: Mapping[str, Any]) -> Agreement | None:
    """None where nothing can be spread: no beginning, or nothing to pay (rule CR1)."""
    start, end = day_in(content, "start") or day_in(content, "signed"), day_in(content, "end")
    quantity = money_in(content, "quantity")
    if quantity is None:
        quantity = Decimal(1)
    priced = any(content.get(name) for name in ("amount", "unit_price", "payments"))
    if start is None or not priced:
        return None
    if not content.get("start") and end is not None and end < start:
        end = start  # signed after it ended: all of it belongs to that day
    per = content.get("priced_per") or ("term" if content.get("amount") else "year")
    if end is None and per == "term":
        end = start  # bought for good: a cost of its first day
    return Agreement(
        start=start,
        end=end,
        unit_price=_unit(content, quantity) or Fraction(0),
        quantity=quantity,
        price_months=PERIODS[per],
        pay_months=PERIODS[content.get("paid_per") or per],
        in_advance=content.get("paid_in") != ARREARS,
        payments=tuple(_payments(content)),
        steps=tuple(_steps(content, quantity)),
        index_percent=money_in(content, "index_percent") or Decimal(0),
        index_from=day_in(content, "index_from"),
        amortization=Amortization(content.get("amortization") or Amortization.CALENDAR_DAYS),
        over_the_term=bool(content.get("over_the_term")),
        renewal=Renewal(content.get("renewal") or Renewal.NONE),
        renewal_months=_or(whole_in(content, "renewal_months"), 12),
        notice_months=_or(whole_in(content, "notice_months"), 0),
        notice_days=_or(whole_in(content, "notice_days"), 0),
        cancelled=day_in(content, "cancelled"),
        remainder=Remainder(content.get("remainder") or Remainder.RELEASED),
        digits=minor_digits(content["currency"]),
    )


def lease_of(content: Mapping[str, Any]) -> Lease | None:
    """The lease, where the contract is one and says by which standard."""
    agreed = agreement_of(content)
    if content.get("kind") != "lease" or not content.get("lease_standard") or agreed is None:
        return None
    if agreed.end is None:
        return None
    return Lease(
        start=agreed.start,
        months=months_between(agreed.start, agreed.end),
        payment=_payment(agreed),
        rate=money_in(content, "lease_rate") or Decimal(0),
        every_months=agreed.price_months or months_between(agreed.start, agreed.end),
        in_advance=agreed.in_advance,
        direct_costs=money_in(content, "direct_costs") or Decimal(0),
        low_value=bool(content.get("low_value")),
        standard=Standard(content["lease_standard"]),
        digits=agreed.digits,
    )


def check_contract(content: Content) -> Iterator[Problem]:
    """What contradicts itself in a contract (rule CR2)."""
    for name in ("amount", "unit_price", "direct_costs"):
        amount = money_in(content, name)
        if amount is not None and amount < 0:
            told = f"{name.replace('_', ' ').capitalize()} is zero or more; a credit is a document."
            yield Problem(BAD, name, told)
    if content.get("amount") and content.get("unit_price"):
        told = "Give either the amount of all units or the price of one."
        yield Problem(BAD, "unit_price", told)
    quantity = money_in(content, "quantity")
    if quantity is not None and quantity <= 0:
        told = f"A quantity of {quantity} buys nothing; give more, or leave it empty."
        yield Problem(BAD, "quantity", told)
        return
    start, end = day_in(content, "start"), day_in(content, "end")
    if start and end and end < start:
        told = f"It ends on {end}, before it starts on {start}; mend one of the days."
        yield Problem(BAD, "end", told)
        return
    agreed = agreement_of(content)
    for wrong in contradictions(agreed) if agreed is not None else ():
        yield Problem(BAD, wrong.term, wrong.told)
    for number, count in enumerate(content.get("use", ()), start=1):
        if (whole_in(count, "used") or 0) < 0:
            yield Problem(BAD, f"use[{number}].used", "Seats used are zero or more.")
    yield from _check_lease(content)


def _check_lease(content: Content) -> Iterator[Problem]:
    if content.get("lease_standard") and content.get("kind") != "lease":
        yield Problem(BAD, "lease_standard", "Only a lease has a lease standard; mend the kind.")
        return
    lease = lease_of(content)
    if lease is None:
        return
    try:
        lease_schedule(lease)
    except BadLease as refusal:
        yield Problem(refusal.code, "lease_standard", refusal.message)


def _payment(agreed: Agreement) -> Decimal:
    amount = Fraction(agreed.unit_price) * Fraction(agreed.quantity)
    return Decimal(amount.numerator) / Decimal(amount.denominator)


def _unit(content: Mapping[str, Any], quantity: Decimal) -> Fraction | None:
    amount, unit = money_in(content, "amount"), money_in(content, "unit_price")
    if unit is not None:
        return Fraction(unit)
    return Fraction(amount) / Fraction(quantity) if amount is not None and quantity else None


def _payments(content: Mapping[str, Any]) -> Iterator[Payment]:
    for entry in content.get("payments", ()):
        day, amount = day_in(entry, "date"), money_in(entry, "amount")
        if day is not None and amount is not None:
            yield Payment(day, amount)


def _steps(content: Mapping[str, Any], quantity: Decimal) -> Iterator[Step]:
    """An amount of all units is that of the quantity which holds from the step on."""
    held = quantity
    for entry in sorted(content.get("steps", ()), key=lambda step: str(step.get("date", ""))):
        day, count = day_in(entry, "date"), money_in(entry, "quantity")
        held = count if count else held
        if day is not None:
            yield Step(day, _unit(entry, held), count, money_in(entry, "percent"))


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def used_on(content: Mapping[str, Any], day: date) -> int | None:
    """Seats in use as last counted by a day."""
    counts = [(str(c["date"]), whole_in(c, "used")) for c in content.get("use", ())]
    known = [count for count in sorted(counts, key=lambda one: one[0]) if count[0] <= str(day)]
    return known[-1][1] if known else None
