"""The Shapley value of a cost game: each pays what she adds, averaged over all orders (FA6-FA9).

Source: L. S. Shapley, "A Value for n-Person Games" (1953). The sampled value is the estimator by
random orders of J. Castro, D. Gomez and J. Tejada, "Polynomial calculation of the Shapley value
based on sampling", Computers & Operations Research 36 (2009), each order with its reverse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial, isqrt, lcm

from bursar.core.calc.allocation.split import split_exact
from bursar.core.calc.fairness.games import CostGame, SolvedGame

MOST_ENUMERATED = 12
"""Players up to whom every coalition is asked: 4,096 of them."""
MOST_ASKED = 15
SEED = 20260101
ORDERS = 1000
QUANTILE = Fraction(196, 100)
"""Of the normal distribution: 95 % of the samples lie within so many standard errors."""
_WORD = 1 << 64


@dataclass(frozen=True)
class Value:
    """Shares of all players, which sum to the whole cost exactly, sampled or not.

    `errors` are half-widths of the 95 % confidence interval of each share; all 0 where the value
    is exact. `orders` is the number of orders sampled; 0 where none were.
    """

    shares: tuple[Fraction, ...]
    errors: tuple[Fraction, ...]
    orders: int

    @property
    def exact(self) -> bool:
        return self.orders == 0


def shapley(game: CostGame, *, seed: int = SEED, orders: int = ORDERS) -> Value:
    """By its closed form where the game has one, else enumerated for few, sampled for many."""
    if isinstance(game, SolvedGame):
        return _exactly(game.solved())
    if game.size <= MOST_ENUMERATED:
        return _exactly(enumerated(game))
    return sampled(game, seed=seed, orders=orders)


def _exactly(shares: tuple[Fraction, ...]) -> Value:
    return Value(shares, (Fraction(0),) * len(shares), 0)


def enumerated(game: CostGame) -> tuple[Fraction, ...]:
    """Exact, from the cost of every coalition; for at most `MOST_ASKED` players."""
    size = game.size
    if size > MOST_ASKED:
        raise ValueError(f"{size} players have too many coalitions; at most {MOST_ASKED}")
    costs = [game.cost(_members(mask, size)) for mask in range(1 << size)]
    common = lcm(*(cost.denominator for cost in costs))
    units = [int(cost * common) for cost in costs]
    before = [factorial(k) * factorial(size - k - 1) for k in range(size)]
    whole = factorial(size) * common
    values = []
    for player in range(size):
        bit = 1 << player
        added = sum(
            before[mask.bit_count()] * (units[mask | bit] - units[mask])
            for mask in range(1 << size)
            if not mask & bit
        )
        values.append(Fraction(added, whole))
    return tuple(values)


def _members(mask: int, size: int) -> tuple[int, ...]:
    return tuple(player for player in range(size) if mask >> player & 1)


def sampled(game: CostGame, *, seed: int = SEED, orders: int = ORDERS) -> Value:
    """The average over random orders, each with its reverse; the same seed gives the same value.

    In every order the additions sum to the whole cost, so their average does too. `orders` is
    rounded up to an even number, at least 4.
    """
    size, pairs = game.size, max(2, (orders + 1) // 2)
    sums, squares = [Fraction(0)] * size, [Fraction(0)] * size
    drawn = _shuffled(size, seed)
    for _ in range(pairs):
        order = next(drawn)
        there, back = _added(game, order), _added(game, order[::-1])
        for player in range(size):
            mean = (there[player] + back[player]) / 2
            sums[player] += mean
            squares[player] += mean * mean
    shares = tuple(total / pairs for total in sums)
    errors = tuple(
        QUANTILE * _root((square / pairs - share * share) / (pairs - 1))
        for share, square in zip(shares, squares, strict=True)
    )
    return Value(shares, errors, 2 * pairs)


def _added(game: CostGame, order: Sequence[int]) -> list[Fraction]:
    """What each player adds to those before her in the order."""
    added, known = [Fraction(0)] * game.size, Fraction(0)
    for place, player in enumerate(order, start=1):
        cost = game.cost(order[:place])
        added[player], known = cost - known, cost
    return added


def _root(square: Fraction) -> Fraction:
    """The square root, rounded up at twelve digits after the point."""
    if square <= 0:
        return Fraction(0)
    scaled = square * 10**24
    root = isqrt(scaled.numerator // scaled.denominator)
    return Fraction(root + 1, 10**12)


def _shuffled(size: int, seed: int) -> Iterator[tuple[int, ...]]:
    """Random orders without end (Fisher and Yates), alike on every machine and version."""
    words = _words(seed)
    players = list(range(size))
    while True:
        for last in range(size - 1, 0, -1):
            other = _below(last + 1, words)
            players[last], players[other] = players[other], players[last]
        yield tuple(players)


def _below(limit: int, words: Iterator[int]) -> int:
    """A number from 0 to limit - 1, each as likely: words that would favour some are left out."""
    fair = _WORD - _WORD % limit
    return next(word for word in words if word < fair) % limit


def _words(seed: int) -> Iterator[int]:
    """SplitMix64 (Steele, Lea and Flood, 2014): 64-bit numbers that look random."""
    state = seed % _WORD
    while True:
        state = (state + 0x9E3779B97F4A7C15) % _WORD
        word = state
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 % _WORD
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB % _WORD
        yield word ^ (word >> 31)


def in_units(total: int, shares: Sequence[Fraction]) -> list[int]:
    """A total in whole units over shares, in their order; sums to the total exactly (A1).

    Each share is rounded as a running total, so it lies within one unit of its exact part.
    """
    common = lcm(*(share.denominator for share in shares))
    return split_exact(total, [int(share * common) for share in shares])
