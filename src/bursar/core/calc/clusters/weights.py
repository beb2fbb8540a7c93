"""What each namespace of a node, a volume or a label weighs in a split, in whole numbers.

With several measures every weight is brought to one denominator: the part of a measure that a
namespace used is `use / capacity`, and two such fractions are added as integers (rule K3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bursar.core.calc.clusters.policy import Policy

Part = Literal["workload", "platform", "storage", "idle", "unattributed"]
PARTS: tuple[Part, ...] = ("workload", "storage", "platform", "idle", "unattributed")

CORE_SECONDS = "Core-Seconds"
BYTE_SECONDS = "Byte-Seconds"


@dataclass(frozen=True)
class Use:
    """What one namespace with one set of labels used, in whole units of a measure."""

    namespace: str
    labels: str
    cpu: int = 0
    memory: int = 0
    storage: int = 0


@dataclass(frozen=True)
class Element:
    """One measure's contribution to a weight."""

    unit: str
    quantity: int
    weight: int


@dataclass(frozen=True)
class Weight:
    """One part of a split: who gets it and by what."""

    part: Part
    namespace: str
    labels: str
    elements: tuple[Element, ...]

    @property
    def weight(self) -> int:
        return sum(element.weight for element in self.elements)


@dataclass(frozen=True)
class _Measure:
    unit: str
    coefficient: int
    capacity: int
    uses: tuple[int, ...]

    def divisor(self, idle: str) -> int:
        """All of it where idle stays visible and the capacity is known, else what was used."""
        return self.capacity if idle == "keep" and self.capacity else sum(self.uses)


def node_weights(
    uses: Iterable[Use], policy: Policy, *, cpu_capacity: int = 0, memory_capacity: int = 0
) -> list[Weight]:
    """Namespaces, and `idle` for what nobody used; empty where nothing was measured.

    A node that is used beyond its capacity has a negative idle part, so that its namespaces and
    its idle part always add up to the node (rule K5).
    """
    ordered = merged(uses)
    cpu, memory = policy.coefficients
    measures = [
        _Measure(CORE_SECONDS, cpu, cpu_capacity, tuple(use.cpu for use in ordered)),
        _Measure(BYTE_SECONDS, memory, memory_capacity, tuple(use.memory for use in ordered)),
    ]
    counting = [m for m in measures if m.coefficient and m.divisor(policy.idle)]
    scales = _scales([m.divisor(policy.idle) for m in counting])
    weights = [
        Weight(
            "platform" if policy.is_platform(use.namespace) else "workload",
            use.namespace,
            use.labels,
            _elements(counting, scales, [m.uses[place] for m in counting]),
        )
        for place, use in enumerate(ordered)
    ]
    rests = [m.divisor(policy.idle) - sum(m.uses) for m in counting]
    weights.append(Weight("idle", "", "", _elements(counting, scales, rests)))
    return [weight for weight in weights if weight.weight]


def _scales(divisors: Sequence[int]) -> list[int]:
    """For each measure the product of the others' divisors: the common denominator's share."""
    scales = []
    for place in range(len(divisors)):
        product = 1
        for other, divisor in enumerate(divisors):
            product *= divisor if other != place else 1
        scales.append(product)
    return scales


def _elements(
    measures: Sequence[_Measure], scales: Sequence[int], quantities: Sequence[int]
) -> tuple[Element, ...]:
    return tuple(
        Element(measure.unit, quantity, measure.coefficient * quantity * scale)
        for measure, scale, quantity in zip(measures, scales, quantities, strict=True)
        if quantity
    )


def volume_weights(uses: Iterable[Use], policy: Policy) -> list[Weight]:
    """Claims on a volume by what they requested; a volume has no idle part (rule K7)."""
    return [
        Weight(
            "platform" if policy.is_platform(use.namespace) else "storage",
            use.namespace,
            use.labels,
            (Element(BYTE_SECONDS, use.storage, use.storage),),
        )
        for use in merged(uses)
        if use.storage
    ]


def merged(uses: Iterable[Use]) -> list[Use]:
    """One entry per namespace and labels, in order, whatever order they came in."""
    sums: dict[tuple[str, str], tuple[int, int, int]] = {}
    for use in uses:
        key = (use.namespace, use.labels)
        cpu, memory, storage = sums.get(key, (0, 0, 0))
        sums[key] = (cpu + use.cpu, memory + use.memory, storage + use.storage)
    return [Use(*key, *sums[key]) for key in sorted(sums)]
