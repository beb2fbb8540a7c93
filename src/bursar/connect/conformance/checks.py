"""The check functions of the rule models, each a question to a whole block of rows at once.

An answer is true, false or null per row; null says that the function has nothing to look at there,
such as the form of an empty cell, and then the rule does not apply to the row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.amounts import read_amounts
from bursar.connect.cells.cell import as_text
from bursar.connect.cells.moments import parse_moment
from bursar.core.money.amount import EXACT
from bursar.core.money.currency import is_currency
from bursar.core.tables.table import LEDGER

Logic = Mapping[str, Any]

_NUMERIC = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"
_MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$"
_UNIT = re.compile(
    r"(?:\d[\d,.]* )?[A-Za-z%][A-Za-z0-9%. ]*(?:-[A-Z][A-Za-z]*)?(?:/(?:\d+ )?[A-Z][A-Za-z]*)?"
)


class Block:
    """Rows of a file under their FOCUS names; every answer is worked out once.

    `columns` are as the file has them: text, or typed where Parquet types them.
    """

    def __init__(self, columns: Mapping[str, pa.Array], count: int) -> None:
        self.count = count
        self._columns = columns
        self._texts: dict[str, pa.Array] = {}
        self._amounts: dict[str, pa.Array] = {}
        self._answers: dict[str, pa.Array] = {}

    def has(self, column: str) -> bool:
        return column in self._columns

    def kind(self, column: str) -> pa.DataType:
        return self._columns[column].type if self.has(column) else pa.string()

    def text(self, column: str) -> pa.Array:
        """The column as text; nulls where the file has none."""
        if column not in self._texts:
            found = self._columns.get(column)
            self._texts[column] = (
                pa.nulls(self.count, pa.string())
                if found is None
                else as_text(found).values.cast(pa.string())
            )
        return self._texts[column]

    def amount(self, column: str) -> pa.Array:
        """The column as exact decimals; null where a cell is none."""
        if column not in self._amounts:
            found = self._columns.get(column)
            numeric = found is not None and not _is_other(found.type)
            self._amounts[column] = (
                read_amounts(found).values if numeric else pa.nulls(self.count, LEDGER)
            )
        return self._amounts[column]

    def answer(self, logic: Logic) -> pa.Array:
        """True, false or null per row for a function with its arguments."""
        key = json.dumps(logic, sort_keys=True)
        if key not in self._answers:
            self._answers[key] = _FUNCTIONS[logic["CheckFunction"]](self, logic)
        return self._answers[key]

    def all(self, value: bool | None) -> pa.Array:
        return pa.repeat(pa.scalar(value, pa.bool_()), self.count)


def is_known(logic: Logic) -> bool:
    """Whether every function of this logic is one that is checked here."""
    parts = [*logic.get("Items", ()), *(part["Need"] for part in logic.get("Alternatives", ()))]
    return logic.get("CheckFunction") in _FUNCTIONS and all(map(is_known, parts))


def _is_other(kind: pa.DataType) -> bool:
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return not (numeric or pa.types.is_string(kind))


def _and(block: Block, logic: Logic) -> pa.Array:
    return _combined(block, logic, pc.and_kleene, empty=True)


def _or(block: Block, logic: Logic) -> pa.Array:
    found = _combined(block, logic, pc.or_kleene, empty=False)
    listed = _listed_column(logic["Items"])
    if listed is None:
        return found
    return pc.if_else(pc.is_valid(block.text(listed)), found, pa.scalar(None, pa.bool_()))


def _listed_column(items: list[Logic]) -> str | None:
    """The column whose allowed values these are: an empty cell is for the rule on nulls."""
    names = {item.get("ColumnName") for item in items}
    values = [item.get("Value") for item in items if item["CheckFunction"] == "CheckValue"]
    is_list = len(names) == 1 and len(values) == len(items) and None not in values
    return names.pop() if is_list else None


def _combined(
    block: Block, logic: Logic, combine: Callable[[pa.Array, pa.Array], pa.Array], *, empty: bool
) -> pa.Array:
    answers = [block.answer(item) for item in logic["Items"]]
    if not answers:
        return block.all(empty)
    found = answers[0]
    for answer in answers[1:]:
        found = combine(found, answer)
    return found


def _either(block: Block, logic: Logic) -> pa.Array:
    """Whether an alternative that applies holds; null where none applies."""
    applies, holds = block.all(False), block.all(False)
    for part in logic["Alternatives"]:
        when = block.answer(part["When"]) if part["When"] else block.all(True)
        applies = pc.or_kleene(applies, when)
        holds = pc.or_kleene(holds, pc.and_kleene(when, block.answer(part["Need"])))
    return pc.if_else(pc.fill_null(applies, False), holds, pa.scalar(None, pa.bool_()))


def _present(block: Block, logic: Logic) -> pa.Array:
    return block.all(block.has(logic["ColumnName"]))


def _value(block: Block, logic: Logic) -> pa.Array:
    text, wanted = block.text(logic["ColumnName"]), logic["Value"]
    if wanted is None:
        return pc.is_null(text)
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        number = pa.scalar(Decimal(str(wanted)), LEDGER)
        return pc.fill_null(pc.equal(block.amount(logic["ColumnName"]), number), False)
    return pc.fill_null(pc.equal(text, str(wanted)), False)


def _not_value(block: Block, logic: Logic) -> pa.Array:
    return pc.invert(_value(block, logic))


def _same(block: Block, logic: Logic) -> pa.Array:
    return pc.equal(block.text(logic["ColumnAName"]), block.text(logic["ColumnBName"]))


def _not_same(block: Block, logic: Logic) -> pa.Array:
    return pc.invert(_same(block, logic))


def _at_least(block: Block, logic: Logic) -> pa.Array:
    least = pa.scalar(Decimal(str(logic["Value"])), LEDGER)
    return pc.greater_equal(block.amount(logic["ColumnName"]), least)


def _product(block: Block, logic: Logic) -> pa.Array:
    """Whether A times B is the result, as finely as the result is written."""
    columns = (logic["ColumnAName"], logic["ColumnBName"])
    factors = [block.amount(name).to_pylist() for name in columns]
    results = block.text(logic["ResultColumnName"]).to_pylist()
    exact = block.amount(logic["ResultColumnName"]).to_pylist()
    answers = [
        None if None in (a, b, amount) else _matches(a, b, amount, text)
        for a, b, amount, text in zip(*factors, exact, results, strict=True)
    ]
    return pa.array(answers, pa.bool_())


def _matches(a: Decimal, b: Decimal, result: Decimal, written: str) -> bool:
    off = abs(EXACT.subtract(EXACT.multiply(a, b), result))
    return off <= Decimal(1).scaleb(_exponent(written))


def _exponent(written: str) -> int:
    """The last place that the text states: -2 for 1.20, -8 for 1.5E-7."""
    exponent = Decimal(written.strip()).as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _matching(pattern: str) -> Callable[[Block, Logic], pa.Array]:
    def check(block: Block, logic: Logic) -> pa.Array:
        return pc.match_substring_regex(block.text(logic["ColumnName"]), pattern)

    return check


def _type_text(block: Block, logic: Logic) -> pa.Array:
    is_text = pa.types.is_string(block.kind(logic["ColumnName"]))
    return _where_filled(block, logic, is_text)


def _type_decimal(block: Block, logic: Logic) -> pa.Array:
    kind = block.kind(logic["ColumnName"])
    if pa.types.is_string(kind) or pa.types.is_null(kind):
        return _matching(_NUMERIC)(block, logic)
    return _where_filled(block, logic, not _is_other(kind))


def _type_moment(block: Block, logic: Logic) -> pa.Array:
    kind = block.kind(logic["ColumnName"])
    if pa.types.is_timestamp(kind):
        return _where_filled(block, logic, True)
    return _by_text(lambda text: not isinstance(parse_moment(text), tuple))(block, logic)


def _format_moment(block: Block, logic: Logic) -> pa.Array:
    if pa.types.is_timestamp(block.kind(logic["ColumnName"])):
        return _where_filled(block, logic, True)
    return _matching(_MOMENT)(block, logic)


def _where_filled(block: Block, logic: Logic, answer: bool) -> pa.Array:
    filled = pc.is_valid(block.text(logic["ColumnName"]))
    return pc.if_else(filled, pa.scalar(answer), pa.scalar(None, pa.bool_()))


def _by_text(holds: Callable[[str], bool]) -> Callable[[Block, Logic], pa.Array]:
    """Asks once per distinct text."""

    def check(block: Block, logic: Logic) -> pa.Array:
        coded = pc.dictionary_encode(block.text(logic["ColumnName"]))
        known = pa.array([holds(text) for text in coded.dictionary.to_pylist()], pa.bool_())
        return known.take(coded.indices)

    return check


def _is_key_value(text: str) -> bool:
    content = _parsed(text)
    plain = (str, int, float, bool, type(None))
    return isinstance(content, dict) and all(isinstance(v, plain) for v in content.values())


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is_unit(text: str) -> bool:
    return _UNIT.fullmatch(text) is not None


def _is_currency_name(text: str) -> bool:
    """A code of ISO 4217, or the name of a virtual currency, which is free."""
    return bool(text.strip()) and text == text.strip()


_FUNCTIONS: dict[str, Callable[[Block, Logic], pa.Array]] = {
    "AND": _and,
    "OR": _or,
    "EITHER": _either,
    "ColumnPresent": _present,
    "CheckValue": _value,
    "CheckNotValue": _not_value,
    "CheckSameValue": _same,
    "CheckNotSameValue": _not_same,
    "CheckGreaterOrEqualThanValue": _at_least,
    "CheckDecimalValue": _type_decimal,
    "ColumnByColumnEqualsColumnValue": _product,
    "TypeString": _type_text,
    "TypeDecimal": _type_decimal,
    "TypeDateTime": _type_moment,
    "FormatString": _type_text,
    "FormatNumeric": _type_decimal,
    "FormatDateTime": _format_moment,
    "FormatUnit": _by_text(_is_unit),
    "FormatKeyValue": _by_text(_is_key_value),
    "FormatObject": _by_text(lambda text: isinstance(_parsed(text), dict)),
    "FormatCurrency": _by_text(_is_currency_name),
    "CheckNationalCurrency": _by_text(is_currency),
}
