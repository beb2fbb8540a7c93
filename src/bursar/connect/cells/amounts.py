"""Amounts, exactly: a whole column in one strict cast, and cell by cell only where that fails."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.cell import NULL_WORDS, Cells, Reason
from bursar.core.money.amount import AmountError, parse_amount
from bursar.core.tables.table import LEDGER

FLOAT_MONEY = "import.float_money"

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
    """Exact decimals; the cast refuses whatever it cannot hold, so it never rounds (rule I20)."""
    kind = column.type
    if pa.types.is_floating(kind):
        return _read_floats(column)
    try:
        return Cells(pc.cast(column, LEDGER))
    except pa.ArrowInvalid:
        if pa.types.is_string(kind):
            return _read_texts(column)
        return read_amounts(pc.cast(column, pa.string()))


def _read_floats(column: pa.Array) -> Cells:
    """The shortest decimal that names the same float: what a person would have written."""
    cells = read_amounts(pc.cast(column, pa.string()))
    cells.noticed[FLOAT_MONEY] = len(column) - column.null_count
    return cells


def _read_texts(column: pa.Array) -> Cells:
    trimmed = pc.utf8_trim_whitespace(column)
    values: list[Decimal | None] = []
    bad: dict[int, Reason] = {}
    for row, text in enumerate(trimmed.to_pylist()):
        value = None
        if text is not None and text.lower() not in NULL_WORDS:
            try:
                value = parse_amount(text)
            except AmountError as error:
                code = _CODES.get(error.code, "import.amount_not_a_number")
                bad[row] = Reason(code, error.message)
        values.append(value)
    return Cells(pa.array(values, LEDGER), bad)
