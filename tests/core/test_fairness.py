"""Cost games and their Shapley values: rules FA1-FA8 of docs/spec/fairness.md."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bursar.core.calc.fairness.games import (
    Capacity,
    CostGame,
    FixedAndVariable,
    StatedGame,
    Tiered,
    Together,
    scaled_tiers,
    stand_alone,
    whole,
)
from bursar.core.calc.fairness.shapley import MOST_ASKED, enumerated, in_units, sampled, shapley

fractions = st.fractions(0, 1000, max_denominator=60)
needs = st.lists(fractions, min_size=1, max_size=5).map(tuple)
two_parts = st.builds(FixedAndVariable, fractions, fractions, needs)
capacities = st.builds(Capacity, fractions, needs)
tiered = st.builds(
    lambda width, first, second, wants: Tiered(((width, first), (None, second)), wants),
    fractions,
    fractions,
    fractions,
    needs,
)


@st.composite
def stated(draw: st.DrawFn, size: int | None = None) -> StatedGame:
    """Any cost of any coalition, subadditive or not, above zero or below."""
    players = size or draw(st.integers(1, 4))
    groups = chain.from_iterable(combinations(range(players), k) for k in range(1, players + 1))
    costs = {frozenset(g): draw(st.fractions(-99, 99, max_denominator=9)) for g in groups}
    return StatedGame(players, costs.__getitem__)


games = st.one_of(two_parts, capacities, tiered, stated())


def by_orders(game: CostGame) -> tuple[Fraction, ...]:
    """The definition, word by word: the mean over every order."""
    orders = list(permutations(range(game.size)))
    sums = [Fraction(0)] * game.size
    for order in orders:
        for place, player in enumerate(order):
            sums[player] += game.cost(order[: place + 1]) - game.cost(order[:place])
    return tuple(total / len(orders) for total in sums)


@settings(max_examples=120)
@given(games)
def test_the_value_is_the_mean_over_all_orders_and_sums_to_the_whole(game: CostGame) -> None:
    """Rules FA5 and FA6, closed forms too."""
    value = shapley(game)
    assert value.shares == enumerated(game) == by_orders(game)
    assert sum(value.shares) == whole(game)
    assert value.exact
    assert not any(value.errors)


@settings(max_examples=60)
@given(stated(3), stated(3), st.permutations(range(3)))
def test_games_add_and_names_do_not_matter(
    one: StatedGame, other: StatedGame, order: list[int]
) -> None:
    """Rule FA5: additivity, and symmetry as freedom from names."""
    both = shapley(Together((one, other))).shares
    parts = zip(shapley(one).shares, shapley(other).shares, strict=True)
    assert both == tuple(a + b for a, b in parts)
    renamed = StatedGame(3, lambda group: one.cost({order[player] for player in group}))
    assert shapley(renamed).shares == tuple(shapley(one).shares[player] for player in order)


@settings(max_examples=80)
@given(st.one_of(two_parts, capacities))
def test_who_needs_nothing_pays_nothing_and_nobody_more_than_alone(game: CostGame) -> None:
    """Rules FA1, FA3 and FA4: both games are subadditive."""
    shares, alone = shapley(game).shares, stand_alone(game)
    assert all(share <= cost for share, cost in zip(shares, alone, strict=True))
    nobody = [not need for need in game.needs]  # type: ignore[attr-defined]
    assert not any(share for share, idle in zip(shares, nobody, strict=True) if idle)
    for one, other in combinations(range(game.size), 2):
        if game.needs[one] == game.needs[other]:  # type: ignore[attr-defined]
            assert shares[one] == shares[other]


def test_the_runways_of_littlechild_and_owen_style() -> None:
    """Rule FA3: runways of 8, 11, 13, 18 cost 2, 2 + 1, 3 + 1 and 4 + 5."""
    game = Capacity(Fraction(1), tuple(map(Fraction, (8, 11, 13, 18))))
    assert shapley(game).shares == (2, 3, 4, 9)
    assert stand_alone(game) == (8, 11, 13, 18)


def test_gloves() -> None:
    """Rule FA5: one left glove and two right ones; a pair is worth 1: 2/3, 1/6, 1/6."""
    game = StatedGame(3, lambda group: Fraction(min(len(group & {0}), len(group & {1, 2}))))
    assert shapley(game).shares == (Fraction(2, 3), Fraction(1, 6), Fraction(1, 6))


def test_three_towns_and_their_water() -> None:
    """Rule FA5: worked by hand, order by order: 120, 140 and 120 alone, 340 together less 40."""
    costs = {(0,): 120, (1,): 140, (2,): 120, (0, 1): 170, (0, 2): 160, (1, 2): 190, (0, 1, 2): 255}
    known = {frozenset(group): Fraction(cost) for group, cost in costs.items()}
    game = StatedGame(3, known.__getitem__)
    first = Fraction(2 * 120 + (170 - 140) + (160 - 120) + 2 * (255 - 190), 6)
    assert shapley(game).shares[0] == first == Fraction(220, 3)
    assert sum(shapley(game).shares) == 255


def test_tiers_price_each_unit_by_its_tier() -> None:
    """Rule FA2: 100 at 5, 400 at 4, the rest at 3; scaled to a total, proportions stay."""
    tiers = ((Fraction(100), Fraction(5)), (Fraction(400), Fraction(4)), (None, Fraction(3)))
    game = Tiered(tiers, (Fraction(100), Fraction(600)))
    assert [game.list_price(Fraction(q)) for q in (0, 100, 500, 700)] == [0, 500, 2100, 2700]
    assert shapley(game).shares == (Fraction(500 + 300, 2), Fraction(2400 + 2200, 2))
    scaled = scaled_tiers(tiers, game.needs, Fraction(1350))
    assert shapley(scaled).shares == (200, 1150)


def test_many_are_sampled_alike_each_time_and_still_sum_up() -> None:
    """Rule FA7: beside the closed form of the same game, within four times the stated error."""
    needs = tuple(Fraction(1 + (7 * n) % 23) for n in range(20))
    known = Capacity(Fraction(3), needs)
    hidden = StatedGame(20, known.cost)
    value = shapley(hidden, orders=400)
    assert value == shapley(hidden, orders=400)
    assert not value.exact
    assert value.shares != sampled(hidden, seed=1, orders=400).shares
    assert sum(value.shares) == whole(hidden)
    close = [
        abs(share - exact) <= 4 * error / Fraction(196, 100)
        for share, exact, error in zip(value.shares, known.solved(), value.errors, strict=True)
    ]
    assert all(close)
    with pytest.raises(ValueError, match="too many coalitions"):
        enumerated(StatedGame(MOST_ASKED + 1, known.cost))


def test_the_stated_error_holds_about_as_often_as_it_says() -> None:
    """Rule FA7: 95 % intervals over 60 seeds and 6 players; 80 % would already be a fault."""
    needs = tuple(map(Fraction, (1, 2, 4, 7, 11, 16)))
    game = Together(
        (
            Capacity(Fraction(1), needs),
            Tiered(((Fraction(9), Fraction(2)), (None, Fraction(1))), needs),
        )
    )
    right = enumerated(game)
    held = asked = 0
    for seed in range(60):
        value = sampled(game, seed=seed, orders=60)
        for share, exact, error in zip(value.shares, right, value.errors, strict=True):
            held, asked = held + (abs(share - exact) <= error), asked + 1
    assert held / asked > 0.88


@settings(max_examples=100)
@given(st.integers(-(10**12), 10**12), st.lists(fractions, min_size=1, max_size=8))
def test_cents_sum_to_the_total(total: int, shares: list[Fraction]) -> None:
    """Rule FA8: and each is within a cent of its exact part."""
    everything = sum(shares)
    cents = in_units(total, shares)
    assert sum(cents) == (total if everything else 0)
    for cent, share in zip(cents, shares, strict=True):
        if everything:
            assert abs(cent - total * share / everything) <= 1
