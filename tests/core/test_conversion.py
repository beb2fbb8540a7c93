"""Converting by exact rates, against fractions: rules V1-V6 and V8 of docs/spec/currency.md."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.core.money.conversion import (
    MissingRate,
    Quote,
    RateBook,
    StaleRate,
    means,
    number_text,
    shown_amount,
)

FRIDAY = date(2026, 3, 6)
RATES = st.fractions(min_value=Fraction(1, 10_000), max_value=10_000, max_denominator=10_000)
AMOUNTS = st.decimals(-(10**9), 10**9, places=4)


def book(**rates: str | Fraction) -> RateBook:
    quotes = [Quote("EUR", code, Fraction(rate), FRIDAY) for code, rate in rates.items()]
    return RateBook(quotes, base="EUR")


def test_the_way_leads_through_the_base_and_states_its_quotes() -> None:
    """Rules V1, V2 and V3."""
    way = book(USD="1.25", CHF="0.9").way("USD", "CHF", FRIDAY)
    assert way.rate == Fraction("0.72")
    assert [(leg.source, leg.target) for leg in way.legs] == [("USD", "EUR"), ("EUR", "CHF")]
    first = way.legs[0].to_json()
    assert first["rate"] == "0.8"
    assert first["quoted"] == "1 EUR = 1.25 USD"
    assert first["date"] == "2026-03-06"


def test_a_quote_of_the_pair_goes_before_the_base() -> None:
    """Rule V3."""
    quotes = [
        Quote("EUR", "USD", Fraction(2), FRIDAY),
        Quote("EUR", "CHF", Fraction(1), FRIDAY),
        Quote("USD", "CHF", Fraction(3), FRIDAY),
    ]
    assert RateBook(quotes, base="EUR").way("USD", "CHF", FRIDAY).rate == 3
    assert RateBook(quotes, base="EUR").way("CHF", "USD", FRIDAY).rate == Fraction(1, 3)


def test_the_newer_of_both_directions_counts() -> None:
    """Rule V2."""
    quotes = [
        Quote("EUR", "USD", Fraction(2), FRIDAY - timedelta(days=1)),
        Quote("USD", "EUR", Fraction(4), FRIDAY),
    ]
    assert RateBook(quotes, base="EUR").way("EUR", "USD", FRIDAY).rate == Fraction(1, 4)


@pytest.mark.parametrize("days", [0, 1, 2, 5])
def test_the_last_rate_counts_for_five_days(days: int) -> None:
    """Rule V4."""
    way = book(USD="1.25").way("EUR", "USD", FRIDAY + timedelta(days=days))
    assert way.legs[0].quote.start == FRIDAY


def test_an_older_rate_is_refused_and_so_is_none() -> None:
    """Rules V4 and V5: HRK left, and its last rate does not live on."""
    known = book(USD="1.25", HRK="7.5")
    with pytest.raises(StaleRate, match=r"2026-03-06 and may be 5 days old") as stale:
        known.way("USD", "HRK", FRIDAY + timedelta(days=6))
    assert stale.value.code == "fx.stale_rate"
    with pytest.raises(MissingRate) as missing:
        known.way("USD", "GBP", FRIDAY)
    assert missing.value.code == "fx.missing_rate"
    with pytest.raises(MissingRate):
        known.way("EUR", "USD", FRIDAY - timedelta(days=1))


def test_a_currency_is_itself_without_any_rate() -> None:
    assert RateBook([], base="EUR").way("USD", "USD", FRIDAY).rate == 1


def test_a_rate_of_a_stretch_ends_with_it() -> None:
    """Rule V7."""
    year = Quote("EUR", "USD", Fraction(2), date(2026, 1, 1), date(2027, 1, 1))
    plan = RateBook([year], base="EUR")
    assert plan.way("EUR", "USD", date(2026, 12, 31)).rate == 2
    with pytest.raises(StaleRate, match="covers no day after 2026-12-31"):
        plan.way("EUR", "USD", date(2027, 1, 1))


def test_a_mean_is_exact_and_counts_its_days() -> None:
    """Rule V6."""
    quotes = [
        Quote("EUR", "USD", Fraction(rate), FRIDAY + timedelta(days=n))
        for n, rate in enumerate(("1.1", "1.2", "1.2"))
    ]
    (mean,) = means(quotes, FRIDAY, FRIDAY + timedelta(days=3))
    assert (mean.rate, mean.days) == (Fraction(7, 6), 3)
    assert means(quotes, date(2026, 4, 1), date(2026, 5, 1)) == []


@given(amount=AMOUNTS, usd=RATES, chf=RATES)
def test_there_and_back_is_where_it_began(amount: Decimal, usd: Fraction, chf: Fraction) -> None:
    """Rules V1 and V2: with rational rates a round trip loses nothing."""
    known = book(USD=usd, CHF=chf)
    there, back = known.way("USD", "CHF", FRIDAY), known.way("CHF", "USD", FRIDAY)
    assert Fraction(amount) * there.rate * back.rate == Fraction(amount)
    assert there.rate == chf / usd


@given(rate=RATES)
def test_the_rate_of_figures_is_within_half_a_digit(rate: Fraction) -> None:
    """Rule V10."""
    used = book(USD=rate).way("USD", "EUR", FRIDAY).figure_rate
    assert abs(Fraction(used) - 1 / rate) <= Fraction(1, 2 * 10**24)


def test_what_is_shown() -> None:
    """Rule V8."""
    assert str(shown_amount(Fraction("2.345"), "EUR")) == "2.35"
    assert str(shown_amount(Fraction("-2.345"), "JPY")) == "-2.35"
    assert str(shown_amount(Fraction("2.34567"), "KWD")) == "2.346"
    assert number_text(Fraction(1, 8)) == "0.125"
    assert number_text(Fraction(1, 3)) == "0." + "3" * 24
    assert number_text(Fraction(1, 2**40)) == f"{Decimal(1) / Decimal(2**40):f}"
