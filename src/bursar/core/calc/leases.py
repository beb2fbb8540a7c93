"""Leases: the liability with its interest and the right of use, month by month (CT11-CT13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from bursar.core.calc.amortization import month_of, name_of
from bursar.core.money.rounding import round_half_up, spread
from bursar.core.refusal import Refused

NOTHING = Decimal(0)
_SHORT = 12
"""Months up to which a lease is short-term."""


class Standard(StrEnum):
    """Whose rules: both keep liability and right of use, they differ in the cost they show."""

    IFRS_16 = "ifrs_16"
    ASC_842_FINANCE = "asc_842_finance"
    ASC_842_OPERATING = "asc_842_operating"


@dataclass(frozen=True)
class Lease:
    """`rate` is the nominal yearly one, as 0.06; payments are equal, every `every_months`."""

    start: date
    months: int
    payment: Decimal
    rate: Decimal
    every_months: int = 1
    in_advance: bool = True
    direct_costs: Decimal = NOTHING
    incentives: Decimal = NOTHING
    low_value: bool = False
    standard: Standard = Standard.IFRS_16
    digits: int = 2


@dataclass(frozen=True)
class LeaseMonth:
    """Balances at the month's end. `cost` is what the month costs by the standard."""

    month: str
    payment: Decimal
    interest: Decimal
    amortization: Decimal
    cost: Decimal
    liability: Decimal
    right_of_use: Decimal


class BadLease(Refused):
    """The terms of a lease cannot be followed."""

    code = "contract.bad_lease"


def is_exempt(lease: Lease) -> bool:
    """Short-term or of low value: the payments are simply spread over the term."""
    return lease.months <= _SHORT or (lease.low_value and lease.standard is Standard.IFRS_16)


def present_value(lease: Lease) -> Fraction:
    """Of all payments on the first day, exactly."""
    rate = Fraction(lease.rate) * lease.every_months / 12
    count = lease.months // lease.every_months
    first = 0 if lease.in_advance else 1
    return sum(
        (Fraction(lease.payment) / (1 + rate) ** n for n in range(first, count + first)),
        Fraction(0),
    )


def lease_schedule(lease: Lease) -> list[LeaseMonth]:
    """Every month of the lease. Refusals: contract.bad_lease."""
    _require_sound(lease)
    first = month_of(lease.start)
    names = [name_of(first + n) for n in range(lease.months)]
    payments = _payments(lease)
    extra = lease.direct_costs - lease.incentives
    total = sum(payments, NOTHING) + extra
    level = spread(total, periods=lease.months, digits=lease.digits)
    if is_exempt(lease):
        rows = zip(names, payments, level, strict=True)
        return [LeaseMonth(m, p, NOTHING, NOTHING, c, NOTHING, NOTHING) for m, p, c in rows]
    opening = round_half_up(present_value(lease), lease.digits)
    interest = _interest(lease, opening)
    right = opening + extra
    by_line = spread(right, periods=lease.months, digits=lease.digits)
    operating = lease.standard is Standard.ASC_842_OPERATING
    found: list[LeaseMonth] = []
    liability = opening
    for month, payment, cost, line in zip(names, payments, level, by_line, strict=True):
        charge = interest[len(found)]
        used = cost - charge if operating else line
        liability, right = liability + charge - payment, right - used
        whole = cost if operating else charge + used
        found.append(LeaseMonth(month, payment, charge, used, whole, liability, right))
    return found


def _payments(lease: Lease) -> list[Decimal]:
    """By month: in the first one of each interval, or in its last."""
    falls = 0 if lease.in_advance else lease.every_months - 1
    return [
        lease.payment if n % lease.every_months == falls else NOTHING for n in range(lease.months)
    ]


def _interest(lease: Lease, opening: Decimal) -> list[Decimal]:
    """Each interval's interest on what is owed in it, evenly over its months.

    What is owed at an interval's end is exact and rounded once; the interest is the difference,
    so that all of it is the payments less the opening liability.
    """
    rate = Fraction(lease.rate) * lease.every_months / 12
    owed, shown = present_value(lease), opening
    found: list[Decimal] = []
    for _ in range(lease.months // lease.every_months):
        payment = Fraction(lease.payment)
        owed = (owed - payment) * (1 + rate) if lease.in_advance else owed * (1 + rate) - payment
        closing = round_half_up(owed, lease.digits)
        found += spread(
            closing - shown + lease.payment, periods=lease.every_months, digits=lease.digits
        )
        shown = closing
    return found


def _require_sound(lease: Lease) -> None:
    if lease.months < 1 or lease.every_months < 1 or lease.months % lease.every_months:
        raise BadLease(
            f"A lease of {lease.months} months with a payment every {lease.every_months} has no "
            "whole number of payments; mend one of them."
        )
    if lease.payment <= 0 or lease.rate < 0:
        raise BadLease("A lease has a payment above zero and a rate of zero or more.")
