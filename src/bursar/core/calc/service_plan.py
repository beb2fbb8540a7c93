"""A service against its plan: planned rate, and what of the difference is price, volume and
efficiency (rules SV6-SV8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from bursar.core.calc.allocation.model import LATER
from bursar.core.money.amount import EXACT

_RATE = Decimal("0.000001")


@dataclass(frozen=True)
class ServicePlan:
    """What a service is planned to cost in a month, from a day on, for how much of it."""

    currency: str
    cost: Decimal
    volume: Decimal
    starts: date | None = None
    output: Decimal | None = field(default=None, metadata=LATER)
    """How much of what the service is for (orders, employees) the plan expects."""

    @property
    def rate(self) -> Decimal:
        """Planned cost per unit, in six digits, half away from zero."""
        return _cut(Fraction(self.cost) / Fraction(self.volume), _RATE)


@dataclass(frozen=True)
class Variances:
    """Actual less planned cost, in parts that add up to it; above zero is unfavourable."""

    price: Decimal
    """A unit cost more or less than planned."""
    volume: Decimal
    """More or less of it was needed: by its output, where the plan tells that."""
    efficiency: Decimal | None
    """More or less of it was used than that output would need; None without a planned output."""

    @property
    def total(self) -> Decimal:
        parts = (self.price, self.volume, self.efficiency or Decimal(0))
        return EXACT.add(EXACT.add(parts[0], parts[1]), parts[2])


def in_force(plans: tuple[ServicePlan, ...], currency: str, day: date) -> ServicePlan | None:
    """The latest plan in the currency that has begun on a day."""
    begun = [
        plan
        for plan in plans
        if plan.currency == currency and (plan.starts is None or plan.starts <= day)
    ]
    return max(begun, key=lambda plan: plan.starts or date.min, default=None)


def variances(
    plan: ServicePlan, *, cost: Decimal, volume: Decimal, output: Decimal | None, scale: int
) -> Variances:
    """The parts of `cost` less the planned cost, to `scale` digits; the price has the rest."""
    unit, rate = Decimal(1).scaleb(-scale), Fraction(plan.cost) / Fraction(plan.volume)
    used, planned = Fraction(volume), Fraction(plan.volume)
    efficiency = None
    needed = used
    if plan.output and output is not None:
        needed = planned * Fraction(output) / Fraction(plan.output)
        efficiency = _cut((used - needed) * rate, unit)
    by_volume = _cut((needed - planned) * rate, unit)
    change = EXACT.subtract(cost, plan.cost)
    rest = EXACT.subtract(change, EXACT.add(by_volume, efficiency or Decimal(0)))
    return Variances(rest, by_volume, efficiency)


def _cut(exact: Fraction, unit: Decimal) -> Decimal:
    """To whole units, half away from zero."""
    parts = abs(exact) / Fraction(unit)
    whole = (2 * parts.numerator + parts.denominator) // (2 * parts.denominator)
    return EXACT.multiply(Decimal(whole if exact >= 0 else -whole), unit)
