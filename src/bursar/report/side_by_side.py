"""Two columns of one layer: names, their figures on the left and right, and what moved them.

Rules TX6 and TX12 of docs/spec/taxonomy.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bursar.core.calc.taxonomy.crosswalk import NOT_DECIDED
from bursar.core.calc.taxonomy.restate import Move, Place
from bursar.core.money.amount import EXACT, LEDGER_PLACES
from bursar.core.money.units import from_units
from bursar.core.refusal import InvariantBroken
from bursar.office.reference.packs import SEPARATOR

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Reason:
    """Money that rows of a crosswalk brought from another name, or took to it."""

    direction: str
    """'from' or 'to'."""
    other: str
    amount: Decimal
    rows: tuple[tuple[str, str, str], ...]
    """(name of the row, what becomes of it in a word, why) of each row that moved it."""


@dataclass(frozen=True)
class SideRow:
    """One name: what it holds under either taxonomy; None where it has no figure there."""

    name: str
    depth: int
    before: Decimal | None
    after: Decimal | None
    reasons: tuple[Reason, ...]

    @property
    def label(self) -> str:
        """The name without those above it; 'Not decided' keeps the whole name that waits."""
        if self.depth and self.waits:
            return self.name.partition(SEPARATOR)[2]
        return self.name.rpartition(SEPARATOR)[2]

    @property
    def difference(self) -> Decimal:
        return EXACT.subtract(self.after or _ZERO, self.before or _ZERO)

    @property
    def waits(self) -> bool:
        """Whether it stands under 'Not decided'."""
        return _above(self.name, 1) == NOT_DECIDED


@dataclass(frozen=True)
class SideBySide:
    """All rows of one currency; the total is the same under both taxonomies."""

    currency: str
    total: Decimal
    rows: tuple[SideRow, ...]

    def undecided(self, side: str) -> Decimal:
        """What stands under 'Not decided' on a side: 'before' or 'after'."""
        found = (getattr(row, side) for row in self.rows if row.name == NOT_DECIDED)
        return next(found, None) or _ZERO


@dataclass(frozen=True)
class _Flow:
    """Units that a row took from a name to another, both as paths."""

    start: str
    end: str
    units: int
    row: tuple[str, str, str]


@dataclass
class Sides:
    """What one currency's figures come to on either side, and the flows between."""

    published: int = 0
    before: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    after: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    flows: list[_Flow] = field(default_factory=list)

    def add(self, units: Mapping[str, int], left: Sequence[Move], right: Sequence[Move]) -> None:
        """Figures as published, and the moves from there to each side.

        The moves to the left side are told backwards, so that flows lead from left to right.
        """
        self.published += sum(units.values())
        for move in left:
            self.before[_path(move.target)] += move.units
            self._flow(_path(move.target), _path(move.source), move)
        for move in right:
            self.after[_path(move.target)] += move.units
            self._flow(_path(move.source), _path(move.target), move)

    def _flow(self, start: str, end: str, move: Move) -> None:
        if start != end and move.units:
            row = (move.source.node, move.kind, move.why)
            self.flows.append(_Flow(start, end, move.units, row))


def side_by_side(currency: str, sides: Sides, depth: int | None = None) -> SideBySide:
    """Every name with a figure on either side, below the one it belongs to, the largest first.

    `depth` is the lowest level told. A total that differs, or a difference that no row explains,
    is a defect: InvariantBroken.
    """
    for column in (sides.before, sides.after):
        if sum(column.values()) != sides.published:
            raise InvariantBroken(f"Another taxonomy changed the total of {currency}.")
    before, after = _with_parents(sides.before), _with_parents(sides.after)
    rows = [
        _row(name, before.get(name), after.get(name), sides.flows)
        for name in _in_order(before, after)
        if depth is None or name.count(SEPARATOR) < depth
    ]
    return SideBySide(currency, from_units(sides.published, LEDGER_PLACES), tuple(rows))


def _row(name: str, before: int | None, after: int | None, flows: Sequence[_Flow]) -> SideRow:
    level = name.count(SEPARATOR) + 1
    moved: dict[tuple[str, str], int] = defaultdict(int)
    rows: dict[tuple[str, str], dict[tuple[str, str, str], None]] = defaultdict(dict)
    net = 0
    for flow in flows:
        inside = _above(flow.start, level) == name, _above(flow.end, level) == name
        if inside[0] == inside[1]:
            continue
        key = ("from", _above(flow.start, level)) if inside[1] else ("to", _above(flow.end, level))
        moved[key] += flow.units
        rows[key][flow.row] = None
        net += flow.units if inside[1] else -flow.units
    if net != (after or 0) - (before or 0):
        raise InvariantBroken(f"No row of the crosswalk explains the difference of {name}.")
    reasons = [
        Reason(direction, other, from_units(units, LEDGER_PLACES), tuple(rows[direction, other]))
        for (direction, other), units in sorted(moved.items(), key=lambda x: (-abs(x[1]), x[0]))
        if units
    ]
    return SideRow(name, level - 1, _money(before), _money(after), tuple(reasons))


def _with_parents(column: Mapping[str, int]) -> dict[str, int]:
    """The column with the sum of every name above; units at the name itself are part of it."""
    found: dict[str, int] = defaultdict(int)
    for name, units in column.items():
        for level in range(1, name.count(SEPARATOR) + 2):
            found[_above(name, level)] += units
    return dict(found)


def _in_order(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """Names below those they belong to, by size; what is not decided comes last."""

    def place(name: str) -> list[tuple[bool, int, str]]:
        above = [_above(name, level) for level in range(1, name.count(SEPARATOR) + 2)]
        return [
            (n == NOT_DECIDED, -max(abs(before.get(n, 0)), abs(after.get(n, 0))), n) for n in above
        ]

    return sorted({*before, *after}, key=place)


def _above(name: str, level: int) -> str:
    return SEPARATOR.join(name.split(SEPARATOR)[:level])


def _path(place: Place) -> str:
    return f"{place.node}{SEPARATOR}{place.own}" if place.own else place.node


def _money(units: int | None) -> Decimal | None:
    return None if units is None else from_units(units, LEDGER_PLACES)
