"""Moves whole units from the names of one taxonomy to those of another (rules TX6-TX10).

Nothing is read and nothing is kept: the same figures and the same rows always give the same
answer, and no figure that was given is changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from bursar.core.calc.allocation.split import split
from bursar.core.calc.taxonomy.crosswalk import NOT_DECIDED, SEPARATOR, Crosswalk, Kind, Row


@dataclass(frozen=True, order=True)
class Place:
    """A name of the taxonomy, and what an organization hung below it ('' is the name itself)."""

    node: str
    own: str = ""


@dataclass(frozen=True)
class Move:
    """Units that went from one place to another; `share` is the part of the source's units."""

    source: Place
    target: Place
    units: int
    kind: Kind
    share: Fraction
    why: str = ""


def restate(units: Mapping[Place, int], crosswalk: Crosswalk) -> list[Move]:
    """Every movement that the rows make of these units; per source they sum to what it had.

    A name without a row stays where it is. What hangs below a name moves with it: below the target
    where one takes the whole, else within the name's own total, so that it never changes a total.
    """
    moves: list[Move] = []
    divided: dict[Row, int] = {}
    for place, amount in sorted(units.items()):
        row = crosswalk.rows.get(place.node)
        kind = crosswalk.kind(place.node)
        if row is None:
            moves.append(Move(place, place, amount, kind, Fraction(1)))
        elif row.whole is not None:
            moves.append(
                Move(place, Place(row.whole, place.own), amount, kind, Fraction(1), row.why)
            )
        elif not row.decided:
            waiting = Place(f"{NOT_DECIDED}{SEPARATOR}{row.source}", place.own)
            moves.append(Move(place, waiting, amount, kind, Fraction(1), row.why))
        else:
            divided[row] = divided.get(row, 0) + amount
    return [*moves, *_divide(divided)]


def _divide(divided: Mapping[Row, int]) -> list[Move]:
    """The rows with several heirs, through the kernel that divides all money."""
    rows = list(divided)
    weights = [weight for row in rows for weight in whole_weights(row.shares or ())]
    offsets = np.cumsum([0, *(len(row.targets) for row in rows)])
    flows = iter(split([divided[row] for row in rows], offsets, weights).flows.tolist())
    return [
        Move(Place(row.source), Place(target), next(flows), "one to many", share, row.why)
        for row in rows
        for target, share in zip(row.targets, row.shares or (), strict=True)
    ]


def whole_weights(shares: Sequence[Fraction]) -> list[int]:
    """The shares as whole numbers over one denominator."""
    whole = lcm(*(share.denominator for share in shares))
    return [int(share * whole) for share in shares]


def totals(moves: Sequence[Move]) -> dict[Place, int]:
    """Units by the place they came to."""
    found: dict[Place, int] = {}
    for move in moves:
        found[move.target] = found.get(move.target, 0) + move.units
    return found
