"""Restating conserves every unit, and there and back again changes nothing (rules TX3-TX14)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.core.calc.allocation.split import split_exact
from bursar.core.calc.taxonomy.crosswalk import NOT_DECIDED, Crosswalk, Row, inverse
from bursar.core.calc.taxonomy.restate import Move, Place, restate, totals, whole_weights

NAMES = [f"Old {letter}" for letter in "ABCDEF"]
HEIRS = [f"New {letter}" for letter in "PQRSTU"]
UNITS = st.integers(-(10**40), 10**40)
PLACES = st.builds(Place, st.sampled_from([*NAMES, "Elsewhere"]), st.sampled_from(["", "Own"]))
FIGURES = st.dictionaries(PLACES, UNITS, max_size=12)


@st.composite
def rows(draw: st.DrawFn, source: str) -> Row:
    targets = tuple(draw(st.lists(st.sampled_from(HEIRS), unique=True, max_size=4)))
    if not targets or draw(st.booleans()):
        return Row(source, targets)
    weights = draw(st.lists(st.integers(1, 10**6), min_size=len(targets), max_size=len(targets)))
    return Row(source, targets, tuple(Fraction(w, sum(weights)) for w in weights))


@st.composite
def crosswalks(draw: st.DrawFn) -> Crosswalk:
    named = draw(st.lists(st.sampled_from(NAMES), unique=True))
    return Crosswalk.of([draw(rows(name)) for name in named])


def by_node(figures: dict[Place, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, units in figures.items():
        found[place.node] = found.get(place.node, 0) + units
    return found


def left(moves: list[Move]) -> dict[str, int]:
    found: dict[str, int] = {}
    for move in moves:
        found[move.source.node] = found.get(move.source.node, 0) + move.units
    return found


@given(FIGURES, crosswalks())
def test_every_unit_is_kept_name_by_name(figures: dict[Place, int], crosswalk: Crosswalk) -> None:
    """Rule TX6, and rule TX12: what left a name is what it had."""
    given_before = dict(figures)
    moves = restate(figures, crosswalk)
    assert left(moves) == by_node(figures)
    assert sum(totals(moves).values()) == sum(figures.values())
    assert figures == given_before


@given(FIGURES, crosswalks())
def test_the_order_of_figures_does_not_matter(
    figures: dict[Place, int], crosswalk: Crosswalk
) -> None:
    """Rule TX7: an answer follows from figures and rows alone."""
    turned = dict(reversed(figures.items()))
    assert totals(restate(turned, crosswalk)) == totals(restate(figures, crosswalk))


@given(FIGURES, crosswalks())
def test_own_names_never_change_a_total(figures: dict[Place, int], crosswalk: Crosswalk) -> None:
    """Rule TX14: folding extensions into their names gives the same totals."""
    folded = {Place(name): units for name, units in by_node(figures).items()}
    plain = {n: u for n, u in by_node(totals(restate(folded, crosswalk))).items() if u}
    assert {n: u for n, u in by_node(totals(restate(figures, crosswalk))).items() if u} == plain


@given(
    st.permutations(HEIRS),
    st.dictionaries(st.builds(Place, st.sampled_from(NAMES), st.sampled_from(["", "x"])), UNITS),
)
def test_one_to_one_there_and_back_changes_nothing(
    heirs: list[str], figures: dict[Place, int]
) -> None:
    """Rule TX5."""
    there = Crosswalk.of(Row(n, (h,)) for n, h in zip(NAMES, heirs, strict=True))
    back = inverse(there, HEIRS)
    assert totals(restate(totals(restate(figures, there)), back)) == figures
    assert inverse(back, NAMES) == there


@given(UNITS, st.lists(st.integers(1, 10**9), min_size=2, max_size=6))
def test_shares_are_cut_as_all_money_is(units: int, weights: list[int]) -> None:
    """Rule TX9: each heir is within one unit of its exact share, and the kernel decides which."""
    shares = tuple(Fraction(w, sum(weights)) for w in weights)
    row = Row("Old A", tuple(HEIRS[: len(weights)]), shares)
    moves = restate({Place("Old A"): units}, Crosswalk.of([row]))
    assert [m.units for m in moves] == split_exact(units, whole_weights(shares))
    for move, share in zip(moves, shares, strict=True):
        assert abs(move.units - units * share) <= 1
        assert (move.share, move.kind) == (share, "one to many")


def test_what_nobody_decided_stays_visible() -> None:
    """Rule TX4."""
    crosswalk = Crosswalk.of([Row("Old A", ("New P", "New Q")), Row("Old B", ())])
    found = totals(restate({Place("Old A"): 70, Place("Old B", "Own"): 5}, crosswalk))
    assert found == {
        Place(f"{NOT_DECIDED} / Old A"): 70,
        Place(f"{NOT_DECIDED} / Old B", "Own"): 5,
    }
    assert [crosswalk.kind(n) for n in ("Old A", "Old B")] == ["not decided", "gone"]


def test_money_without_a_row_stays_under_its_own_words() -> None:
    """Rule TX10."""
    crosswalk = Crosswalk.of([Row("Old A", ("New P",))])
    assert totals(restate({Place("No tower"): 3}, crosswalk)) == {Place("No tower"): 3}


def test_kinds_say_what_became_of_a_name() -> None:
    crosswalk = Crosswalk.of(
        [
            Row("Old A", ("New P",)),
            Row("Old B", ("New Q",)),
            Row("Old C", ("New Q",)),
            Row("Old D", ("New R", "New S"), (Fraction(1, 3), Fraction(2, 3))),
            Row("Same", ("Same",)),
        ]
    )
    assert [crosswalk.kind(n) for n in ("Old A", "Old B", "Old D", "Same", "Other")] == [
        "one to one", "many to one", "one to many", "same", "same",
    ]  # fmt: skip
    assert list(crosswalk.new_in(HEIRS)) == ["New T", "New U"]
    back = inverse(crosswalk, [*HEIRS, "Same"])
    assert back.kind("New Q") == "not decided"
    assert back.kind("New S") == "many to one"
    assert back.kind("New T") == "gone"


@pytest.mark.parametrize(
    "shares",
    [
        (Fraction(1, 2), Fraction(1, 3)),
        (Fraction(3, 2), Fraction(-1, 2)),
        (Fraction(1), Fraction(0)),
        (Fraction(1),),
    ],
)
def test_shares_that_are_not_one_make_no_row(shares: tuple[Fraction, ...]) -> None:
    """Rule TX3."""
    with pytest.raises(ValueError, match="sum to one"):
        Row("Old A", ("New P", "New Q"), shares)


def test_a_target_stands_once_in_a_row() -> None:
    with pytest.raises(ValueError, match="stands twice"):
        Row("Old A", ("New P", "New P"))
