"""A service against its plan: planned rate, and what of the difference is price, volume and
efficiency (rules SV6-SV8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from bursar.core.calc.allocation.model import LATER
from bursar.core.money.amount import EXACT
from bursar.core.money.rounding import round_half_up

_RATE_DIGITS = 6


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
        return round_half_up(Fraction(self.cost) / Fraction(self.volume), _RATE_DIGITS)


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
    rate = Fraction(plan.cost) / Fraction(plan.volume)
    used, planned = Fraction(volume), Fraction(plan.volume)
    efficiency = None
    needed = used
    if plan.output and output is not None:
        needed = planned * Fraction(output) / Fraction(plan.output)
        efficiency = round_half_up((used - needed) * rate, scale)
    by_volume = round_half_up((needed - planned) * rate, scale)
    change = EXACT.subtract(cost, plan.cost)
    rest = EXACT.subtract(change, EXACT.add(by_volume, efficiency or Decimal(0)))
    return Variances(rest, by_volume, efficiency)
