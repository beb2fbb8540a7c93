"""Currencies and their minor units: rules M5 and M6 of docs/spec/money.md."""

import pytest
from babel.numbers import list_currencies

from bursar.core.money.currency import (
    CURRENCIES,
    WITHDRAWN,
    UnknownCurrency,
    is_currency,
    minor_digits,
)


@pytest.mark.parametrize(
    ("code", "digits"),
    [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("IQD", 3), ("CLF", 4), ("ISK", 0),
     ("HUF", 2), ("MGA", 2), ("UGX", 0), ("HRK", 2)],
)  # fmt: skip
def test_m6_minor_units_follow_the_standard(code, digits):
    assert minor_digits(code) == digits


@pytest.mark.parametrize("code", ["", "eur", "XAU", "XXX", "XTS", "XDR", "DEM", "EURO", "E"])
def test_m5_what_no_bill_carries_is_refused(code):
    assert not is_currency(code)
    with pytest.raises(UnknownCurrency, match="three capital letters") as refusal:
        minor_digits(code)
    assert refusal.value.code == "currency.unknown"


def test_m5_every_code_is_known_to_another_list():
    newer_than_that_list = {"XAD"}
    assert set(list_currencies()) >= CURRENCIES - newer_than_that_list
    assert WITHDRAWN < CURRENCIES
    assert len(CURRENCIES - WITHDRAWN) >= 165
