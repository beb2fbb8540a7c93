"""The dated trees of the four layers: who belongs under whom on a day.

Facts carry only a member's name. Trees stand outside them, so that a reorganization adds rows
here and re-labels figures, and never rewrites one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from bursar.office.reference.models import Member, Parent


@dataclass(frozen=True)
class Branch:
    """A child belongs under a parent from a day (none: since ever) until before another."""

    child: str
    parent: str
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


@dataclass(frozen=True)
class Tree:
    """One layer's members and their parents on one day."""

    members: frozenset[str]
    parents: Mapping[str, tuple[str, ...]]
    children: Mapping[str, tuple[str, ...]]

    def roots(self) -> list[str]:
        return sorted(name for name in self.members if not self.parents.get(name))

    def parent(self, name: str) -> str | None:
        above = self.parents.get(name, ())
        return above[0] if above else None

    def below(self, root: str) -> frozenset[str]:
        """The root itself and everything under it."""
        return _reach(root, self.children)

    def above(self, name: str) -> list[str]:
        """Everything over the name, nearest first."""
        found: list[str] = []
        waiting = list(self.parents.get(name, ()))
        while waiting:
            nearest = waiting.pop(0)
            if nearest not in found:
                found.append(nearest)
                waiting.extend(self.parents.get(nearest, ()))
        return found


def tree(layer: str, as_of: date | None = None) -> Tree:
    """The layer's tree on a day; today's where none is given."""
    day = as_of or timezone.localdate()
    members = frozenset(Member.objects.filter(layer=layer).values_list("name", flat=True))
    return plant(members, branches(layer), day)


def branches(layer: str) -> list[Branch]:
    """Every dated parent of a layer, past and future ones too."""
    rows = Parent.objects.filter(layer=layer).order_by("child", "valid_from", "parent")
    return [Branch(row.child, row.parent, row.valid_from, row.valid_to) for row in rows]


def subtree(layer: str, root: str, as_of: date | None = None) -> frozenset[str]:
    """The root and everything under it on a day."""
    return tree(layer, as_of).below(root)


def ancestors(layer: str, name: str, as_of: date | None = None) -> list[str]:
    """Everything over the name on a day, nearest first."""
    return tree(layer, as_of).above(name)


def plant(members: Iterable[str], dated: Iterable[Branch], day: date) -> Tree:
    """The tree that the branches make on one day; no database involved."""
    parents: dict[str, list[str]] = {}
    children: dict[str, list[str]] = {}
    names = set(members)
    for branch in dated:
        if branch.holds_on(day):
            parents.setdefault(branch.child, []).append(branch.parent)
            children.setdefault(branch.parent, []).append(branch.child)
            names |= {branch.child, branch.parent}
    return Tree(
        frozenset(names),
        {child: tuple(above) for child, above in parents.items()},
        {parent: tuple(sorted(below)) for parent, below in children.items()},
    )


def find_loop(dated: Iterable[Branch]) -> tuple[str, ...] | None:
    """Members that stand above themselves on some day, in order; None where no day has any.

    A tree changes only on the days its branches begin or end, so these days are all to look at.
    """
    rows = list(dated)
    days = {date.min} | {r.valid_from for r in rows if r.valid_from}
    days |= {r.valid_to for r in rows if r.valid_to}
    for day in sorted(days):
        loop = _loop_on({r.child: r.parent for r in rows if r.holds_on(day)})
        if loop:
            return loop
    return None


def _loop_on(parent: Mapping[str, str]) -> tuple[str, ...] | None:
    settled: set[str] = set()
    for start in sorted(parent):
        path: list[str] = []
        name: str | None = start
        while name is not None and name not in settled:
            if name in path:
                return (*path[path.index(name) :], name)
            path.append(name)
            name = parent.get(name)
        settled.update(path)
    return None


def _reach(root: str, step: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found = {root}
    waiting = [root]
    while waiting:
        for name in step.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return frozenset(found)
