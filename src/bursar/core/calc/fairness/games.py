"""Cost games: what each group of consumers would cost if it stood alone, exactly (FA1-FA5).

Players are 0..size-1; a coalition is a collection of players, each once; its cost is a Fraction
in main units of one currency. The empty coalition costs nothing. A player whose need is 0 adds
nothing to any coalition.

Sources: the game with a fixed part and the one with tiers are two-part and block tariffs (H. P.
Young, "Cost Allocation", Handbook of Game Theory vol. 2, 1994); the capacity game is the airport
game of S. C. Littlechild and G. Owen, "A Simple Expression for the Shapley Value in a Special
Case", Management Science 20 (1973).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol, runtime_checkable

Coalition = Collection[int]


class CostGame(Protocol):
    """Any cost function of sets of players."""

    @property
    def size(self) -> int:
        """Number of players."""

    def cost(self, members: Coalition) -> Fraction:
        """What these players cost together, without the others."""


@runtime_checkable
class SolvedGame(CostGame, Protocol):
    """A game whose Shapley value has a closed form."""

    def solved(self) -> tuple[Fraction, ...]:
        """The Shapley value of every player."""


@dataclass(frozen=True)
class StatedGame:
    """A game stated by any function; asked only for coalitions that are not empty."""

    size: int
    function: Callable[[frozenset[int]], Fraction]

    def cost(self, members: Coalition) -> Fraction:
        return self.function(frozenset(members)) if members else Fraction(0)


@dataclass(frozen=True)
class FixedAndVariable:
    """A fixed part that any use sets off, and a price per unit used: `F + v * sum of needs`.

    So licence servers, platform teams and base fees behave. `needs` are never negative.
    """

    fixed: Fraction
    price: Fraction
    needs: tuple[Fraction, ...]

    @property
    def size(self) -> int:
        return len(self.needs)

    def cost(self, members: Coalition) -> Fraction:
        need = sum((self.needs[player] for player in members), Fraction(0))
        return self.fixed + self.price * need if need else Fraction(0)

    def solved(self) -> tuple[Fraction, ...]:
        """Those who use anything share the fixed part evenly; each bears what it uses."""
        users = sum(1 for need in self.needs if need)
        return tuple(
            self.fixed / users + self.price * need if need else Fraction(0) for need in self.needs
        )


@dataclass(frozen=True)
class Tiered:
    """A price by tiers of the common quantity, as in volume contracts and cloud price lists.

    `tiers` are (width, price per unit) in order; the width of the last is None, without an end. A
    unit costs the price of the tier in which it falls. `scale` multiplies the list's price.
    """

    tiers: tuple[tuple[Fraction | None, Fraction], ...]
    needs: tuple[Fraction, ...]
    scale: Fraction = Fraction(1)

    @property
    def size(self) -> int:
        return len(self.needs)

    def cost(self, members: Coalition) -> Fraction:
        need = sum((self.needs[player] for player in members), Fraction(0))
        return self.scale * self.list_price(need)

    def list_price(self, quantity: Fraction) -> Fraction:
        """What the quantity costs by the list."""
        price, left = Fraction(0), quantity
        for width, unit_price in self.tiers:
            taken = left if width is None else min(left, width)
            price += taken * unit_price
            left -= taken
        return price


@dataclass(frozen=True)
class Capacity:
    """The largest need sets the cost: `price * largest need`, the airport game.

    A runway is as long as the largest aircraft wants it; so are a storage tier's speed, a line's
    bandwidth, and a machine sized for one peak that all use at other times.
    """

    price: Fraction
    needs: tuple[Fraction, ...]

    @property
    def size(self) -> int:
        return len(self.needs)

    def cost(self, members: Coalition) -> Fraction:
        return self.price * max((self.needs[player] for player in members), default=Fraction(0))

    def solved(self) -> tuple[Fraction, ...]:
        """Every stretch of the capacity is shared evenly by those who need it."""
        order = sorted(range(self.size), key=lambda player: self.needs[player])
        values = [Fraction(0)] * self.size
        borne = reached = Fraction(0)
        for place, player in enumerate(order):
            stretch = self.needs[player] - reached
            borne += self.price * stretch / (self.size - place)
            reached = self.needs[player]
            values[player] = borne
        return tuple(values)


@dataclass(frozen=True)
class Together:
    """Several games of the same players, added: a cost that has several parts."""

    parts: tuple[CostGame, ...]

    @property
    def size(self) -> int:
        return self.parts[0].size

    def cost(self, members: Coalition) -> Fraction:
        return sum((part.cost(members) for part in self.parts), Fraction(0))


def stand_alone(game: CostGame) -> tuple[Fraction, ...]:
    """What each player would cost without any other."""
    return tuple(game.cost((player,)) for player in range(game.size))


def whole(game: CostGame) -> Fraction:
    """What all players cost together."""
    return game.cost(range(game.size))


def scaled_tiers(
    tiers: Sequence[tuple[Fraction | None, Fraction]], needs: Sequence[Fraction], total: Fraction
) -> Tiered:
    """The tiers' list price, scaled so that everybody together costs `total`.

    The list price of all needs must not be 0.
    """
    plain = Tiered(tuple(tiers), tuple(needs))
    return Tiered(plain.tiers, plain.needs, total / whole(plain))
