"""Where the names of one taxonomy went in another, and how to walk back (rules TX1-TX5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Kind = Literal["same", "one to one", "many to one", "one to many", "not decided", "gone", "new"]

NOT_DECIDED = "Not decided"
"""Where the money of a name stands as long as nobody said which heirs take how much."""
SEPARATOR = " / "


@dataclass(frozen=True)
class Row:
    """What becomes of one name.

    One target takes the whole. Several targets take `shares`, exact fractions above zero that sum
    to one; without shares it is not decided. No target: the name is gone without an heir.
    """

    source: str
    targets: tuple[str, ...]
    shares: tuple[Fraction, ...] | None = None
    why: str = ""

    def __post_init__(self) -> None:
        if len(set(self.targets)) != len(self.targets):
            raise ValueError(f"{self.source}: a target stands twice")
        if self.shares is not None and (
            len(self.shares) != len(self.targets)
            or any(share <= 0 for share in self.shares)
            or sum(self.shares) != 1
        ):
            raise ValueError(f"{self.source}: shares must be above zero and sum to one")

    @property
    def decided(self) -> bool:
        """Whether every unit of the name's money has a place in the other taxonomy."""
        return len(self.targets) == 1 or self.shares is not None

    @property
    def whole(self) -> str | None:
        """The one target that takes everything, if there is one."""
        return self.targets[0] if len(self.targets) == 1 else None


@dataclass(frozen=True)
class Crosswalk:
    """The rows of one layer by source, in the order in which they were stated."""

    rows: Mapping[str, Row]

    @staticmethod
    def of(rows: Iterable[Row]) -> Crosswalk:
        return Crosswalk({row.source: row for row in rows})

    def sources_of(self) -> dict[str, tuple[str, ...]]:
        """Every target that some row names, decided or not, with the names that lead to it."""
        found: dict[str, tuple[str, ...]] = {}
        for row in self.rows.values():
            for target in row.targets:
                found[target] = (*found.get(target, ()), row.source)
        return found

    def kind(self, source: str) -> Kind:
        """In one word what becomes of a name; a name without a row stays as it is."""
        row = self.rows.get(source)
        if row is None:
            return "same"
        if not row.targets:
            return "gone"
        if not row.decided:
            return "not decided"
        if row.whole is None:
            return "one to many"
        if len(self.sources_of()[row.whole]) > 1:
            return "many to one"
        return "same" if row.whole == source else "one to one"

    def new_in(self, names: Iterable[str]) -> Iterator[str]:
        """Those of the other taxonomy's names that nothing leads to."""
        reached = self.sources_of()
        return (name for name in names if name not in reached)


def inverse(crosswalk: Crosswalk, names: Iterable[str]) -> Crosswalk:
    """The way back: a row for each of the other taxonomy's names (rule TX5).

    A name that one name led to goes back to it whole. One that several led to is not decided, for
    the shares of a way back follow from no shares of the way there. One that nothing led to, a new
    one, has no heir.
    """
    reached = crosswalk.sources_of()
    return Crosswalk.of(Row(name, reached.get(name, ())) for name in names)
