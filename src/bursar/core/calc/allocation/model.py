"""The allocation part of a cost model: ordered steps of ordered rules (rules S1-S9, S12-S22)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from bursar.core.calc.allocation.rates import Rate
from bursar.core.calc.matching import Test
from bursar.core.calc.rule_note import RuleNote

UNALLOCATED = "unallocated"
RETAINED = "retained"
NEXT = "next"
"""Passes on to the next matching rule of the step; these three words are no members' names."""

RECIPROCAL = "reciprocal"
STEP_DOWN = "step_down"


LATER = {"later": True}
"""Marks a field that models frozen earlier do not have: left out where it has its default."""


@dataclass(frozen=True)
class Rule:
    """How the nodes that it takes are divided, by one of the methods of rules S4 and S12-S19.

    `targets`: the one target of direct, those of even. `shares`: percent per member, of fixed.
    `driver`: of weighted; `drivers`: percent per driver, of weighted by several. `residual`: where
    the rest of fixed and of waterfall, or all of residual, goes: a member, or one of the words
    unallocated, retained, next. `caps`: most per member, in main units of `currency`, in order of
    priority. `rates`: what consumption is charged at; `difference` says what becomes of cost less
    charges, and `true_up` after how many months it is booked.
    """

    name: str
    when: tuple[Test, ...]
    method: str
    targets: tuple[str, ...] = ()
    shares: tuple[tuple[str, Decimal], ...] = ()
    driver: str | None = None
    residual: str | None = None
    drivers: tuple[tuple[str, Decimal], ...] = field(default=(), metadata=LATER)
    capacity: str | None = field(default=None, metadata=LATER)
    """The driver whose quantities add up to what could have been used."""
    idle: str | None = field(default=None, metadata=LATER)
    """Who bears the part of `capacity` that nobody used: a member, unallocated or retained."""
    caps: tuple[tuple[str, Decimal], ...] = field(default=(), metadata=LATER)
    currency: str | None = field(default=None, metadata=LATER)
    rates: tuple[Rate, ...] = field(default=(), metadata=LATER)
    difference: str | None = field(default=None, metadata=LATER)
    """`recovery`: cost less charges is the recovery gap; `shared`: charges are weights of cost."""
    true_up: int | None = field(default=None, metadata=LATER)
    subsidy: tuple[tuple[str, Decimal], ...] = field(default=(), metadata=LATER)
    """Percent of a member's charge that `subsidy_by` bears for it."""
    subsidy_by: str | None = field(default=None, metadata=LATER)
    markup: tuple[tuple[str, Decimal], ...] = field(default=(), metadata=LATER)
    """Percent on top of cost, per member; the name '' stands for everybody."""
    starts: date | None = field(default=None, metadata=LATER)
    ends: date | None = field(default=None, metadata=LATER)
    """In force from `starts` to the day before `ends`; each may be open."""
    note: RuleNote | None = field(default=None, compare=False, metadata=LATER)
    alternatives: tuple[str, ...] = field(default=(), compare=False, metadata=LATER)
    """Drivers that could be defended as well; shown beside a charge, they change none."""

    @property
    def members(self) -> tuple[str, ...]:
        """Every member that this rule names as a target."""
        words = (None, UNALLOCATED, RETAINED, NEXT)
        rest = (name for name in (self.residual, self.idle, self.subsidy_by) if name not in words)
        named = (
            *self.targets,
            *(member for member, _ in self.shares),
            *(member for member, _ in self.caps),
            *rest,
        )
        return tuple(name for name in named if name is not None)

    @property
    def measures(self) -> tuple[str, ...]:
        """Every driver that this rule reads."""
        one = (self.driver,) if self.driver else ()
        capacity = (self.capacity,) if self.capacity else ()
        rated = (rate.driver for rate in self.rates)
        return tuple(dict.fromkeys((*one, *(d for d, _ in self.drivers), *capacity, *rated)))

    @property
    def driver_label(self) -> str | None:
        """The driver as a trace names it; several are joined by ' + '."""
        measured = [m for m in self.measures if m != self.capacity]
        return " + ".join(measured) or None


@dataclass(frozen=True)
class Step:
    """Fills one layer where it is missing; the first matching rule takes a node.

    With `among` the members of the layer charge each other instead, rule by rule of who charges:
    `step_down` in the given `order`, or `reciprocal`, all at once (rules S20-S22).
    """

    name: str
    to: str
    rules: tuple[Rule, ...]
    among: str | None = field(default=None, metadata=LATER)
    order: tuple[str, ...] = field(default=(), metadata=LATER)
