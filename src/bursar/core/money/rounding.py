"""Rounding that adds up: one amount, a document's lines, a stretch of periods (rules M7-M10)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm

from bursar.core.money.units import from_units

Number = int | Decimal | Fraction


def round_half_up(amount: Decimal | Fraction, digits: int) -> Decimal:
    """The amount to so many digits; exactly half goes away from zero (rule M7)."""
    return from_units(_half_away(Fraction(amount) * 10**digits), digits)


def largest_remainder(
    targets: Sequence[Decimal | Fraction],
    *,
    keys: Sequence[object],
    digits: int,
    total: Decimal | None = None,
) -> list[Decimal]:
    """Round the lines of a document so that they add up to its total (rules M8 and M9).

    `keys` break ties in ascending order; `total` defaults to the rounded exact sum. A given
    total should lie within one minor unit of that sum; farther away, the rest is still handed
    out one unit at a time in the same order, so that the lines always add up.
    """
    if len(keys) != len(targets):
        raise ValueError(f"{len(targets)} amounts came with {len(keys)} keys")
    exact, one = _in_one_unit(targets, digits)
    whole_total = _half_away(Fraction(sum(exact), one))
    if total is not None:
        wanted = Fraction(total) * 10**digits
        if wanted.denominator != 1:
            raise ValueError(f"the total {total} has more than {digits} digits after the point")
        whole_total = wanted.numerator
    order = sorted(range(len(exact)), key=lambda i: keys[i])  # type: ignore[arg-type, return-value]
    sign = _sign(exact, order)
    units = _cut_and_hand_out([sign * v for v in exact], one, order, sign * whole_total)
    return [from_units(sign * unit, digits) for unit in units]


def spread(
    amount: Decimal,
    *,
    periods: int,
    digits: int,
    profile: Sequence[Number] | None = None,
) -> list[Decimal]:
    """Charge an amount to periods by rounding the running total (rule M10).

    The periods add up to the amount rounded to `digits`. `profile` weighs the periods (days,
    shares); without it all weigh the same.
    """
    if periods < 1:
        raise ValueError("an amount is spread over at least one period")
    weights = [Fraction(w) for w in profile] if profile is not None else [Fraction(1)] * periods
    if len(weights) != periods:
        raise ValueError(f"the profile has {len(weights)} weights for {periods} periods")
    whole = sum(weights, Fraction(0))
    if whole == 0:
        raise ValueError("the weights of the profile add up to zero, so nothing can be spread")
    exact = Fraction(amount) * 10**digits
    charged, running, result = 0, Fraction(0), []
    for weight in weights:
        running += weight
        so_far = _half_away(exact * running / whole)
        result.append(from_units(so_far - charged, digits))
        charged = so_far
    return result


def _half_away(value: Fraction) -> int:
    magnitude = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return magnitude if value >= 0 else -magnitude


def _in_one_unit(targets: Sequence[Decimal | Fraction], digits: int) -> tuple[list[int], int]:
    """All targets as whole numbers over one denominator, whose multiples are minor units."""
    ratios = [target.as_integer_ratio() for target in targets]
    one = lcm(*(below for _, below in ratios))
    shift = 10**digits
    return [above * (one // below) * shift for above, below in ratios], one


def _sign(exact: Sequence[int], order: Sequence[int]) -> int:
    """The side on which the document stands: that of its sum, else of its first line not zero."""
    leading = sum(exact) or next((exact[i] for i in order if exact[i]), 1)
    return -1 if leading < 0 else 1


def _cut_and_hand_out(
    exact: Sequence[int], one: int, order: Sequence[int], total: int
) -> list[int]:
    units = [value // one for value in exact]
    missing = total - sum(units)
    # Sorting is stable, so equal remainders stay in the order of their keys.
    takers = sorted((i for i in order if exact[i]), key=lambda i: units[i] * one - exact[i])
    if missing and not takers:
        raise ValueError("every line is zero, so no line can carry the total")
    if missing < 0:
        takers.reverse()
    step = 1 if missing > 0 else -1
    for turn in range(abs(missing)):
        units[takers[turn % len(takers)]] += step
    return units
