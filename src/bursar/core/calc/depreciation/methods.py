"""How much of a base has been charged once so many months of the life have passed (DP10-DP17).

A curve is a list of corners: months passed and amount charged by then, both exact. Between two
corners the charge runs evenly. It ends where all that may be charged is charged.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from bursar.core.calc.depreciation.terms import Method

ZERO = Fraction(0)


@dataclass(frozen=True)
class Curve:
    """Corners in ascending order; the first is (0, 0)."""

    months: tuple[Fraction, ...]
    charged: tuple[Fraction, ...]

    def at(self, passed: Fraction) -> Fraction:
        """What has been charged by then."""
        if passed <= 0:
            return ZERO
        if passed >= self.months[-1]:
            return self.charged[-1]
        place = bisect_right(self.months, passed) - 1
        start, end = self.months[place], self.months[place + 1]
        low, high = self.charged[place], self.charged[place + 1]
        return low + (high - low) * (passed - start) / (end - start)


@dataclass(frozen=True)
class Base:
    """What is to be charged over what is left of the life."""

    book_value: Fraction
    residual_value: Fraction
    months: Fraction
    """Months of life that are left."""
    cost: Fraction
    """The whole cost, for methods that charge a share of it."""
    life_months: Fraction
    """The whole life, from which yearly rates come."""
    first_part: Fraction = Fraction(12)
    """Months that are left of the year in which this begins."""
    year_book: Fraction | None = None
    """Book value at that year's beginning; None: the book value."""

    @property
    def amount(self) -> Fraction:
        return max(self.book_value - self.residual_value, ZERO)


@dataclass(frozen=True)
class Declining:
    """How a declining balance declines."""

    yearly_rate: Fraction
    switch: bool = False
    to_linear_on_cost: bool = False
    monthly: bool = False


def curve(method: Method, base: Base, declining: Declining | None = None) -> Curve:
    """The curve of a method that goes by time."""
    if not base.amount or base.months <= 0:
        return Curve((ZERO, max(base.months, Fraction(1))), (ZERO, base.amount))
    if method is Method.LINEAR_ON_COST:
        needed = base.amount * base.life_months / base.cost
        if needed <= base.months:
            return Curve((ZERO, needed), (ZERO, base.amount))
        whole = base.cost * base.months / base.life_months
        return Curve((ZERO, base.months), (ZERO, whole))
    if method is Method.SUM_OF_YEARS:
        return _sum_of_years(base)
    if declining is not None:
        return _declining(base, declining)
    return Curve((ZERO, base.months), (ZERO, base.amount))


def yearly(amounts: Sequence[Fraction], parts: Sequence[Fraction]) -> Curve:
    """A curve from amounts by year; `parts` are the months that each year counts."""
    months, charged = [ZERO], [ZERO]
    for amount, part in zip(amounts, parts, strict=True):
        months.append(months[-1] + part)
        charged.append(charged[-1] + amount)
    return Curve(tuple(months), tuple(charged))


def _years(base: Base, first: Fraction, step: Fraction) -> Iterator[Fraction]:
    """The months of each year of what is left: the first part, whole years, the rest."""
    left, part = base.months, first
    while left > 0:
        yield min(part, left)
        left -= part
        part = step


def _sum_of_years(base: Base) -> Curve:
    """Each year weighs by the years that were left at its beginning (rule DP12)."""
    passed = (base.life_months - base.months) % 12
    parts = list(_years(base, 12 - passed, Fraction(12)))
    left, weights = base.months + passed, []
    for part in parts:
        weights.append(left * part)
        left -= part + passed
        passed = ZERO
    whole = sum(weights, ZERO)
    return yearly([base.amount * weight / whole for weight in weights], parts)


def _declining(base: Base, how: Declining) -> Curve:
    """Each year a share of what is left; its last year takes the rest (rules DP13-DP16)."""
    step = Fraction(1) if how.monthly else Fraction(12)
    parts = list(_years(base, base.first_part, step))
    left, months, value, amounts = base.amount, base.months, base.book_value, []
    book = base.year_book if base.year_book is not None else value
    for place, part in enumerate(parts):
        amount = book * how.yearly_rate * part / 12
        if how.switch:
            amount = max(amount, left * part / months)
        if how.to_linear_on_cost:
            amount = max(amount, base.cost * part / base.life_months)
        amount = left if place == len(parts) - 1 else min(amount, left)
        amounts.append(amount)
        left, months, value = left - amount, months - part, value - amount
        book = value
    return yearly(amounts, parts)
