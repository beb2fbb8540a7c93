"""One line of a bill over its weights: the parts add up to the line, to the last digit.

Nothing here rounds money on its own: amounts are whole units of the bill's last digit and are cut
by the telescope of rule A1, so a credit splits as its charge did, with the other sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from bursar.core.calc.allocation.split import split_exact
from bursar.core.calc.clusters.weights import Element, Weight
from bursar.core.money.amount import EXACT, places_of

RATIO_PLACES = 12
_MOST_PLACES = 24
_LEAST_PLACES = 10
UNATTRIBUTED = Weight("unattributed", "", "", ())


class Weighing(Protocol):
    """What a line can be split by."""

    @property
    def weight(self) -> int: ...

    @property
    def elements(self) -> tuple[Element, ...]: ...


Kind = TypeVar("Kind", bound=Weighing)


@dataclass(frozen=True)
class Share(Generic[Kind]):
    """One part of a line: the weight it follows, its amounts and its ratios."""

    weight: Kind | Weight
    amounts: Mapping[str, Decimal | None]
    ratios: tuple[Decimal, ...]
    """One per element of the weight; those of a whole line add up to exactly 1."""


def scale_of(amounts: Iterable[Decimal | None]) -> int:
    """Digits after the point that a split keeps: the data's own, at least 10, at most 24."""
    found = max((places_of(a) for a in amounts if a is not None), default=0)
    return min(max(found, _LEAST_PLACES), _MOST_PLACES)


def split_line(
    amounts: Mapping[str, Decimal | None], weights: Sequence[Kind], *, scale: int
) -> list[Share[Kind]]:
    """The line's amounts over the weights; all of it unattributed where nothing weighs.

    Each basis is split by itself with the same weights; one that the line does not state stays
    unstated on every part (rules K1 and K2).
    """
    if sum(weight.weight for weight in weights) <= 0:
        return [Share(UNATTRIBUTED, dict(amounts), ())]
    flows = {basis: _flows(amount, weights, scale) for basis, amount in amounts.items()}
    ratios = _ratios(weights)
    return [
        Share(weight, {basis: flow[place] for basis, flow in flows.items()}, ratios[place])
        for place, weight in enumerate(weights)
    ]


def _flows(
    amount: Decimal | None, weights: Sequence[Weighing], scale: int
) -> Sequence[Decimal | None]:
    if amount is None:
        return [None] * len(weights)
    units = int(amount.scaleb(scale, context=EXACT))
    split = split_exact(units, [weight.weight for weight in weights])
    return [Decimal(flow).scaleb(-scale, context=EXACT) for flow in split]


def _ratios(weights: Sequence[Weighing]) -> list[tuple[Decimal, ...]]:
    """Rule K8: 1 is split like money, at 12 digits, over every measure of every part."""
    flat = [element.weight for weight in weights for element in weight.elements]
    cut = [
        Decimal(flow).scaleb(-RATIO_PLACES, context=EXACT)
        for flow in split_exact(10**RATIO_PLACES, flat)
    ]
    ratios, start = [], 0
    for weight in weights:
        ratios.append(tuple(cut[start : start + len(weight.elements)]))
        start += len(weight.elements)
    return ratios
