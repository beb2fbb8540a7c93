"""Amounts as whole units: rule M11 of docs/spec/money.md."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.core.money.amount import exact_sum
from bursar.core.money.units import (
    column_of_integers,
    column_of_units,
    cut_to_units,
    from_units,
    integers_of,
    scale_of,
    scale_of_column,
    to_units,
    units_of_column,
)
from bursar.core.tables.table import LEDGER

ledger_amounts = st.decimals(min_value=-(10**14) + 1, max_value=10**14 - 1, places=24)
places = st.integers(0, 24)
rounder_amounts = st.tuples(ledger_amounts, places).map(lambda t: t[0].quantize(Decimal(1)) / 10)


@given(ledger_amounts)
def test_m11_units_at_the_own_scale_lose_nothing(amount):
    scale = scale_of([amount])
    assert from_units(to_units(amount, scale), scale) == amount
    if scale:
        with pytest.raises(ValueError, match="no whole number of units"):
            to_units(amount, scale - 1)


@given(ledger_amounts, places)
def test_m11_a_coarser_scale_gives_the_rest_back(amount, scale):
    units, rest = cut_to_units(amount, scale)
    assert exact_sum([from_units(units, scale), rest]) == amount
    assert abs(rest) < Decimal(1).scaleb(-scale)
    assert rest == 0 or (rest > 0) == (amount > 0)


@given(st.lists(st.one_of(ledger_amounts, rounder_amounts, st.none()), max_size=20))
def test_m11_columns_agree_with_single_amounts(amounts):
    column = pa.array(amounts, LEDGER)
    present = [amount for amount in amounts if amount is not None]
    scale = scale_of_column(column)
    assert scale == scale_of(present)
    units = units_of_column(column, scale)
    assert units.to_pylist() == [None if a is None else to_units(a, scale) for a in amounts]
    assert column_of_units(units, scale, places=24).to_pylist() == amounts


def test_m11_a_column_finer_than_its_scale_is_an_error():
    with pytest.raises(pa.ArrowInvalid):
        units_of_column(pa.array([Decimal("1.25")], LEDGER), 1)


def test_m11_a_slice_and_a_chunked_column_keep_their_own_rows():
    column = pa.chunked_array([pa.array([Decimal(1), Decimal("2.5")], LEDGER)] * 2).slice(1, 2)
    assert units_of_column(column, 1).to_pylist() == [25, 10]
    sliced = pa.array([Decimal(1), Decimal("2.5"), Decimal(3)], LEDGER).slice(1)
    assert units_of_column(sliced, 1).to_pylist() == [25, 30]


integers = st.integers(-(10**38) + 1, 10**38 - 1)
int64s = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(int64s) | st.lists(integers))
def test_m11_whole_units_of_any_size_pass_through_arrays(numbers):
    column = pa.array(numbers, pa.decimal128(38, 0))
    found = integers_of(column)
    assert found.tolist() == numbers
    assert column_of_integers(found).equals(column)
    assert column_of_integers(np.array(numbers, dtype=object)).equals(column)
    assert integers_of(column.slice(1)).tolist() == numbers[1:]


def test_m11_what_does_not_fit_a_column_is_an_error():
    with pytest.raises(ValueError, match="coarser scale"):
        column_of_integers(np.array([10**38], dtype=object))
    with pytest.raises(ValueError, match="no empty cells"):
        integers_of(pa.array([None], pa.decimal128(38, 0)))
