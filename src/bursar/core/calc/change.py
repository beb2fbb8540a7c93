"""Why an amount changed: its difference in parts that add up to it (rules CH1-CH5).

A product changes by both of its factors at once. Each gets its own difference times the mean of
the other, so no order is preferred and nothing is left over: the average over both orders, which
is the Shapley value of the two (and what T. L. Bennet proposed in 1920 for prices and volumes).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bursar.core.money.amount import EXACT

KINDS = ("new", "gone", "volume", "rate", "driver", "price")

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Charged:
    """One side of a line: what was charged, and what it came from."""

    amount: Decimal
    cost: Decimal
    """What came to rest at the same place in all; the charge is a share of it."""
    quantity: Decimal | None = None
    """The consumer's own quantity, where a rate charged it."""
    rule: object = None
    """The rule that divided it, by whatever is equal where the rule is the same; None is direct."""


@dataclass(frozen=True)
class Parts:
    """A difference in main units; all but the named ones are zero."""

    new: Decimal = NOTHING
    gone: Decimal = NOTHING
    volume: Decimal = NOTHING
    rate: Decimal = NOTHING
    driver: Decimal = NOTHING
    price: Decimal = NOTHING

    @property
    def total(self) -> Decimal:
        total = NOTHING
        for kind in KINDS:
            total = EXACT.add(total, getattr(self, kind))
        return total


def parts_of_change(before: Charged | None, now: Charged | None, *, scale: int) -> Parts:
    """Why a line changed; None is a side that has no such line. Cuts at 10^-scale."""
    if before is None or now is None or not before.amount or not now.amount:
        return _appeared(before, now)
    difference = EXACT.subtract(now.amount, before.amount)
    if not difference:
        return Parts()
    same = before.rule == now.rule
    if same and before.quantity and now.quantity:
        volume = _first(
            (before.quantity, now.quantity),
            (_per(before, before.quantity), _per(now, now.quantity)), scale,
        )  # fmt: skip
        return Parts(volume=volume, rate=EXACT.subtract(difference, volume))
    if (before.rule is None and now.rule is None) or not before.cost or not now.cost:
        return Parts(price=difference)
    shares = _per(before, before.cost), _per(now, now.cost)
    price = _first((before.cost, now.cost), shares, scale)
    rest = EXACT.subtract(difference, price)
    return Parts(price=price, driver=rest) if same else Parts(price=price, rate=rest)


def _appeared(before: Charged | None, now: Charged | None) -> Parts:
    old = before.amount if before else NOTHING
    new = now.amount if now else NOTHING
    return Parts(new=new) if not old else Parts(gone=EXACT.minus(old))


def _per(side: Charged, whole: Decimal) -> Fraction:
    return Fraction(side.amount) / Fraction(whole)


def _first(
    factor: tuple[Decimal, Decimal], other: tuple[Fraction, Fraction], scale: int
) -> Decimal:
    """The part of the first factor: its difference times the mean of the other, cut to units."""
    mean = (other[0] + other[1]) / 2
    exact = (Fraction(factor[1]) - Fraction(factor[0])) * mean * 10**scale
    units = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return Decimal(units if exact >= 0 else -units).scaleb(-scale, EXACT)
