"""Sums, differences and products of whole columns of amounts, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

import pyarrow as pa
import pyarrow.compute as pc

from bursar.core.money.amount import EXACT
from bursar.core.tables.table import LEDGER

_WIDE = pa.decimal256(60, 24)
_ZERO = pa.scalar(Decimal(0), _WIDE)
_FINEST = Decimal(1).scaleb(-24)
_ROUNDING = Context(prec=200, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
NOTHING = pa.scalar(None, LEDGER)


def added(columns: Sequence[pa.Array], signs: Sequence[int]) -> pa.Array:
    """The signed sum; an empty amount counts as nothing, and all empty stays empty."""
    total: pa.Array | None = None
    empty: pa.Array | None = None
    for column, sign in zip(columns, signs, strict=True):
        wide = pc.fill_null(pc.cast(column, _WIDE), _ZERO)
        if total is None:
            total = wide if sign > 0 else pc.cast(pc.negate(wide), _WIDE)
        else:
            total = pc.cast((pc.add if sign > 0 else pc.subtract)(total, wide), _WIDE)
        blank = pc.is_null(column)
        empty = blank if empty is None else pc.and_(empty, blank)
    return pc.if_else(empty, NOTHING, pc.cast(total, LEDGER))


def multiplied(left: pa.Array, right: pa.Array) -> tuple[pa.Array, int]:
    """The products, and how many of them had to be rounded at the 24th digit."""
    rounded = 0
    products: list[Decimal | None] = []
    known: dict[tuple[Decimal, Decimal], Decimal] = {}
    for one, other in zip(left.to_pylist(), right.to_pylist(), strict=True):
        if one is None or other is None:
            products.append(None)
            continue
        if (one, other) not in known:
            exact = EXACT.multiply(one, other)
            known[one, other] = fitting = exact.quantize(_FINEST, context=_ROUNDING)
            rounded += fitting != exact
        products.append(known[one, other])
    return pa.array(products, LEDGER), rounded
