"""Over whom, and by which weights, a rule divides: the same pattern for many nodes (S4-S7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Any

import numpy as np
import numpy.typing as npt

from bursar.core.calc.allocation.model import NEXT, RETAINED, UNALLOCATED, Rule
from bursar.core.calc.allocation.split import Integers, as_integers
from bursar.core.calc.allocation.stretches import stretches
from bursar.core.money.units import scale_of, to_units

PASSED_ON = -1
"""The target code of what goes to the next matching rule; members are 0 and up, sinks below."""

RECOVERY_GAP = "recovery_gap"
MARKUP = "markup"
"""Outcomes beside unallocated and retained: cost that rates did not charge, and what was charged
beyond cost, which rests with its sign turned."""

_HUNDRED = 100


@dataclass(frozen=True)
class Sink:
    """Where money rests without a member: its outcome, why, and the problem's code if it is one."""

    outcome: str
    reason: str
    problem: str | None = None


@dataclass
class Sinks:
    """All sinks of a run, each with a target code below `PASSED_ON`."""

    found: list[Sink] = field(default_factory=list)
    _codes: dict[Sink, int] = field(default_factory=dict)

    def code(self, sink: Sink) -> int:
        if sink not in self._codes:
            self._codes[sink] = PASSED_ON - 1 - len(self.found)
            self.found.append(sink)
        return self._codes[sink]

    def of(self, code: int) -> Sink:
        return self.found[PASSED_ON - 1 - code]


Pattern = list[tuple[int, int]]
"""Pairs of target code and weight."""


@dataclass(frozen=True)
class Patterns:
    """Patterns one after the other: pattern p owns `offsets[p]:offsets[p + 1]`."""

    offsets: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    weights: Integers

    @classmethod
    def of(cls, patterns: Sequence[Sequence[tuple[int, int]]]) -> Patterns:
        """From lists of (target code, weight); the order within a pattern is kept."""
        pairs = [pair for pattern in patterns for pair in pattern]
        return cls(
            np.cumsum([0, *(len(pattern) for pattern in patterns)], dtype=np.int64),
            np.array([target for target, _ in pairs], np.int64),
            as_integers([weight for _, weight in pairs]),
        )

    def listed(self) -> list[Pattern]:
        """The patterns as lists of pairs, as `of` takes them."""
        pairs = list(zip(self.targets.tolist(), self.weights.tolist(), strict=True))
        return [pairs[first:end] for first, end in pairwise(self.offsets.tolist())]

    def laid_out(self, chosen: npt.NDArray[Any]) -> tuple[Integers, Integers, Integers]:
        """Offsets, targets and weights of these patterns, one per node, as `split` takes them."""
        sizes = np.diff(self.offsets)[chosen]
        offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        places = stretches(self.offsets[chosen], sizes)
        return offsets, self.targets[places], self.weights[places]


def whole_weights(shares: dict[int, Fraction]) -> Pattern:
    """Exact shares as whole weights; members ascend, sinks come last."""
    common = lcm(*(share.denominator for share in shares.values()))
    pairs = [(target, int(share * common)) for target, share in shares.items()]
    return sorted(pairs, key=lambda pair: (pair[0] < 0, abs(pair[0])))


def plain_pattern(rule: Rule, codes: dict[str, int], sinks: Sinks) -> Patterns:
    """The one pattern of a rule that needs no driver; members ascend, the rest comes last."""
    if rule.method in ("direct", "even") and rule.targets:
        return Patterns.of([[(codes[name], 1) for name in _ascending(rule.targets)]])
    if rule.method == "residual":
        return Patterns.of([[(rest_code(rule, codes, sinks), 1)]])
    if rule.method != "fixed":
        raise ValueError(f"the rule '{rule.name}' names nobody to charge")
    return Patterns.of([_shared(rule, codes, sinks)])


def _shared(rule: Rule, codes: dict[str, int], sinks: Sinks) -> list[tuple[int, int]]:
    """Percentages as whole weights; codes ascend as names do, and what is no member comes last."""
    scale = scale_of(share for _, share in rule.shares)
    weights: dict[int, int] = {}
    for name, share in rule.shares:
        weights[codes[name]] = weights.get(codes[name], 0) + to_units(share, scale)
    rest = _HUNDRED * 10**scale - sum(weights.values())
    if rest < 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError(f"the shares of '{rule.name}' are not between 0 and 100 % in all")
    if rest:
        target = rest_code(rule, codes, sinks)
        weights[target] = weights.get(target, 0) + rest
    return sorted(weights.items(), key=lambda pair: (pair[0] < 0, pair[0]))


def _ascending(names: Iterable[str]) -> list[str]:
    return sorted(set(names))


def rest_code(rule: Rule, codes: dict[str, int], sinks: Sinks) -> int:
    """The target code of what a rule's members do not take."""
    if rule.residual == NEXT:
        return PASSED_ON
    if rule.residual == UNALLOCATED:
        return sinks.code(Sink(UNALLOCATED, f"the rule '{rule.name}' leaves it unallocated"))
    if rule.residual == RETAINED:
        return sinks.code(Sink(RETAINED, f"the rule '{rule.name}' retains it"))
    if rule.residual is None:
        raise ValueError(f"the rule '{rule.name}' does not say where its rest goes")
    return codes[rule.residual]
