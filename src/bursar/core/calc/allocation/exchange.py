"""Members of a layer that charge each other: step-down and reciprocal, exactly (rules S20-S22).

Who gives to whom, in which shares, is one small graph of members; nodes that differ only in other
layers and follow the same rules share it, so it is solved once and then divides all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from bursar.core.calc.allocation.components import components
from bursar.core.calc.allocation.model import UNALLOCATED
from bursar.core.calc.allocation.patterns import Pattern, Sink, Sinks, whole_weights

Gives = Mapping[int, Pattern]
"""Member code → whom it gives to, by weight; who gives to nobody keeps what it has."""

EXACT_UP_TO = 64
"""Members of a cycle that are solved in exact fractions; larger cycles are iterated."""

_TURNS = 100_000
_FINE = 1 << 60

PROBLEMS = {
    "allocate.closed_loop": "Services charge each other in a circle that lets no money out; their "
    "cost stays unallocated.",
    "allocate.all_closed": "A service comes after everybody it could charge; its cost stays "
    "unallocated.",
}


@dataclass(frozen=True)
class Solved:
    """For each giving member whom its cost goes to in the end, and what it passes on in between.

    `visits[m]` says, per unit of m's own cost, how much passes through every giving member.
    """

    shares: Gives
    visits: Mapping[int, Mapping[int, Fraction]]


def without_closed(gives: Gives, order: Sequence[int], names: Sequence[str], sinks: Sinks) -> Gives:
    """The graph of a step-down: nobody gives to a member that stands before it in the order."""
    rank = {member: place for place, member in enumerate(order)}
    found: dict[int, Pattern] = {}
    for member in order:
        if member not in gives:
            continue
        mine = rank[member]
        left = [(t, w) for t, w in gives[member] if rank.get(t, len(rank)) > mine]
        if not sum(weight for _, weight in left):
            reason = f"everybody that '{names[member]}' charges is closed before it"
            left = [(sinks.code(Sink(UNALLOCATED, reason, "allocate.all_closed")), 1)]
        found[member] = left
    return found


def solved(gives: Gives, names: Sequence[str], sinks: Sinks) -> Solved:
    """Follows every unit around all circles until it rests with somebody who gives to nobody."""
    graph = {
        m: [t for t, weight in pattern if t in gives and weight] for m, pattern in gives.items()
    }
    ends: dict[int, dict[int, Fraction]] = {}
    visits: dict[int, dict[int, Fraction]] = {}
    for loop in components(graph):  # who is given to comes before who gives
        inside = set(loop)
        if not any(t not in inside for m in loop for t, weight in gives[m] if weight):
            who = " and ".join(names[m] for m in loop)
            reason = f"{who} charge only each other, so no money gets out"
            if len(loop) == 1:
                reason = f"{who} charges only itself, so no money gets out"
            sink = sinks.code(Sink(UNALLOCATED, reason, "allocate.closed_loop"))
            for member in loop:
                ends[member], visits[member] = {sink: Fraction(1)}, {member: Fraction(1)}
            continue
        _solve(loop, gives, ends, visits)
    return Solved({m: whole_weights(shares) for m, shares in ends.items()}, visits)


def _solve(
    loop: Sequence[int],
    gives: Gives,
    ends: dict[int, dict[int, Fraction]],
    visits: dict[int, dict[int, Fraction]],
) -> None:
    """One component, when everything downstream of it is known."""
    place = {member: number for number, member in enumerate(loop)}
    size = len(loop)
    inner = [[Fraction(0)] * size for _ in loop]
    outer: list[dict[int, Fraction]] = []
    for member in loop:
        whole = sum(weight for _, weight in gives[member])
        out: dict[int, Fraction] = {}
        for target, weight in gives[member]:
            share = Fraction(weight, whole)
            if target in place:
                inner[place[member]][place[target]] += share
            elif share:
                out[target] = out.get(target, Fraction(0)) + share
        outer.append(out)
    passed = _inverse(inner) if size <= EXACT_UP_TO else _iterated(inner)
    for member in loop:
        row = passed[place[member]]
        rests: dict[int, Fraction] = {}
        seen: dict[int, Fraction] = {}
        for number, times in enumerate(row):
            if not times:
                continue
            seen[loop[number]] = seen.get(loop[number], Fraction(0)) + times
            for target, share in outer[number].items():
                for end, part in (ends.get(target) or {target: Fraction(1)}).items():
                    rests[end] = rests.get(end, Fraction(0)) + times * share * part
                for through, part in visits.get(target, {}).items():
                    seen[through] = seen.get(through, Fraction(0)) + times * share * part
        ends[member], visits[member] = rests, seen


def _inverse(inner: list[list[Fraction]]) -> list[list[Fraction]]:
    """(I - inner)^-1 by elimination in whole numbers (Bareiss), so that fractions stay small."""
    size = len(inner)
    if size == 1:
        return [[1 / (1 - inner[0][0])]]
    rows = []
    for number, shares in enumerate(inner):
        common = lcm(*(share.denominator for share in shares))
        row = [-int(share * common) for share in shares]
        row[number] += common
        rows.append(row + [common if place == number else 0 for place in range(size)])
    before = 1
    for turn in range(size):
        pivot = next(r for r in range(turn, size) if rows[r][turn])
        rows[turn], rows[pivot] = rows[pivot], rows[turn]
        for other in range(size):
            if other == turn:
                continue
            factor, head = rows[other][turn], rows[turn][turn]
            rows[other] = [
                (head * mine - factor * theirs) // before
                for mine, theirs in zip(rows[other], rows[turn], strict=True)
            ]
        before = rows[turn][turn]
    return [[Fraction(value, rows[r][r]) for value in rows[r][size:]] for r in range(size)]


def _iterated(inner: list[list[Fraction]]) -> list[list[Fraction]]:
    """The same for a large circle: the series I + T + T² + …, summed in a fixed order.

    Whole numbers of 2^-60 throughout, so every machine finds the same; it ends when nothing of a
    unit is left above that. What the cuts lose is made good when the shares divide a whole.
    """
    size = len(inner)
    edges = [[(t, int(share * _FINE)) for t, share in enumerate(row) if share] for row in inner]
    found = []
    for start in range(size):
        total, moving = [0] * size, {start: _FINE}
        for _ in range(_TURNS):
            if not moving:
                break
            arrived: dict[int, int] = {}
            for member, amount in sorted(moving.items()):
                total[member] += amount
                for target, share in edges[member]:
                    part = amount * share // _FINE
                    if part:
                        arrived[target] = arrived.get(target, 0) + part
            moving = arrived
        found.append([Fraction(amount, _FINE) for amount in total])
    return found
