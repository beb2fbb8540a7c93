"""Who bears what a commitment saves and leaves unused (rules CP1-CP6, docs/spec/commitments.md)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from bursar.core.calc.commitments import (
    CENTRAL,
    POLICIES,
    PRICE,
    PURCHASER,
    SAVING,
    SHARED,
    SHARING,
    UNUSED,
    USERS,
    Move,
    Part,
    moves,
)

D = Decimal
USED, LEFT = "Used", "Unused"
TWO = [
    Part(D("60"), D("100"), USED),
    Part(D("30"), D("50"), USED),
    Part(D("10"), None, LEFT),
    Part(D("50"), D("50"), None),
]


def test_cp1_as_billed_moves_nothing() -> None:
    assert moves(TWO, USERS) == []


def test_cp3_cp5_the_home_has_the_saving_and_the_unused_part() -> None:
    for policy in (PURCHASER, CENTRAL):
        assert moves(TWO, policy) == [
            Move(0, PRICE, D(40)),
            Move(1, PRICE, D(20)),
            Move(2, UNUSED, D(-10)),
            Move(None, SAVING, D(-60)),
            Move(None, UNUSED, D(10)),
        ]


def test_cp3_a_line_without_a_contracted_cost_stays() -> None:
    assert moves([Part(D(60), None, USED)], PURCHASER) == []


def test_cp4_cp5_everybody_pays_the_same_part_of_the_contracted_price() -> None:
    """140 for 200 of contracted cost: 0.70; the unused 10 are 0.05 of it, each."""
    found = moves(TWO, SHARED)
    assert found == [
        Move(0, SHARING, D(10)),
        Move(1, SHARING, D(5)),
        Move(3, SHARING, D(-15)),
        Move(2, UNUSED, D(-10)),
        Move(0, UNUSED, D(5)),
        Move(1, UNUSED, D("2.5")),
        Move(3, UNUSED, D("2.5")),
    ]
    paid = {place: part.effective for place, part in enumerate(TWO)}
    for move in found:
        assert move.place is not None
        paid[move.place] += move.amount
    assert paid == {0: 75, 1: D("37.5"), 2: 0, 3: D("37.5")}


def test_cp4_where_it_covered_nobody_nothing_is_shared() -> None:
    assert moves(TWO[2:], SHARED) == []
    assert moves([Part(D(1), D(0), USED), Part(D(3), None, LEFT)], SHARED) == []


amounts = st.decimals("-1000000", "1000000", places=12, allow_nan=False, allow_infinity=False)
parts = st.builds(Part, amounts, st.one_of(st.none(), amounts), st.sampled_from([USED, LEFT, None]))


@given(st.lists(parts, max_size=12), st.sampled_from(POLICIES))
def test_cp6_whatever_is_moved_adds_up_to_zero(given_parts: list[Part], policy: str) -> None:
    found = moves(given_parts, policy)
    assert sum(Fraction(move.amount) for move in found) == 0
    home = [move for move in found if move.place is None]
    assert not home or policy in (PURCHASER, CENTRAL)


@given(st.lists(parts, max_size=12))
def test_cp4_shares_follow_the_contracted_price(given_parts: list[Part]) -> None:
    """Each taking part pays its contracted cost's part of all effective cost, to the last digit."""
    found = [move for move in moves(given_parts, SHARED) if move.kind == SHARING]
    taking = [n for n, part in enumerate(given_parts) if part.takes_part]
    if not any(given_parts[n].status == USED for n in taking):
        assert found == []
        return
    whole = sum(Fraction(given_parts[n].effective) for n in taking)
    price = sum(Fraction(given_parts[n].contracted or 0) for n in taking)
    moved = {move.place: Fraction(move.amount) for move in found}
    for n in taking:
        paid = Fraction(given_parts[n].effective) + moved.get(n, 0)
        exact = whole * Fraction(given_parts[n].contracted or 0) / price
        assert abs(paid - exact) <= Fraction(1, 10**10)
