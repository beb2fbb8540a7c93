"""Columns of amounts in a number style: whole columns at once where they are written evenly."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.amounts import read_amounts
from bursar.connect.cells.cell import CellReader, Cells, Reason
from bursar.connect.cells.styled import (
    COMMA,
    EMPTY_WORDS,
    GROUPING,
    SPACE,
    SYMBOLS,
    core_pattern,
    decimal_mark,
    plain,
    take_apart,
)
from bursar.core.money.amount import AmountError, parse_amount
from bursar.core.money.currency import is_currency
from bursar.core.tables.table import LEDGER

CURRENCY_CONFLICT = "import.currency_conflict"
_EMPTY = pa.array(sorted(EMPTY_WORDS), pa.string())
_CODES = {
    "amount.too_large": "import.amount_too_large",
    "amount.too_fine": "import.amount_too_precise",
}


def styled_reader(style: str, currency: str | None) -> CellReader:
    """Reads amounts of one style; other styles are refused, never turned into this one.

    A currency sign in a cell must be one of the currency's, where that is the same for all rows.
    """
    even = rf"^[+-]?{core_pattern(style)}$"

    def read(column: pa.Array) -> Cells:
        if not pa.types.is_string(column.type):
            return read_amounts(column)
        texts = pc.utf8_trim_whitespace(column)
        lowered = pc.utf8_lower(texts)
        texts = pc.if_else(pc.is_in(lowered, _EMPTY), pa.scalar(None, pa.string()), texts)
        is_even = pc.fill_null(pc.match_substring_regex(texts, even), True)
        odd = pc.indices_nonzero(pc.invert(is_even)).to_pylist()
        evenly = pc.if_else(is_even, texts, pa.scalar(None, pa.string())) if odd else texts
        cells = read_amounts(_as_plain(evenly, style))
        if odd:
            cells.values = _with_odd(cells, texts, odd, style, currency)
        return cells

    return read


def _as_plain(texts: pa.Array, style: str) -> pa.Array:
    bare = pc.replace_substring_regex(texts, GROUPING[style], "")
    if style in (COMMA, SPACE):
        bare = pc.replace_substring_regex(bare, decimal_mark(style), ".")
    return bare


def _with_odd(
    cells: Cells, texts: pa.Array, odd: list[int], style: str, currency: str | None
) -> pa.Array:
    """The same values with those that are written with brackets, signs and the like."""
    found: list[Decimal | None] = []
    for row, text in zip(odd, texts.take(pa.array(odd, pa.int64())).to_pylist(), strict=True):
        value = read_one(text, style, currency)
        if isinstance(value, Reason):
            cells.bad[row] = value
        found.append(None if isinstance(value, Reason) else value)
    mask = pc.is_in(pa.array(range(len(texts)), pa.int64()), pa.array(odd, pa.int64()))
    return pc.replace_with_mask(cells.values, mask, pa.array(found, LEDGER))


def read_one(text: str, style: str, currency: str | None) -> Decimal | Reason:
    """One amount, exactly, or why it is none."""
    shown = text[:40]
    number = take_apart(text)
    if number is None:
        return Reason("import.amount_not_a_number", f"'{shown}' is no amount; correct it")
    if style not in number.styles:
        said = f"'{shown}' is not written as {style}; correct it, or choose another number style"
        return Reason("import.amount_separators", said)
    if "percent" in number.marks:
        return Reason("import.amount_not_a_number", f"'{shown}' is a share, not an amount of money")
    if currency and number.sign and not _fits(number.sign, currency):
        said = f"'{shown}' has the sign of another currency than {currency}; add a currency column"
        return Reason(CURRENCY_CONFLICT, said)
    try:
        return parse_amount(plain(number, style))
    except AmountError as error:
        return Reason(_CODES.get(error.code, "import.amount_not_a_number"), error.message)


def _fits(sign: str, currency: str) -> bool:
    return sign == currency if is_currency(sign) else currency in SYMBOLS.get(sign, (currency,))
