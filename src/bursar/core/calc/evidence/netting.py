"""Counting once: what is reversed of a confirmed group, and what stays unexplained (rules E8-E11).

The lines of the most detailed evidence stand as they are. Every other level is reversed, and
what the next finer level does not explain of it stays as a residual with the level's own
dimensions. Over all levels the residuals telescope: what counts is what the least detailed
evidence says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from bursar.core.calc.evidence.units import RANK
from bursar.core.money.amount import EXACT, exact_sum, places_of
from bursar.core.money.rounding import largest_remainder
from bursar.core.tables.cube import BASES

Costs = Mapping[str, Decimal | None]
"""Cost per basis; None where nothing is stated."""


@dataclass(frozen=True)
class LevelCosts:
    """One level of a group: the costs of its lines, in a fixed order.

    A level that is never reversed may give its sums as one entry.
    """

    level: str
    lines: tuple[Costs, ...]

    def total(self, basis: str) -> Decimal | None:
        stated = [c[basis] for c in self.lines if c.get(basis) is not None]
        return exact_sum(a for a in stated if a is not None) if stated else None


@dataclass(frozen=True)
class Netted:
    """What one line of a level is followed by: its reversal, and its part of the residual."""

    level: str
    line: int
    reversal: dict[str, Decimal]
    residual: dict[str, Decimal]


def net(levels: Sequence[LevelCosts], digits: int) -> list[Netted]:
    """Reversals and residuals of a group, in the order of its levels and lines.

    `digits` are those of the currency; a residual finer than that keeps its own.
    """
    ordered = sorted(levels, key=lambda one: RANK[one.level])
    found: dict[tuple[int, int], Netted] = {}
    for basis in BASES:
        stating = [n for n, one in enumerate(ordered) if one.total(basis) is not None]
        for coarse, fine in pairwise(stating):
            _net_level(ordered, (coarse, fine), basis, digits, found)
    return [found[key] for key in sorted(found)]


def _net_level(
    levels: Sequence[LevelCosts],
    pair: tuple[int, int],
    basis: str,
    digits: int,
    found: dict[tuple[int, int], Netted],
) -> None:
    coarse, fine = pair
    own = levels[coarse]
    amounts = [costs.get(basis) for costs in own.lines]
    parts = divided(unexplained(own, levels[fine], basis), amounts, digits)
    for place, (amount, part) in enumerate(zip(amounts, parts, strict=True)):
        if amount is None:
            continue
        one = found.setdefault((coarse, place), Netted(own.level, place, {}, {}))
        one.reversal[basis] = EXACT.minus(amount)
        if part:
            one.residual[basis] = part


def unexplained(coarse: LevelCosts, fine: LevelCosts, basis: str) -> Decimal:
    """What the finer level does not explain of the coarser one on this basis (rule E10).

    Where both say what was billed, that decides for every basis: the time over which a
    prepayment is spread is no missing money.
    """
    measured = "billed" if basis != "booked" and _both(coarse, fine, "billed") else basis
    left, right = coarse.total(measured), fine.total(measured)
    return EXACT.subtract(left or Decimal(0), right or Decimal(0))


def _both(one: LevelCosts, other: LevelCosts, basis: str) -> bool:
    return one.total(basis) is not None and other.total(basis) is not None


def divided(whole: Decimal, amounts: Sequence[Decimal | None], digits: int) -> list[Decimal | None]:
    """The residual over the lines that state an amount, in proportion to it, to the last digit."""
    stated = [(n, a) for n, a in enumerate(amounts) if a is not None]
    result: list[Decimal | None] = [None] * len(amounts)
    if not whole or not stated:
        return result
    base = Fraction(exact_sum(a for _, a in stated))
    if not base:
        result[stated[0][0]] = whole
        return result
    shares = [Fraction(whole) * Fraction(amount) / base for _, amount in stated]
    finest = max(digits, places_of(whole))
    rounded = largest_remainder(shares, keys=[n for n, _ in stated], digits=finest, total=whole)
    for (place, _), part in zip(stated, rounded, strict=True):
        result[place] = part
    return result
