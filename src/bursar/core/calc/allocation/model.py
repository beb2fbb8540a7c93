"""The allocation part of a cost model: ordered steps of ordered rules (rules S1-S9)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bursar.core.calc.matching import Test

UNALLOCATED = "unallocated"
RETAINED = "retained"
NEXT = "next"
"""Passes on to the next matching rule of the step; these three words are no members' names."""


@dataclass(frozen=True)
class Rule:
    """How the nodes that it takes are divided; `method` is one of rule S4's five.

    `targets`: the one target of direct, those of even. `shares`: percent per member, of fixed.
    `driver`: of weighted. `residual`: where the rest of fixed, or all of residual, goes: a member,
    or one of the words unallocated, retained, next.
    """

    name: str
    when: tuple[Test, ...]
    method: str
    targets: tuple[str, ...] = ()
    shares: tuple[tuple[str, Decimal], ...] = ()
    driver: str | None = None
    residual: str | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """Every member that this rule names as a target."""
        rest = (self.residual,) if self.residual not in (None, UNALLOCATED, RETAINED, NEXT) else ()
        named = (*self.targets, *(member for member, _ in self.shares), *rest)
        return tuple(name for name in named if name is not None)


@dataclass(frozen=True)
class Step:
    """Fills one layer where it is missing; the first matching rule takes a node."""

    name: str
    to: str
    rules: tuple[Rule, ...]
