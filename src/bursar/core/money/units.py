"""Amounts as whole numbers of units of 10^-scale, one at a time and by the column (rule M11)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bursar.core.money.amount import EXACT, places_of

_DIGITS = 38
"""Digits that Arrow's decimal128 holds."""


def to_units(amount: Decimal, scale: int) -> int:
    """The amount as an exact number of units of 10^-scale; a `ValueError` where it is none."""
    whole, rest = cut_to_units(amount, scale)
    if rest:
        raise ValueError(f"{amount} is no whole number of units of 10^-{scale}")
    return whole


def cut_to_units(amount: Decimal, scale: int) -> tuple[int, Decimal]:
    """Whole units, cut towards zero, and the rest below one unit with the amount's own sign."""
    shifted = EXACT.scaleb(amount, scale)
    whole = int(shifted)
    return whole, EXACT.scaleb(EXACT.subtract(shifted, Decimal(whole)), -scale)


def from_units(units: int, scale: int) -> Decimal:
    """The amount of so many units of 10^-scale, written with `scale` digits after the point."""
    return EXACT.scaleb(Decimal(units), -scale)


def scale_of(amounts: Iterable[Decimal]) -> int:
    """The smallest scale at which every one of these amounts is a whole number of units."""
    return max((places_of(amount) for amount in amounts), default=0)


def scale_of_column(column: pa.Array | pa.ChunkedArray) -> int:
    """`scale_of` for a decimal column, without making a Python object per row."""
    low, high = _least_scale(column), column.type.scale
    if low < high and _fits(column, low):
        return low  # as nearly always: some amount is an odd number of its last place
    while low < high:
        middle = (low + high) // 2
        if _fits(column, middle):
            high = middle
        else:
            low = middle + 1
    return low


def units_of_column(column: pa.Array | pa.ChunkedArray, scale: int) -> pa.Array:
    """A decimal column as whole units of 10^-scale; `pa.ArrowInvalid` where a value is finer."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return _with_scale(array.cast(pa.decimal128(_DIGITS, scale)), 0)


def column_of_units(units: pa.Array | pa.ChunkedArray, scale: int, *, places: int) -> pa.Array:
    """Whole units of 10^-scale as amounts with `places` digits after the point."""
    array = units.combine_chunks() if isinstance(units, pa.ChunkedArray) else units
    return _with_scale(array, scale).cast(pa.decimal128(_DIGITS, places))


def integers_of(units: pa.Array | pa.ChunkedArray) -> npt.NDArray[Any]:
    """A column of whole units without nulls as int64, or as Python integers where one is wider."""
    array = units.combine_chunks() if isinstance(units, pa.ChunkedArray) else units
    array = array.cast(pa.decimal128(_DIGITS, 0))
    if array.null_count:
        raise ValueError("a column of units has no empty cells")
    if not len(array):
        return np.zeros(0, np.int64)
    words = np.frombuffer(array.buffers()[1], np.int64)[2 * array.offset :][: 2 * len(array)]
    low, high = words[0::2], words[1::2]
    if np.array_equal(high, low >> 63):
        return low.copy()
    wide: npt.NDArray[Any] = high.astype(object) * (1 << 64) + low.view(np.uint64).astype(object)
    return wide


def column_of_integers(integers: npt.NDArray[Any]) -> pa.Array:
    """The reverse of `integers_of`; an integer of more than 38 digits is a `ValueError`."""
    if integers.dtype != object:
        return pa.array(integers, pa.int64()).cast(pa.decimal128(_DIGITS, 0))
    if any(abs(number) >= 10**_DIGITS for number in integers.tolist()):
        raise ValueError("an amount has more than 38 digits; choose a coarser scale for the run")
    words = np.empty(2 * len(integers), np.uint64)
    words[0::2] = (integers & ((1 << 64) - 1)).astype(np.uint64)
    words[1::2] = ((integers >> 64) & ((1 << 64) - 1)).astype(np.uint64)
    buffers = [None, pa.py_buffer(words.tobytes())]
    return pa.Array.from_buffers(pa.decimal128(_DIGITS, 0), len(integers), buffers)


def _fits(column: pa.Array | pa.ChunkedArray, scale: int) -> bool:
    try:
        column.cast(pa.decimal128(_DIGITS, scale))
    except pa.ArrowInvalid:
        return False
    return True


def _least_scale(column: pa.Array | pa.ChunkedArray) -> int:
    """No coarser scale is possible: a multiple of 10^k is one of 2^k, which the bits show."""
    bits = 0
    for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
        if chunk.null_count:
            return 0
        words = np.frombuffer(chunk.buffers()[1], np.int64)
        low = words[2 * chunk.offset : 2 * (chunk.offset + len(chunk)) : 2]
        bits |= int(np.bitwise_or.reduce(low, initial=0))
    if bits == 0:
        return 0
    return max(0, int(column.type.scale) - ((bits & -bits).bit_length() - 1))


def _with_scale(array: pa.Array, scale: int) -> pa.Array:
    """The same whole numbers with the point elsewhere: the bytes stay as they are."""
    target = pa.decimal128(_DIGITS, scale)
    return pa.Array.from_buffers(
        target, len(array), array.buffers(), array.null_count, array.offset
    )
