"""Which figures of a workbook are costs and which are charges, from whom to whom (LM9-LM13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from bursar.core.calc.learning.errors import NoResults
from bursar.core.calc.learning.facts import Figure, Matrix, Vector, whole
from bursar.core.calc.learning.formulas import is_sum, ranges
from bursar.core.calc.learning.grid import Address

HALF_CENT = Fraction(1, 200)
WIDEST = 60
"""Columns of a table in which a stretch of charges between other columns is looked for."""


@dataclass
class Flows:
    """Money from givers to targets. A target that gives on is an intermediate pool.

    `costs` are the givers' own; `charged` are the lines of each giver; `open_to` are those whom
    it could have charged, itself and those before it left out.
    """

    costs: dict[str, Figure] = field(default_factory=dict)
    charged: dict[str, dict[str, Figure]] = field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    used: list[tuple[Matrix, tuple[str, ...]]] = field(default_factory=list)
    source: Vector | None = None
    """The costs as they were found; none where they are what was charged."""
    circle: tuple[str, ...] = ()

    def received(self, name: str) -> Fraction:
        """What others charged to this pool."""
        return sum(
            (Fraction(row[name].amount) for row in self.charged.values() if name in row),
            Fraction(0),
        )

    def cost_in(self, name: str) -> Fraction:
        """A pool's own cost and what it received."""
        own = self.costs.get(name)
        return (Fraction(own.amount) if own else Fraction(0)) + self.received(name)

    def charged_out(self, name: str) -> Fraction:
        return Fraction(whole(self.charged[name]))

    def open_to(self, giver: str) -> tuple[str, ...]:
        before = {giver, *self.order[: self.order.index(giver)]}
        return tuple(name for name in self.columns[giver] if name not in before)

    @property
    def consumers(self) -> tuple[str, ...]:
        """Everybody who is charged or could be, and charges nobody."""
        names = (name for giver in self.order for name in self.columns[giver])
        return tuple(dict.fromkeys(name for name in names if name not in self.charged))

    @property
    def intermediate(self) -> tuple[str, ...]:
        """Givers that others charge."""
        reached = {target for row in self.charged.values() for target in row}
        return tuple(name for name in self.order if name in reached)

    @property
    def places(self) -> set[Address]:
        """Every cell that is a line."""
        return {
            place
            for row in self.charged.values()
            for figure in row.values()
            for place in figure.places
        }


def equal(amount: Fraction | Decimal, other: Fraction | Decimal, lines: int) -> bool:
    """Equal but for what rounding so many lines to cents can change."""
    return abs(Fraction(amount) - Fraction(other)) <= HALF_CENT * max(lines, 2)


def find_flows(found: Sequence[Vector], matrices: Sequence[Matrix]) -> Flows:
    """The charges of the workbook; refuses learn.no_results."""
    candidates = [matrix for matrix in matrices if not _is_shares(matrix)]
    flows = Flows()
    chosen = _first(found, candidates)
    if chosen is None:
        raise NoResults(
            "No table of the workbook says what each consumer pays of each cost: rows of cost "
            "pools with a column for each consumer, or a list of pool, consumer and amount, whose "
            "sums are costs that stand in the workbook. Put such a table on a sheet of its own."
        )
    vector, matrix, targets = chosen
    flows.source = None if vector.total else vector
    flows.costs = {name: f for name, f in vector.figures.items() if f.amount}
    _take(flows, matrix, targets)
    while _extend(flows, candidates):
        pass
    named = {name for giver in flows.charged for name in flows.columns[giver]}
    flows.costs = {
        name: figure
        for name, figure in flows.costs.items()
        if not vector.total or name in flows.charged or name in named
    }
    flows.order, flows.circle = _ordered(flows.charged)
    return flows


def _is_shares(matrix: Matrix) -> bool:
    """Rows that add up to one or to a hundred are no money."""
    sums = [whole(matrix.row(giver, matrix.targets)) for giver in matrix.givers]
    near = [
        abs(Fraction(total) - full) <= Fraction(full, 10_000) for total in sums for full in (1, 100)
    ]
    return bool(sums) and sum(near) * 2 >= len(sums)


def _first(
    found: Sequence[Vector], matrices: Sequence[Matrix]
) -> tuple[Vector, Matrix, tuple[str, ...]] | None:
    best: tuple[tuple[bool, bool, int, Fraction, bool], Vector, Matrix, tuple[str, ...]] | None
    best = None
    for vector in found:
        if {abs(f.amount) for f in vector.figures.values()} <= {0, 1, 100}:
            continue
        for matrix in matrices:
            known = [giver for giver in matrix.givers if giver in vector.figures]
            if not known or _is_inside(vector, matrix, known) or _is_result(vector, matrix):
                continue
            amounts = {g: Fraction(vector.figures[g].amount) for g in known}
            targets, matched = _targets(matrix, amounts, vector)
            if not matched or len(targets) < 2:
                continue
            money = sum((abs(amounts[giver]) for giver in matched), Fraction(0))
            rank = (not vector.total, matrix.made, len(matched), money, vector.typed)
            if best is None or rank > best[0]:
                best = rank, vector, matrix, targets
    return best[1:] if best else None


def _is_inside(vector: Vector, matrix: Matrix, known: Sequence[str]) -> bool:
    """Whether the amounts would be compared with themselves: a line of the same table."""
    if vector.table is not matrix.table or vector.name not in matrix.targets:
        return False
    return (
        all(matrix.figures.get((giver, vector.name)) == vector.figures[giver] for giver in known)
        and len(matrix.targets) == 2
    )


def _is_result(vector: Vector, matrix: Matrix) -> bool:
    """Whether these are sums of the matrix's own cells: what came of it, not what it divides."""
    own = {place for figure in matrix.figures.values() for place in figure.places}
    for figure in vector.figures.values():
        for place in figure.places:
            formula = vector.table.sheet.at(place.row, place.column).formula
            for named in ranges(formula) if formula and is_sum(formula) else ():
                sheet = named.sheet or place.sheet
                if any(
                    cell.sheet == sheet
                    and named.top <= cell.row <= named.bottom
                    and named.left <= cell.column <= named.right
                    for cell in own
                ):
                    return True
    return False


def _targets(
    matrix: Matrix, amounts: Mapping[str, Fraction], vector: Vector | None
) -> tuple[tuple[str, ...], list[str]]:
    """The stretch of targets whose lines add up to most of these amounts, and which do."""
    own = vector is not None and vector.table is matrix.table
    names = tuple(t for t in matrix.targets if not (own and vector and t == vector.name))
    matched = _matching(matrix, amounts, names)
    if len(matched) * 2 > len(amounts) or len(names) > WIDEST:
        return names, matched
    votes: dict[tuple[int, int], list[str]] = {}
    for giver, amount in amounts.items():
        if amount:
            for stretch in _stretches_of(matrix, giver, names, amount):
                votes.setdefault(stretch, []).append(giver)
    longest = max(votes, key=lambda s: (len(votes[s]), s[1] - s[0]), default=None)
    if longest is None or len(votes[longest]) <= len(matched):
        return names, matched
    return names[longest[0] : longest[1]], votes[longest]


def _matching(matrix: Matrix, amounts: Mapping[str, Fraction], names: tuple[str, ...]) -> list[str]:
    found = []
    for giver, amount in amounts.items():
        row = matrix.row(giver, names)
        if amount and row and equal(whole(row), amount, len(row)):
            found.append(giver)
    return found


def _stretches_of(
    matrix: Matrix, giver: str, names: tuple[str, ...], amount: Fraction
) -> Iterator[tuple[int, int]]:
    values = [matrix.figures.get((giver, name)) for name in names]
    running = [Fraction(0)]
    for value in values:
        running.append(running[-1] + (Fraction(value.amount) if value else 0))
    for start in range(len(names) - 1):
        for end in range(start + 2, len(names) + 1):
            if equal(running[end] - running[start], amount, end - start):
                yield start, end


def _take(flows: Flows, matrix: Matrix, targets: tuple[str, ...]) -> list[str]:
    """Adds a matrix's rows; those of others that have lines already stay as they are."""
    flows.used.append((matrix, targets))
    taken = []
    for giver in matrix.givers:
        row = {t: f for t, f in matrix.row(giver, targets).items() if f.amount and t != giver}
        known = giver in flows.costs or flows.received(giver)
        if row and giver not in flows.charged and known:
            flows.charged[giver] = row
            flows.columns[giver] = tuple(t for t in targets if t != giver)
            taken.append(giver)
    return taken


def _extend(flows: Flows, candidates: Sequence[Matrix]) -> bool:
    """Takes one more matrix whose rows give on what their pools cost or received."""
    for matrix in candidates:
        if any(matrix.table is used.table for used, _ in flows.used):
            continue
        waiting = [
            giver for giver in matrix.givers if giver not in flows.charged and flows.cost_in(giver)
        ]
        amounts = {giver: flows.cost_in(giver) for giver in waiting}
        if not amounts:
            continue
        targets, matched = _targets(matrix, amounts, flows.source)
        if len(matched) * 2 >= len(amounts) and len(targets) > 1 and _take(flows, matrix, targets):
            return True
    return False


def _ordered(
    charged: Mapping[str, Mapping[str, Figure]],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Givers so that nobody charges one that stands before it, and those that go in a circle."""
    left = list(charged)
    order: list[str] = []
    while left:
        free = next(
            (n for n in left if not any(n in charged[other] for other in left if other != n)), None
        )
        if free is None:
            return (*order, *left), tuple(left)
        order.append(free)
        left.remove(free)
    return tuple(order), ()
