"""Amounts, exactly: a whole column in one strict cast, and cell by cell only where that fails.

Arrow's cast from text refuses what is no number and what would lose a digit, with two exceptions
that were found by property tests: amounts from 3.4e14 may wrap around, and large negative
exponents may become zero, both silently. So a column is cast only when every value has a form in
which neither can happen; any other column is read cell by cell. Few signs without any exponent are
such a form whatever they are, and that is seen without looking at one value after the other.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.cell import NULL_WORDS, Cells, Reason
from bursar.core.money.amount import AmountError, parse_amount
from bursar.core.tables.table import LEDGER

FLOAT_MONEY = "import.float_money"

_PLAIN = r"\d{0,14}(?:\.\d{0,38})?"
_SMALL = r"\d{0,14}(?:\.\d{0,24})?[eE]-[0-2]?\d"
_LARGE = r"\d{1,5}(?:\.\d{0,24})?[eE]\+?0?[0-8]"
_SAFE_TO_CAST = rf"^[+-]?(?:{_PLAIN}|{_SMALL}|{_LARGE})$"
_LARGEST_WHOLE = 10**14
_FEW = 14
_FIRST_PLAIN, _LAST_PLAIN = ord("+"), ord("9")  # between them: digits, point, signs, and , and /

_CODES = {
    "amount.empty": "import.amount_missing",
    "amount.bracketed": "import.amount_brackets",
    "amount.grouped": "import.amount_separators",
    "amount.decimal_comma": "import.amount_separators",
    "amount.not_finite": "import.amount_not_a_number",
    "amount.not_a_number": "import.amount_not_a_number",
    "amount.too_large": "import.amount_too_large",
    "amount.too_fine": "import.amount_too_precise",
}


def read_amounts(column: pa.Array) -> Cells:
    """Exact decimals from text or numbers; what the ledger cannot hold is bad (rule I20)."""
    kind = column.type
    if pa.types.is_string(kind):
        return _read_texts(column)
    if pa.types.is_floating(kind):
        cells = _read_texts(pc.cast(column, pa.string()))
        cells.noticed[FLOAT_MONEY] = len(column) - column.null_count
        return cells
    if pa.types.is_decimal(kind) and _is_small(column):
        try:
            return Cells(pc.cast(column, LEDGER))
        except pa.ArrowInvalid:
            pass  # some value is finer than the ledger: find it
    return _read_texts(pc.cast(column, pa.string()))


def _is_small(column: pa.Array) -> bool:
    """Whether every amount is far enough below the point where the cast wraps around."""
    sizes = pc.abs(pc.cast(column, pa.float64()))  # only compared, never kept
    return bool(pc.all(pc.less(sizes, _LARGEST_WHOLE), min_count=0).as_py())


def _read_texts(column: pa.Array) -> Cells:
    quick = _cast_safely(column)
    if quick is None:
        column = pc.utf8_trim_whitespace(column)
        quick = _cast_safely(column)
    return _read_one_by_one(column) if quick is None else Cells(quick)


def _cast_safely(column: pa.Array) -> pa.Array | None:
    doubtful = _doubtful(column)
    if not pc.all(pc.match_substring_regex(doubtful, _SAFE_TO_CAST), min_count=0).as_py():
        return None
    try:
        return pc.cast(column, LEDGER)
    except pa.ArrowInvalid:
        return None  # some value is no number, or finer than the ledger


def _doubtful(column: pa.Array) -> pa.Array:
    """The texts whose form decides: where no text has an exponent, the long ones only."""
    if not len(column):
        return column
    _, places, text = column.buffers()
    ends = np.frombuffer(places, np.int32)[column.offset : column.offset + len(column) + 1]
    signs = np.frombuffer(text, np.uint8)[ends[0] : ends[-1]] if text else np.zeros(0, np.uint8)
    if len(signs) and (signs.min() < _FIRST_PLAIN or signs.max() > _LAST_PLAIN):
        return column
    long = np.diff(ends) > _FEW
    return column.filter(pa.array(long)) if long.any() else column.slice(0, 0)


def _read_one_by_one(column: pa.Array) -> Cells:
    values: list[Decimal | None] = []
    bad: dict[int, Reason] = {}
    for row, text in enumerate(column.to_pylist()):
        value = None
        if text is not None and text.lower() not in NULL_WORDS:
            try:
                value = parse_amount(text)
            except AmountError as error:
                code = _CODES.get(error.code, "import.amount_not_a_number")
                bad[row] = Reason(code, error.message)
        values.append(value)
    return Cells(pa.array(values, LEDGER), bad)
