"""Many assets at once, in whole numbers (rule DP25).

Assets that nothing happened to and that share method, life and convention are charged the same
shares of their own costs and residual values. A share is exact, n / q; what has accumulated is
cost x n / q in minor units, rounded once by whole-number division, for all assets of the group in
one step. Anything else is charged by `schedule`, one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any, NamedTuple

import numpy as np

from bursar.core.calc.depreciation.clock import days_of_year_used, days_used, month_of, number_of
from bursar.core.calc.depreciation.form import Bounds
from bursar.core.calc.depreciation.schedule import schedule
from bursar.core.calc.depreciation.stretches import declining_shares, exact_shares
from bursar.core.calc.depreciation.terms import Convention, Method, Terms

Numbers = np.ndarray[Any, np.dtype[np.int64]]
_MOST = 2**62
_AT_ONCE = 20_000
"""Assets charged in one step: what bounds the memory."""
_BY_START = (Convention.ACTUAL_DAYS, Convention.DAYS_OF_YEAR)
_BY_YEAR = (Convention.HALF_YEAR, Convention.MID_QUARTER)
_OF_BASE = (Method.STRAIGHT_LINE, Method.SUM_OF_YEARS)
_OF_COST = (Method.MACRS,)
_DECLINING = (Method.DECLINING_BALANCE, Method.DECLINING_THEN_LINEAR)
_BY_TIME = (*_OF_BASE, *_OF_COST, *_DECLINING)
_ON_ANY_DAY = (Convention.FULL_MONTH, Convention.NEXT_MONTH, Convention.MID_MONTH)
_MIDDLE = 15
_FIRST = date(2000, 1, 1)


@dataclass(frozen=True)
class Charges:
    """Depreciation by asset and month; all have one length, months of zero are left out.

    The columns can be handed to Arrow as they are.
    """

    asset: Numbers
    """Place in the sequence of terms."""
    month: Numbers
    """Months since year 0, as `clock.month_of` counts them."""
    units: Numbers
    """The month's depreciation, in minor units of the asset's currency."""
    accumulated: Numbers
    """At the month's end, in minor units; Python's numbers where 64 bits do not hold them."""


def is_plain(terms: Terms) -> bool:
    """Whether nothing happened to the asset, so that it may go with many."""
    return not terms.changes and terms.opening is None and terms.method in _BY_TIME


def charge_many(
    assets: Sequence[Terms], *, first: int | None = None, last: int | None = None
) -> Iterator[Charges]:
    """The months of all assets, group by group, between two months where these are given.

    Assets that are not plain come one by one, with their depreciation alone: impairment and
    disposal stand in `schedule`. The terms must be sound (`terms.require_sound`).
    """
    groups: dict[tuple[Any, ...], list[int]] = {}
    for place, terms in enumerate(assets):
        if is_plain(terms):
            groups.setdefault(_key(terms), []).append(place)
        else:
            yield _alone(place, terms, (first, last))
    for group in groups.values():
        for begin in range(0, len(group), _AT_ONCE):
            places = group[begin : begin + _AT_ONCE]
            yield from _charge(places, [assets[place] for place in places], (first, last))


def _key(terms: Terms) -> tuple[Any, ...]:
    """Equal for assets of one pattern, and cheaper than the pattern itself."""
    return (
        terms.method, terms.convention, terms.useful_life_months, _standard(terms),
        terms.factor, terms.rate, terms.switch, terms.monthly, terms.fiscal_start_month,
        terms.property_years, terms.digits,
    )  # fmt: skip


def _standard(terms: Terms) -> date:
    """The day of service as far as the convention looks at it."""
    start, convention = terms.in_service_date, terms.convention
    by_year = terms.method is Method.MACRS or convention in _BY_YEAR
    if by_year:
        return _FIRST.replace(month=start.month)
    if convention in _ON_ANY_DAY:
        return _FIRST
    if convention in _BY_START:
        return start
    if convention is Convention.DAYS_360:
        return _FIRST.replace(day=min(start.day, 30))
    return _FIRST.replace(day=_MIDDLE + 1) if start.day > _MIDDLE else _FIRST


class _Shares(NamedTuple):
    """What has accumulated by each month's end: cost x n + residual value x m, of
    `whole`."""

    of_cost: tuple[int, ...]
    of_residual: tuple[int, ...] | None
    """None where the shares are of cost less residual value, or of the cost alone."""
    whole: int


def _charge(
    places: list[int], assets: list[Terms], span: tuple[int | None, int | None]
) -> Iterator[Charges]:
    unit, method = 10 ** assets[0].digits, assets[0].method
    origins = np.array([month_of(a.in_service_date) for a in assets], np.int64)
    where = np.array(places, np.int64)
    costs = [int(a.cost * unit) for a in assets]
    if method in _OF_COST:
        yield _cells(where, origins, (costs, None), _shares(_pattern(assets[0])), span)
        return
    residuals = [int(a.residual_value * unit) for a in assets]
    if method in _OF_BASE:
        bases = [cost - residual for cost, residual in zip(costs, residuals, strict=True)]
        yield _cells(where, origins, (bases, None), _shares(_pattern(assets[0])), span)
        return
    pattern = _pattern(assets[0])
    for rows, shares in _by_bounds(pattern, costs, residuals):
        parts = ([costs[row] for row in rows], [residuals[row] for row in rows])
        yield _cells(where[rows], origins[rows], parts, shares, span)


def _pattern(terms: Terms) -> Terms:
    """An asset of a cost of one that charges the same shares, in service in a standard year."""
    return replace(
        terms, in_service_date=_standard(terms), cost=Decimal(1), residual_value=Decimal(0),
        digits=0,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _shares(pattern: Terms) -> _Shares:
    """Of what is charged in proportion to one amount: the base, or the cost."""
    start, life = pattern.in_service_date, pattern.useful_life_months
    if pattern.method is Method.STRAIGHT_LINE:
        if pattern.convention is Convention.ACTUAL_DAYS:
            used, whole = days_used(start, life)
            return _Shares(used, None, whole)
        if pattern.convention is Convention.DAYS_OF_YEAR:
            used, whole = days_of_year_used(start, life)
            return _Shares(used, None, whole)
    exact = exact_shares(pattern)
    whole = lcm(*(share.denominator for share in exact))
    return _Shares(_over(exact, whole), None, whole)


def _over(exact: Sequence[Fraction], whole: int) -> tuple[int, ...]:
    return tuple(share.numerator * (whole // share.denominator) for share in exact)


def _by_bounds(
    pattern: Terms, costs: Sequence[int], residuals: Sequence[int]
) -> Iterator[tuple[list[int], _Shares]]:
    """Rows whose residual values lie within the same bounds, with their shares."""
    parts = [Fraction(r, c) for r, c in zip(residuals, costs, strict=True)]
    waiting = sorted(range(len(parts)), key=lambda row: parts[row])
    done = 0
    while done < len(waiting):
        bounds, shares = _declining(pattern, parts[waiting[done]])
        end = done
        while end < len(waiting) and parts[waiting[end]] <= bounds.high:
            end += 1
        yield waiting[done:end], shares
        done = end


@lru_cache(maxsize=4096)
def _declining(pattern: Terms, part: Fraction) -> tuple[Bounds, _Shares]:
    """Shares of a declining balance, and for which parts of residual value in cost they hold."""
    bounds = Bounds(part)
    forms = declining_shares(pattern, bounds)
    whole = lcm(*(f.fixed.denominator for f in forms), *(f.slope.denominator for f in forms))
    fixed, slope = [f.fixed for f in forms], [f.slope for f in forms]
    return bounds, _Shares(_over(fixed, whole), _over(slope, whole), whole)


def _cells(
    places: Numbers, origins: Numbers, amounts: tuple[list[int], list[int] | None],
    shares: _Shares, span: tuple[int | None, int | None],
) -> Charges:  # fmt: skip
    """Every asset and month of a group, in one matrix."""
    costs, residuals = amounts
    most = max(costs) * max(map(abs, shares.of_cost))
    if residuals is not None and shares.of_residual is not None:
        most += max(residuals) * max(map(abs, shares.of_residual))
    # Python's own whole numbers have no end, where 64 bits do not suffice.
    kind: Any = np.int64 if 2 * most + shares.whole < _MOST else object
    sums = np.multiply.outer(np.array(costs, kind), np.array(shares.of_cost, kind))
    if residuals is not None and shares.of_residual is not None:
        sums += np.multiply.outer(np.array(residuals, kind), np.array(shares.of_residual, kind))
    sums *= 2
    sums += shares.whole
    sums //= 2 * shares.whole
    if kind is object and max(costs) < _MOST:
        sums = sums.astype(np.int64)
    charged = np.diff(sums, axis=1, prepend=np.zeros((len(costs), 1), sums.dtype))
    months = origins[:, None] + np.arange(sums.shape[1], dtype=np.int64)[None, :]
    return _chosen(charged, months, sums, (places, span))


def _chosen(
    charged: Numbers, months: Numbers, sums: Numbers,
    rest: tuple[Numbers, tuple[int | None, int | None]],
) -> Charges:  # fmt: skip
    places, (first, last) = rest
    chosen = charged != 0
    if first is not None:
        chosen &= months >= first
    if last is not None:
        chosen &= months <= last
    row, _ = np.nonzero(chosen)
    units = charged[chosen].astype(np.int64)
    return Charges(places[row], months[chosen], units, sums[chosen])


def _alone(place: int, terms: Terms, span: tuple[int | None, int | None]) -> Charges:
    rows, unit = schedule(terms), 10**terms.digits
    origin = number_of(rows[0].month)
    charged = np.array([[int(row.depreciation * unit) for row in rows]], np.int64)
    sums = np.array([[int(row.accumulated * unit) for row in rows]], np.int64)
    months = origin + np.arange(len(rows), dtype=np.int64)[None, :]
    return _chosen(charged, months, sums, (np.array([place], np.int64), span))
