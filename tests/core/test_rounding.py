"""Rounding that adds up: rules M7-M10 of docs/spec/money.md, and the vectors of an accountant."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.core.money.amount import exact_sum
from bursar.core.money.rounding import largest_remainder, round_half_up, spread

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=6)
documents = st.lists(amounts, min_size=1, max_size=40)


def shares(amount, weights):
    return [Fraction(amount) * Fraction(w) / sum(map(Fraction, weights)) for w in weights]


def texts(rounded):
    return [str(amount) for amount in rounded]


@pytest.mark.parametrize(
    ("amount", "weights", "expected"),
    [
        ("100.00", [1, 1, 1], "33.34 33.33 33.33"),
        ("0.05", [1, 1, 1], "0.02 0.02 0.01"),
        ("1000.00", [7, 11, 13], "225.81 354.84 419.35"),
        ("182.25", [98, 2], "178.61 3.64"),
        ("0.01", [95, 5], "0.01 0.00"),
        ("145.65", [50, 50], "72.83 72.82"),
        ("100.00", ["0.3333", "0.3333", "0.3334"], "33.33 33.33 33.34"),
        ("-100.00", [1, 1, 1], "-33.34 -33.33 -33.33"),
    ],
)
def test_m8_publication_vectors(amount, weights, expected):
    lines = shares(amount, weights)
    rounded = largest_remainder(lines, keys=[f"k{i}" for i in range(len(lines))], digits=2)
    assert texts(rounded) == expected.split()


def test_m8_whole_units_go_by_largest_remainder_not_by_position():
    lines = [Fraction(15) * share for share in (Fraction(4, 5), Fraction(2, 25), Fraction(3, 25))]
    assert largest_remainder(lines, keys=[1, 2, 3], digits=0) == [12, 1, 2]


def test_m8_ties_go_to_the_ascending_key_wherever_it_stands():
    lines = [Decimal("0.5"), Decimal("0.5"), Decimal("1")]
    assert largest_remainder(lines, keys=["b", "a", "c"], digits=0) == [0, 1, 1]


def test_m8_a_given_total_is_reached_even_from_afar():
    lines = [Decimal("1.2"), Decimal("0"), Decimal("2.3")]
    assert largest_remainder(lines, keys="abc", digits=0, total=Decimal(7)) == [3, 0, 4]
    assert largest_remainder(lines, keys="abc", digits=0, total=Decimal(1)) == [0, 0, 1]
    with pytest.raises(ValueError, match="every line is zero"):
        largest_remainder([Decimal(0)], keys="a", digits=0, total=Decimal(1))
    with pytest.raises(ValueError, match="more than 2 digits"):
        largest_remainder([Decimal(1)], keys="a", digits=2, total=Decimal("1.001"))
    with pytest.raises(ValueError, match="2 amounts came with 1 keys"):
        largest_remainder([Decimal(1), Decimal(2)], keys="a", digits=2)


@given(documents, st.integers(0, 4))
def test_m8_lines_add_up_and_stay_within_one_unit(lines, digits):
    rounded = largest_remainder(lines, keys=range(len(lines)), digits=digits)
    assert exact_sum(rounded) == round_half_up(exact_sum(lines), digits)
    unit = Fraction(1, 10**digits)
    assert all(abs(Fraction(r) - Fraction(x)) < unit for r, x in zip(rounded, lines, strict=True))
    assert all(not r for r, x in zip(rounded, lines, strict=True) if not x)


@given(documents, st.integers(0, 4))
def test_m9_a_credit_rounds_as_the_bill_did(lines, digits):
    keys = range(len(lines))
    bill = largest_remainder(lines, keys=keys, digits=digits)
    credit = largest_remainder([-line for line in lines], keys=keys, digits=digits)
    assert credit == [-amount for amount in bill]


@given(amounts, st.integers(0, 5))
def test_m7_one_amount_rounds_half_away_from_zero(amount, digits):
    expected = amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    assert round_half_up(amount, digits) == expected


@pytest.mark.parametrize(
    ("amount", "profile", "expected"),
    [
        ("400.00", [12, 30, 31, 30, 19], "39.34 98.36 101.64 98.36 62.30"),
        ("400.00", [1] * 5, "80.00 80.00 80.00 80.00 80.00"),
        ("100.00", [1, 1, 1], "33.33 33.34 33.33"),
        ("-100.00", [1, 1, 1], "-33.33 -33.34 -33.33"),
        ("0.01", [1, 1, 1], "0.00 0.01 0.00"),
    ],
)
def test_m10_running_totals_close_to_the_cent(amount, profile, expected):
    charged = spread(Decimal(amount), periods=len(profile), digits=2, profile=profile)
    assert texts(charged) == expected.split()


def test_m10_a_year_of_a_budget_has_no_missing_cents():
    year = spread(Decimal(100), periods=12, digits=2)
    assert sorted(texts(year)) == ["8.33"] * 8 + ["8.34"] * 4
    assert exact_sum(spread(Decimal(-50), periods=12, digits=2)) == Decimal(-50)


@given(amounts, st.lists(st.integers(0, 1000), min_size=1, max_size=60).filter(any))
def test_m10_periods_add_up_and_idle_periods_are_free(amount, profile):
    charged = spread(amount, periods=len(profile), digits=2, profile=profile)
    assert exact_sum(charged) == round_half_up(amount, 2)
    assert all(not c for c, w in zip(charged, profile, strict=True) if not w)


def test_m10_what_cannot_be_spread_is_refused():
    with pytest.raises(ValueError, match="at least one period"):
        spread(Decimal(1), periods=0, digits=2)
    with pytest.raises(ValueError, match="2 weights for 3 periods"):
        spread(Decimal(1), periods=3, digits=2, profile=[1, 2])
    with pytest.raises(ValueError, match="add up to zero"):
        spread(Decimal(1), periods=2, digits=2, profile=[0, 0])
