"""Property: whatever fits the ledger is read to the last digit; whatever does not is rejected.

Rules I20 and I22 of docs/spec/import.md.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.connect.samples import texts

from bursar.connect.cells.amounts import read_amounts
from bursar.core.money.amount import AmountError, exact_text, parse_amount

UNITS = st.integers(min_value=-(10**38) + 1, max_value=10**38 - 1)


def as_amount(units: int) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        return Decimal(units).scaleb(-24)


def spellings(amount: Decimal) -> list[str]:
    sign, digits, exponent = amount.as_tuple()
    whole = "".join(map(str, digits))
    shifted = f"{'-' if sign else ''}{whole}E{exponent}"
    return [format(amount, "f"), exact_text(amount), f"{amount:E}", f"{amount:e}", shifted]


@settings(max_examples=400, deadline=None)
@given(UNITS, st.integers(min_value=0, max_value=24))
def test_every_amount_of_the_ledger_is_read_exactly(units: int, cut: int) -> None:
    amount = as_amount(units // 10**cut)
    written = spellings(amount)
    cells = read_amounts(texts(*written))
    assert cells.bad == {}
    assert [value.as_py() for value in cells.values] == [amount] * len(written)


@settings(max_examples=300, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_quick_and_careful_reading_agree(amount: Decimal) -> None:
    text = str(amount)
    try:
        expected: Decimal | None = parse_amount(text)
    except AmountError:
        expected = None
    quick = read_amounts(texts(text))
    careful = read_amounts(texts(text, " 1 ", "not a number"))
    assert quick.values[0].as_py() == careful.values[0].as_py() == expected
    assert (0 in quick.bad) == (0 in careful.bad) == (expected is None)


@settings(max_examples=600, deadline=None)
@given(
    st.from_regex(r"[+-]?[0-9]{0,16}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
    | st.text(alphabet="0123456789+-.eE ,()_xNa", max_size=12)
)
def test_a_column_takes_what_the_rules_take(text: str) -> None:
    try:
        expected: Decimal | None = parse_amount(text)
    except AmountError:
        expected = None
    assert read_amounts(texts(text)).values[0].as_py() == expected


@pytest.mark.parametrize("text", ["340282366920939", "3.40282366920939E14", "1e-240", "9e-99"])
def test_what_a_cast_would_get_wrong(text: str) -> None:
    assert read_amounts(texts(text)).bad[0].code in {
        "import.amount_too_large",
        "import.amount_too_precise",
    }


@pytest.mark.parametrize("kind", [pa.decimal128(38, 0), pa.decimal128(38, 5), pa.decimal256(70, 9)])
def test_large_decimals_of_parquet_do_not_wrap(kind: pa.DataType) -> None:
    cells = read_amounts(pa.array([Decimal(340282366920939), Decimal(5), None], kind))
    assert cells.bad[0].code == "import.amount_too_large"
    assert [value.as_py() for value in cells.values] == [None, Decimal(5), None]


@settings(max_examples=300, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e13, max_value=1e13))
def test_floats_are_their_shortest_decimals(number: float) -> None:
    cells = read_amounts(pa.array([number]))
    expected = Decimal(repr(number))
    value = cells.values[0].as_py()
    assert value == expected if value is not None else cells.bad[0].code.endswith("too_precise")
