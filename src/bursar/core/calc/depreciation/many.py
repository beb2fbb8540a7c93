"""Many assets at once, in whole numbers (rule DP25).

Assets that nothing happened to and that share method, life and convention are charged the same
shares of their own bases. A share is exact, n / q; what has accumulated is base x n / q in minor
units, rounded once by whole-number division, for all assets of the group in one step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

import numpy as np

from bursar.core.calc.depreciation.clock import days_used, month_of
from bursar.core.calc.depreciation.schedule import exact_shares
from bursar.core.calc.depreciation.terms import Convention, Method, Terms

Numbers = np.ndarray[Any, np.dtype[np.int64]]
_MOST = 2**62
_BY_START = (Convention.ACTUAL_DAYS, Convention.DAYS_OF_YEAR, Convention.DAYS_360)
_BY_YEAR = (Convention.HALF_YEAR, Convention.MID_QUARTER)
_OF_BASE = (Method.STRAIGHT_LINE, Method.SUM_OF_YEARS)
_OF_COST = (Method.MACRS,)
_DECLINING = (Method.DECLINING_BALANCE, Method.DECLINING_THEN_LINEAR)
_MIDDLE = 15


@dataclass(frozen=True)
class Charges:
    """Depreciation by asset and month; the three have one length, zero charges are left out."""

    asset: Numbers
    """Place in the sequence of terms."""
    month: Numbers
    """Months since year 0, as `clock.month_of` counts them."""
    units: Numbers
    """Minor units of the currency."""


def is_plain(terms: Terms) -> bool:
    """Whether nothing happened to the asset, so that it may go with many."""
    by_time = terms.method in (*_OF_BASE, *_OF_COST, *_DECLINING)
    return by_time and not terms.changes and terms.opening is None


def charge_many(
    assets: Sequence[Terms], *, first: int | None = None, last: int | None = None
) -> Iterator[Charges]:
    """The months of plain assets, group by group, between two months where these are given.

    The terms must be sound (`terms.require_sound`) and plain.
    """
    groups: dict[tuple[Any, ...], list[int]] = {}
    for place, terms in enumerate(assets):
        groups.setdefault(_key(terms), []).append(place)
    for places in groups.values():
        pattern = _pattern(assets[places[0]])
        yield _charge(pattern, np.array(places, np.int64), [assets[p] for p in places],
                      (first, last))  # fmt: skip


def _key(terms: Terms) -> tuple[Any, ...]:
    """Equal for assets of one pattern, and cheaper than the pattern itself."""
    part = None
    if terms.residual_value and terms.method in _DECLINING:
        part = Fraction(terms.residual_value) / Fraction(terms.cost)
    return (
        terms.method, terms.convention, terms.useful_life_months, _standard(terms), part,
        terms.factor, terms.rate, terms.switch, terms.monthly, terms.fiscal_start_month,
        terms.property_years, terms.digits,
    )  # fmt: skip


def _pattern(terms: Terms) -> Terms:
    """An asset that charges the same shares, in service in the same place of a standard year.

    What is charged of the base does not hang on the cost; what is charged of the cost hangs on
    the residual value's part of it.
    """
    start, cost, residual = _standard(terms), Fraction(1), Fraction(0)
    if terms.method in _DECLINING and terms.residual_value:
        part = Fraction(terms.residual_value) / Fraction(terms.cost)
        cost, residual = Fraction(part.denominator), Fraction(part.numerator)
    return replace(
        terms, in_service_date=start, cost=Decimal(int(cost)),
        residual_value=Decimal(int(residual)), digits=0,
    )  # fmt: skip


def _standard(terms: Terms) -> date:
    """The day of service as far as the convention looks at it."""
    start, convention = terms.in_service_date, terms.convention
    by_year = terms.method is Method.MACRS or convention in _BY_YEAR
    if convention in _BY_START and not by_year:
        return start
    late = convention is Convention.HALF_MONTH and start.day > _MIDDLE
    return date(2000, start.month if by_year else 1, _MIDDLE + 1 if late else 1)


@lru_cache(maxsize=4096)
def _shares(pattern: Terms) -> tuple[tuple[int, ...], int]:
    """Numerators by month and their denominator, of what an asset of the pattern has charged."""
    by_days = pattern.convention is Convention.ACTUAL_DAYS
    if by_days and pattern.method is Method.STRAIGHT_LINE:
        return days_used(pattern.in_service_date, pattern.useful_life_months)
    exact = exact_shares(pattern)
    whole = lcm(*(share.denominator for share in exact))
    return tuple(share.numerator * (whole // share.denominator) for share in exact), whole


def _charge(
    pattern: Terms, places: Numbers, assets: Sequence[Terms], span: tuple[int | None, int | None]
) -> Charges:
    numerators, whole = _shares(pattern)
    of_base = pattern.method in _OF_BASE
    unit = 10 ** assets[0].digits
    bases = [int((a.cost - a.residual_value if of_base else a.cost) * unit) for a in assets]
    origins = np.array([month_of(a.in_service_date) for a in assets], np.int64)
    kind: Any = np.int64
    if 2 * max(bases) * max(numerators) + whole >= _MOST:
        kind = object  # Python's own whole numbers, which have no end
    weights = np.array(numerators, kind)
    sums = (2 * np.array(bases, kind)[:, None] * weights[None, :] + whole) // (2 * whole)
    charged = np.diff(sums, axis=1, prepend=np.zeros((len(assets), 1), kind)).astype(np.int64)
    months = origins[:, None] + np.arange(len(numerators), dtype=np.int64)[None, :]
    chosen = charged != 0
    first, last = span
    if first is not None:
        chosen &= months >= first
    if last is not None:
        chosen &= months <= last
    row, _ = np.nonzero(chosen)
    return Charges(places[row], months[chosen], charged[chosen])
