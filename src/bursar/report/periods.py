"""Periods in time order, their last days, and the organization as it stood on them.

Figures of a period are shown under the organization of that period's last day: a reorganization
re-labels what comes after it and leaves earlier months as they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import pyarrow as pa

from bursar.office.calendar.periods import calendar_of
from bursar.office.people.scope import Scope
from bursar.office.reference.hierarchy import Tree, branches, plant
from bursar.office.reference.models import Layer

_MONTH = re.compile(r"(\d{4})-(\d{2})")


def last_day(period: str) -> date:
    """The last day of a period: of the month, or as the legal entities' calendar of weeks says."""
    found = _MONTH.fullmatch(period)
    if found:
        year, month = int(found[1]), int(found[2])
        return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return calendar_of().period(period).end - timedelta(days=1)


def first_day(period: str) -> date:
    found = _MONTH.fullmatch(period)
    if found:
        return date(int(found[1]), int(found[2]), 1)
    return calendar_of().period(period).start


def before(period: str, known: Sequence[str]) -> str | None:
    """The latest known period that is earlier; codes of one kind sort by time."""
    earlier = [other for other in known if other < period]
    return max(earlier, default=None)


class Organization:
    """The consumers' tree per period, as a scope may see it."""

    def __init__(self, scope: Scope, periods: Iterable[str]) -> None:
        self.scope = scope
        self._trees: dict[str, Tree] = {}
        self._places: tuple[tuple[str, str, str], ...] | None = None
        dated = branches(Layer.CONSUMER)
        for period in sorted(set(periods)):
            self._trees[period] = plant((), dated, last_day(period))

    def seen(self, period: str) -> frozenset[str] | None:
        """Consumers in scope; None where there is no limit."""
        return self.scope.consumers(last_day(period))

    def units(self, period: str) -> dict[str, str]:
        """The unit of each consumer: its highest ancestor in scope.

        Where that is one single root for all, the level below it, so that there is something to
        compare; the root itself stays a unit of its own.
        """
        tree, seen = self._trees[period], self.seen(period)
        names = tree.members if seen is None else seen
        tops = {name: _top(name, tree, names) for name in names}
        roots = set(tops.values())
        while len(roots) == 1:
            (root,) = roots
            below = [child for child in tree.children.get(root, ()) if child in names]
            if not below:
                break
            for child in below:
                tops.update(dict.fromkeys(tree.below(child) & names, child))
            if len(below) > 1:
                break
            roots = set(below)
        return tops

    def children(self, period: str, consumer: str) -> tuple[str, ...]:
        return self._trees[period].children.get(consumer, ())

    def below(self, period: str, consumer: str) -> frozenset[str]:
        """The consumer and all under it that the scope holds."""
        found, seen = self._trees[period].below(consumer), self.seen(period)
        return found if seen is None else found & seen

    def places(self) -> tuple[tuple[str, str, str], ...]:
        """(period, consumer, unit) of all periods; a scope's limit is in it."""
        if self._places is None:
            self._places = tuple(
                (period, consumer, unit)
                for period in self._trees
                for consumer, unit in sorted(self.units(period).items())
            )
        return self._places

    def table(self) -> pa.Table:
        """The places as a table: what queries join."""
        columns = list(zip(*self.places(), strict=True)) or [(), (), ()]
        names = ("period", "consumer", "unit")
        return pa.table(
            {n: pa.array(list(c), pa.string()) for n, c in zip(names, columns, strict=True)}
        )


def _top(name: str, tree: Tree, names: frozenset[str]) -> str:
    inside = [above for above in tree.above(name) if above in names]
    return inside[-1] if inside else name
