"""Exact sums of ledger amounts on their way into a file, without a row of Python for each."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bursar.core.money.amount import EXACT, LEDGER_PLACES

_HALF = 32
_LOW_HALF = np.uint64((1 << _HALF) - 1)
_UNIT = Decimal(1).scaleb(-LEDGER_PLACES)


def exact_sum(amounts: pa.Array) -> Decimal | None:
    """The sum of ledger decimals, with every digit; nothing where all are null.

    A decimal128 is an integer of two 64-bit words. Each half word is added up for itself in 64
    bits, which holds for two thousand million amounts, and Python puts the sums together.
    """
    if amounts.null_count == len(amounts):
        return None
    if amounts.null_count:
        amounts = amounts.drop_null()
    buffer = amounts.buffers()[1]
    words = np.frombuffer(buffer, "<u8")[2 * amounts.offset : 2 * (amounts.offset + len(amounts))]
    low, high = words[::2], words[1::2]
    total = (int((high.view("<i8") >> _HALF).sum()) << 3 * _HALF) + (
        (int((high & _LOW_HALF).sum()) << 2 * _HALF)
        + (int((low >> np.uint64(_HALF)).sum()) << _HALF)
        + int((low & _LOW_HALF).sum())
    )
    return EXACT.multiply(Decimal(total), _UNIT)


def sums_by_currency(
    currencies: pa.Array, amounts: dict[str, pa.Array]
) -> dict[str, dict[str, Decimal | None]]:
    """The exact sum of each of these columns per currency."""
    sums = {}
    for currency in pc.unique(currencies).to_pylist():
        of_currency = pc.equal(currencies, currency)
        alone = pc.all(of_currency).as_py()
        sums[currency] = {
            name: exact_sum(column if alone else column.filter(of_currency))
            for name, column in amounts.items()
        }
    return sums
