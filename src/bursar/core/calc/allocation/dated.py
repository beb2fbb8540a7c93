"""Rules in force for a part of the period, which is cut where one begins or ends (rule S12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np

from bursar.core.calc.allocation.dividing import WHOLE_PERIOD, Stretch, Terms
from bursar.core.calc.allocation.model import Rule
from bursar.core.calc.allocation.split import Integers, split


def in_force(
    rules: Sequence[Rule], amounts: Integers, terms: Terms
) -> Iterator[tuple[list[Rule], Integers, Stretch]]:
    """Stretch by stretch of the period: the rules in force, the amounts' parts by days, and which
    part of the period it is.

    Without dated rules, or for a period that has no days, there is one stretch with all of both.
    """
    stretches = _stretches(rules, terms)
    if len(stretches) < 2:
        day = terms.first_day
        yield (
            [rule for rule in rules if day is None or _holds(rule, day)],
            amounts.copy(),
            WHOLE_PERIOD,
        )
        return
    sizes = [days for _, days in stretches]
    offsets = np.arange(len(amounts) + 1) * len(sizes)
    parts = split(amounts, offsets, np.tile(np.array(sizes, np.int64), len(amounts))).flows
    for number, (day, _) in enumerate(stretches):
        mine = parts[number :: len(sizes)].astype(amounts.dtype)
        yield [rule for rule in rules if _holds(rule, day)], mine, Stretch(tuple(sizes), number)


def _stretches(rules: Sequence[Rule], terms: Terms) -> list[tuple[date, int]]:
    """First day and number of days of each stretch in which the same rules hold."""
    if terms.first_day is None or not terms.days:
        return []
    first, end = terms.first_day, terms.first_day + timedelta(days=terms.days)
    cuts = {day for rule in rules for day in (rule.starts, rule.ends) if day and first < day < end}
    days = [first, *sorted(cuts), end]
    return [(day, (days[n + 1] - day).days) for n, day in enumerate(days[:-1])]


def _holds(rule: Rule, day: date) -> bool:
    return (rule.starts is None or rule.starts <= day) and (rule.ends is None or day < rule.ends)
