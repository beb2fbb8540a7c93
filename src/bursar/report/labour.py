"""Labour at standard rates beside what is really paid, for those who may see salaries (LB11)."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bursar.core.calc.labour import Employment, month_costs
from bursar.core.money.currency import minor_digits
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.actions.set_standard_rates import salary_rates
from bursar.record.people.register import POSITION, POSITIONS, RATE_CARDS, STANDARD_RATES
from bursar.record.people.spreading import LABOUR, position_costs
from bursar.record.registers.fields import day_in, money_in
from bursar.record.registers.queries import SALARIES
from bursar.record.registers.register import Kept
from bursar.record.registers.spreading import kept_records

NOTHING = Decimal(0)


@dataclass
class Variance:
    """One month in one currency: what lines charge, and what salaries with on-cost come to."""

    month: str
    currency: str
    standard: Decimal = NOTHING
    actual: Decimal = NOTHING
    unpriced: int = 0
    """Positions that are paid and have no rate, so that no line charges them."""

    @property
    def variance(self) -> Decimal:
        """Actual less standard: above zero, more is paid than charged."""
        return self.actual - self.standard


def labour_variance(user: User | None, first: str, last: str) -> list[Variance]:
    """By month and currency, from one month to another. Refusals: people.not_allowed."""
    require(user, SALARIES)
    found: dict[tuple[str, str], Variance] = {}
    registers = (RATE_CARDS, STANDARD_RATES)
    beside = {register.name: kept_records(register) for register in registers}
    end = date(int(last[:4]), int(last[5:]), monthrange(int(last[:4]), int(last[5:]))[1])
    for position in kept_records(POSITIONS):
        if position.content.get("kind") == "contractor":
            continue
        currency = position.content["currency"]
        costs = position_costs(position, {**beside, POSITION: [position]}, {}, end)
        charged = {month: amount for month, part, amount in costs if part == LABOUR}
        for month, paid in _paid(position, end):
            if first <= month <= last:
                row = found.setdefault((month, currency), Variance(month, currency))
                row.actual += paid
                row.standard += charged.get(month, NOTHING)
                row.unpriced += int(bool(paid) and month not in charged)
    return [found[key] for key in sorted(found)]


def _paid(position: Kept, end: date) -> list[tuple[str, Decimal]]:
    content = position.content
    start = day_in(content, "start")
    if content.get("state") == "vacant" or start is None:
        return []
    served = Employment(start, day_in(content, "end"), Fraction(money_in(content, "fte") or 1))
    rates, digits = salary_rates(content), minor_digits(content["currency"])
    return month_costs(served, rates, end, digits=digits)


def variance_json(row: Variance) -> dict[str, Any]:
    """As the commands and the API tell it; amounts are text."""
    digits = minor_digits(row.currency)
    amounts = {name: getattr(row, name) for name in ("standard", "actual", "variance")}
    return {
        "month": row.month, "currency": row.currency,
        **{name: f"{amount:.{digits}f}" for name, amount in amounts.items()},
        "unpriced": row.unpriced,
    }  # fmt: skip
