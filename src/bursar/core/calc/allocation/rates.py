"""What a quantity costs at a rate: price, tiers, minimum, maximum, commitment (rule S16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bursar.core.money.amount import EXACT, exact_sum

GRADUATED = "graduated"
VOLUME = "volume"
ZERO = Decimal(0)


@dataclass(frozen=True)
class Tier:
    """A price per unit for quantities up to and including `up_to`; None is without end."""

    up_to: Decimal | None
    price: Decimal


@dataclass(frozen=True)
class Price:
    """The terms of a rate from a day on.

    `tiers` ascend; by `graduated` each price holds for its own part of the quantity, by `volume`
    the price of the tier that the whole quantity reaches holds for all of it. `minimum` and
    `maximum` bound the charge of one consumer who has a quantity or a commitment; `committed` is
    the quantity that a consumer pays for at least.
    """

    starts: date | None
    tiers: tuple[Tier, ...]
    by: str = GRADUATED
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    committed: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class Rate:
    """A rate card's line: what one unit of a driver costs, in main units of the currency."""

    name: str
    driver: str
    unit: str
    currency: str
    prices: tuple[Price, ...]

    def price_on(self, day: date | None) -> Price | None:
        """The terms in force on that day; without a day the last ones; None before the first."""
        found = [p for p in self.prices if day is None or p.starts is None or p.starts <= day]
        return found[-1] if found else None


def charge(price: Price, quantity: Decimal, consumer: str = "") -> Decimal:
    """What the consumer is charged for the quantity, exactly, in main units.

    A `ValueError` where the quantity is negative or no tier reaches it.
    """
    if quantity < 0:
        raise ValueError("a quantity below zero cannot be charged")
    billed = max(quantity, dict(price.committed).get(consumer, ZERO))
    if billed == 0:
        return ZERO
    by = _volume if price.by == VOLUME else _graduated
    amount = by(price.tiers, billed)
    if price.minimum is not None:
        amount = max(amount, price.minimum)
    return amount if price.maximum is None else min(amount, price.maximum)


def unused_commitment(price: Price, quantity: Decimal, consumer: str) -> Decimal:
    """The quantity that the consumer pays for without having used it."""
    return max(ZERO, EXACT.subtract(dict(price.committed).get(consumer, ZERO), quantity))


def _volume(tiers: Sequence[Tier], quantity: Decimal) -> Decimal:
    for tier in tiers:
        if tier.up_to is None or quantity <= tier.up_to:
            return EXACT.multiply(quantity, tier.price)
    raise ValueError("the quantity is above the last tier")


def _graduated(tiers: Sequence[Tier], quantity: Decimal) -> Decimal:
    parts, below = [], ZERO
    for tier in tiers:
        reached = quantity if tier.up_to is None else min(quantity, tier.up_to)
        if reached > below:
            parts.append(EXACT.multiply(EXACT.subtract(reached, below), tier.price))
            below = reached
    if below < quantity:
        raise ValueError("the quantity is above the last tier")
    return exact_sum(parts)
