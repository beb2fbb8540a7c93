"""Sums counted on the way into a file keep every digit."""

from __future__ import annotations

import random
from decimal import Decimal

import pyarrow as pa
import pytest

from bursar.core.money.amount import exact_sum as one_by_one
from bursar.core.tables.table import LEDGER
from bursar.lake.sums import exact_sum, sums_by_currency


@pytest.mark.parametrize("digits", [1, 9, 10, 19, 20, 37, 38])
def test_every_size_sign_and_gap(digits: int) -> None:
    chance = random.Random(digits)
    most = 10**digits - 1
    values = [
        None if chance.random() < 0.1 else Decimal(f"{chance.randint(-most, most)}e-24")
        for _ in range(500)
    ]
    amounts = pa.array(values, LEDGER)
    for start in (0, 1, 77):
        stated = [value for value in values[start:] if value is not None]
        assert exact_sum(amounts.slice(start)) == one_by_one(stated)


def test_nothing_stated_is_no_zero() -> None:
    assert exact_sum(pa.nulls(3, LEDGER)) is None
    assert exact_sum(pa.array([], LEDGER)) is None
    assert exact_sum(pa.array([Decimal("-0.5"), Decimal("0.5")], LEDGER)) == 0


def test_each_currency_for_itself() -> None:
    currencies = pa.array(["EUR", "USD", "EUR"]).dictionary_encode()
    billed = pa.array([Decimal(1), Decimal(2), Decimal("0.1")], LEDGER)
    booked = pa.array([None, Decimal(7), None], LEDGER)
    assert sums_by_currency(currencies, {"billed": billed, "booked": booked}) == {
        "EUR": {"billed": Decimal("1.1"), "booked": None},
        "USD": {"billed": Decimal(2), "booked": Decimal(7)},
    }
