"""What is stale, as a scope may see it: owners learn which periods, IT finance also why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bursar.allocate.staleness import LATER, RUN, STATEMENTS, StaleMark, stale_marks
from bursar.office.people.scope import Scope
from bursar.report.facts import facts

__all__ = ["LATER", "RUN", "STATEMENTS", "StaleMark", "stale"]

_PLAINLY = "Cost of {} changed since it was charged; IT finance will run it again."


def stale(
    scope: Scope, *, basis: str | None = None, periods: Sequence[str] | None = None
) -> tuple[StaleMark, ...]:
    """Marks of the periods named, or of all. A restricted scope is told no sources."""
    every = facts().once(("stale", basis), lambda: stale_marks(basis=basis))
    found = [m for m in every if periods is None or m.period in set(periods)]
    if scope.everything:
        return tuple(found)
    told = {
        (mark.period, mark.basis): replace(
            mark, what=STATEMENTS, detail=_PLAINLY.format(mark.period), sources=()
        )
        for mark in found
        if mark.what != LATER
    }
    return tuple(told.values())
