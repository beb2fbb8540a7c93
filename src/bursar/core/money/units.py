"""Amounts as whole numbers of units of 10^-scale, one at a time and by the column (rule M11)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

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
    low, high = 0, column.type.scale
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


def _fits(column: pa.Array | pa.ChunkedArray, scale: int) -> bool:
    try:
        column.cast(pa.decimal128(_DIGITS, scale))
    except pa.ArrowInvalid:
        return False
    return True


def _with_scale(array: pa.Array, scale: int) -> pa.Array:
    """The same whole numbers with the point elsewhere: the bytes stay as they are."""
    target = pa.decimal128(_DIGITS, scale)
    return pa.Array.from_buffers(
        target, len(array), array.buffers(), array.null_count, array.offset
    )
