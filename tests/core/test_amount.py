"""Reading and writing amounts: rules M1-M4 of docs/spec/money.md."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.core.money.amount import AmountError, exact_sum, exact_text, parse_amount, places_of

ledger_amounts = st.decimals(
    min_value=Decimal(-(10**14) + 1), max_value=Decimal(10**14 - 1), places=24
)


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("7.11225253807", "7.11225253807"),
        (" -12.50 ", "-12.5"),
        ("+3", "3"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1.5E-3", "0.0015"),
        ("2e3", "2000"),
        ("-0.00", "0"),
        ("0E-400", "0"),
        ("0000000000000000000000001.10000000000000000000000000000000", "1.1"),
        ("99999999999999.999999999999999999999999", "99999999999999.999999999999999999999999"),
        ("1E-24", "0.000000000000000000000001"),
    ],
)
def test_m3_plain_amounts_are_read_exactly(text, exact):
    assert exact_text(parse_amount(text)) == exact


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "amount.empty"),
        ("   ", "amount.empty"),
        ("1,234.50", "amount.grouped"),
        ("1,234", "amount.grouped"),
        ("1.234,50", "amount.decimal_comma"),
        ("3,5", "amount.decimal_comma"),
        ("1 234,50", "amount.decimal_comma"),
        ("(5.00)", "amount.bracketed"),
        ("NaN", "amount.not_finite"),
        ("-Infinity", "amount.not_finite"),
        ("1_000", "amount.not_a_number"),
        ("€5", "amount.not_a_number"),
        ("٣", "amount.not_a_number"),
        ("--5", "amount.not_a_number"),
        (".", "amount.not_a_number"),
        ("1E9999999999", "amount.not_a_number"),
        ("1" * 40, "amount.too_large"),
        ("1" * 100_000, "amount.not_a_number"),
        ("100000000000000", "amount.too_large"),
        ("1E999999", "amount.too_large"),
        ("0.0000000000000000000000001", "amount.too_fine"),
        ("1E-999999", "amount.too_fine"),
    ],
)
def test_m3_everything_else_is_refused_with_its_reason(text, code):
    with pytest.raises(AmountError) as refusal:
        parse_amount(text)
    assert refusal.value.code == code
    assert len(refusal.value.message) < 250


@given(ledger_amounts)
def test_m4_written_text_reads_back_to_the_same_amount(amount):
    text = exact_text(amount)
    assert parse_amount(text) == amount
    assert "E" not in text
    assert text == "0" or not (text.startswith("-0") and set(text) <= set("-0."))


def test_places_count_what_counts():
    assert [places_of(Decimal(t)) for t in ("1.500", "100", "1E+5", "0.000", "1E-7")] == [
        1, 0, 0, 0, 7,
    ]  # fmt: skip
    with pytest.raises(AmountError):
        places_of(Decimal("NaN"))


@given(st.lists(ledger_amounts, max_size=30))
def test_m1_sums_never_round(amounts):
    with localcontext(prec=200):
        expected = sum(amounts, Decimal(0))
    assert exact_sum(amounts) == expected
