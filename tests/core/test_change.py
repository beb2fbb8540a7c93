"""Rules CH1-CH5: parts of a change add up, turn their sign, and are what one computes by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from bursar.core.calc.change import KINDS, Charged, Parts, parts_of_change

SCALE = 8
amounts = st.decimals(min_value=-(10**6), max_value=10**6, places=6)
positive = st.decimals(min_value=Decimal("0.01"), max_value=10**4, places=3)
sides = st.builds(
    Charged, amounts, amounts, st.none() | positive, st.none() | st.sampled_from(["a", "b"])
)


@settings(max_examples=200, deadline=None)
@given(st.none() | sides, st.none() | sides)
def test_parts_add_up_and_change_their_sign_with_the_sides(
    before: Charged | None, now: Charged | None
) -> None:
    """Rule CH1."""
    there = parts_of_change(before, now, scale=SCALE)
    back = parts_of_change(now, before, scale=SCALE)
    old, new = (side.amount if side else Decimal(0) for side in (before, now))
    assert there.total == new - old
    for kind in KINDS:
        opposite = {"new": "gone", "gone": "new"}.get(kind, kind)
        assert getattr(there, kind) == -getattr(back, opposite)
    assert parts_of_change(now, now, scale=SCALE).total == 0


@settings(max_examples=100, deadline=None)
@given(st.decimals(1, 1000, places=2), st.decimals(1, 1000, places=2), positive, positive)
def test_a_factor_that_stands_still_has_no_part(
    cost: Decimal, other: Decimal, share: Decimal, quantity: Decimal
) -> None:
    """Rule CH5: with the same share only the cost moves, with the same price only the quantity."""
    by_driver = [Charged(c * share, c, None, "rule") for c in (cost, other)]
    assert set(_named(parts_of_change(*by_driver, scale=24))) <= {"price"}
    charged = [Charged(c * quantity, cost, c, "rate") for c in (cost, other)]
    assert set(_named(parts_of_change(*charged, scale=24))) <= {"volume"}


def test_by_hand_a_share_of_a_cost() -> None:
    """Rule CH4: a quarter of 1000, then 30 % of 1200: 200 times 27.5 %, and 5 % of 1100."""
    before = Charged(Decimal(250), Decimal(1000), None, "r")
    now = Charged(Decimal(360), Decimal(1200), None, "r")
    assert _named(parts_of_change(before, now, scale=SCALE)) == {"price": 55, "driver": 55}
    other_rule = replace(now, rule="s")
    assert _named(parts_of_change(before, other_rule, scale=SCALE)) == {"price": 55, "rate": 55}


def test_by_hand_a_rate_times_a_quantity() -> None:
    """Rule CH3: 10 at 3.00, then 12 at 3.50: two more at 3.25, and half a euro more for 11."""
    before = Charged(Decimal(30), Decimal(99), Decimal(10), "r")
    now = Charged(Decimal(42), Decimal(77), Decimal(12), "r")
    assert _named(parts_of_change(before, now, scale=2)) == {
        "volume": Decimal("6.50"), "rate": Decimal("5.50"),
    }  # fmt: skip


def test_new_gone_and_direct() -> None:
    """Rules CH2 and CH4."""
    side = Charged(Decimal(5), Decimal(10))
    assert _named(parts_of_change(None, side, scale=2)) == {"new": 5}
    assert _named(parts_of_change(side, None, scale=2)) == {"gone": -5}
    assert _named(parts_of_change(replace(side, amount=Decimal(0)), side, scale=2)) == {"new": 5}
    assert _named(parts_of_change(side, replace(side, amount=Decimal(7)), scale=2)) == {"price": 2}
    assert parts_of_change(None, None, scale=2) == Parts()


def test_the_first_part_is_cut_half_away_from_zero_and_the_second_takes_the_rest() -> None:
    """Rule CH5, with thirds: 1/3 of a cost that grows by one unit."""
    before = Charged(Decimal("0.33"), Decimal("0.99"), None, "r")
    now = Charged(Decimal("0.34"), Decimal("1.00"), None, "r")
    mean = (Fraction(33, 99) + Fraction(34, 100)) / 2
    assert Fraction(1, 200) > mean / 100  # less than half a cent
    assert _named(parts_of_change(before, now, scale=2)) == {"driver": Decimal("0.01")}


def _named(parts: Parts) -> dict[str, Decimal]:
    return {kind: getattr(parts, kind) for kind in KINDS if getattr(parts, kind)}
