"""Whose figures a user may see: everything, or subtrees of the organization as of a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Q

from bursar.office.people.models import ConsumerGrant, User
from bursar.office.people.permissions import may
from bursar.office.reference.hierarchy import subtree
from bursar.office.reference.models import Layer

# Roles that see every consumer see also what belongs to none: retained, unallocated, unclassified.
_EVERYTHING = "read.model"


@dataclass(frozen=True)
class Scope:
    """Everything, or the consumers below some roots. An empty scope sees nothing at all.

    The organization is asked as of the figures' own day: who owned Retail sees Online's figures
    for the months in which Online belonged to Retail, and no others.
    """

    everything: bool = False
    roots: frozenset[str] = frozenset()
    _known: dict[date, frozenset[str]] = field(
        default_factory=dict, compare=False, repr=False, hash=False
    )

    @classmethod
    def all(cls) -> Scope:
        """The scope of whoever may see everything, such as the operator."""
        return cls(everything=True)

    @classmethod
    def of_roots(cls, roots: Iterable[str]) -> Scope:
        """The scope of these consumers and all below them."""
        return cls(roots=frozenset(roots))

    def consumers(self, as_of: date | None = None) -> frozenset[str] | None:
        """Names in scope on that day (today without one); None means no limit."""
        if self.everything:
            return None
        day = as_of or datetime.now(UTC).date()
        if day not in self._known:
            names: set[str] = set()
            for root in self.roots:
                names |= {root, *subtree(Layer.CONSUMER, root, day)}
            self._known[day] = frozenset(names)
        return self._known[day]

    def holds(self, consumer: str, as_of: date | None = None) -> bool:
        """Whether this consumer's figures of that day may be seen."""
        names = self.consumers(as_of)
        return names is None or consumer in names

    def to_json(self) -> dict[str, Any]:
        """For footers of exports: what the figures were limited to."""
        return {"everything": self.everything, "roots": sorted(self.roots)}


def scope_of(user: User | None) -> Scope:
    """The user's scope now: a role that sees all, or her grants in force today."""
    if user is None or may(user, _EVERYTHING):
        return Scope.all()
    if not may(user, "read.figures"):
        return Scope()
    today = datetime.now(UTC).date()
    grants = ConsumerGrant.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=today),
        Q(valid_to__isnull=True) | Q(valid_to__gt=today),
        user=user,
    )
    return Scope.of_roots(grants.values_list("consumer", flat=True))
