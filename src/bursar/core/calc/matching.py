"""Tests on the columns of a table, looked up on the few distinct values of each (rules C2-C4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bursar.core.refusal import Refused

Value = str | Decimal | date
Rows = npt.NDArray[np.intp]

SEPARATOR = " / "
"""Between a pool and its sub-pool, a tower and its sub-tower."""

_WITH_PARTS = frozenset({"cost_pool", "tower"})


class UnknownColumnError(Refused):
    """A rule reads a column that the table at hand does not have."""

    code = "classify.unknown_column"


@dataclass(frozen=True)
class Test:
    """One condition: the column's value compared with any of the values; `negated` turns it.

    Operators: equals, starts_with, ends_with, contains, matches, above, below, from, before,
    missing.
    """

    __test__: ClassVar[bool] = False  # its name would make pytest collect it

    column: str
    operator: str
    values: tuple[Value, ...] = ()
    negated: bool = False


class Matcher:
    """Finds the rows of one table for which tests hold; each column is encoded once."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._encoded: dict[str, tuple[npt.NDArray[Any], list[Any]]] = {}
        self._answers: dict[Test, npt.NDArray[np.bool_]] = {}
        self._by_value: dict[str, _ByValue] = {}

    def rows(self, tests: Sequence[Test], among: Rows | None = None) -> Rows:
        """Row numbers, ascending, for which every test holds; `among` narrows the search."""
        found = among
        for test in tests:
            codes, _ = self.encoded(test.column)
            answer = self._answer(test)
            if not answer.any():
                return np.zeros(0, np.intp)
            found = (
                self._holding(test.column, answer)
                if found is None
                else (found[answer[codes[found]]])
            )
        return np.arange(self._table.num_rows, dtype=np.intp) if found is None else found

    def _holding(self, column: str, answer: npt.NDArray[np.bool_]) -> Rows:
        """What a rule costs grows with the rows that it takes, not with all rows."""
        codes, values = self.encoded(column)
        if column not in self._by_value:
            self._by_value[column] = _ByValue.of(codes, len(values))
        return self._by_value[column].rows(np.flatnonzero(answer))

    def encoded(self, column: str) -> tuple[npt.NDArray[Any], list[Any]]:
        """The column as numbers into its distinct values; the last value is null."""
        if column not in self._encoded:
            if column not in self._table.column_names:
                raise UnknownColumnError(
                    f"a rule reads the column '{column}', which is not among "
                    f"{', '.join(self._table.column_names)}; promote it, or classify the lines"
                )
            array = self._table.column(column).combine_chunks()
            if not pa.types.is_dictionary(array.type):
                array = array.dictionary_encode()
            values = [*array.dictionary.to_pylist(), None]
            codes = array.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)
            self._encoded[column] = codes, values
        return self._encoded[column]

    def _answer(self, test: Test) -> npt.NDArray[np.bool_]:
        if test not in self._answers:
            _, values = self.encoded(test.column)
            if test.operator == "matches":
                found = _matching(values, test.values)
            else:
                holds = _question(test)
                found = np.array([holds(_comparable(value)) for value in values], bool)
            self._answers[test] = found != test.negated
        return self._answers[test]


def pattern_problem(pattern: str) -> str | None:
    """What is wrong with a regular expression; none where it can be used.

    Patterns come from people and are tried on text that came from others, so the engine is one
    whose time grows with the text alone, whatever the pattern (RE2; it has no look-around and
    no back-references).
    """
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as failure:
        return str(failure).removeprefix("Invalid regular expression: ")
    return None


def _matching(values: list[Any], patterns: Sequence[Value]) -> npt.NDArray[np.bool_]:
    """Which values one of the patterns is found in; null is not among them."""
    texts = pa.array([None if value is None else str(value) for value in values], pa.string())
    found = np.zeros(len(values), bool)
    for pattern in patterns:
        hits = pc.match_substring_regex(texts, str(pattern))
        found |= hits.fill_null(False).to_numpy(zero_copy_only=False)
    return found


@dataclass(frozen=True)
class _ByValue:
    """The rows of each value: value v owns `order[offsets[v]:offsets[v + 1]]`, ascending."""

    order: Rows
    offsets: npt.NDArray[np.int64]

    @classmethod
    def of(cls, codes: npt.NDArray[Any], values: int) -> _ByValue:
        offsets = np.zeros(values + 1, np.int64)
        np.cumsum(np.bincount(codes, minlength=values), out=offsets[1:])
        # Stable sorting of 16-bit numbers takes a time linear in the rows.
        small = codes.astype(np.uint16) if values <= 1 << 16 else codes
        return cls(np.argsort(small, kind="stable"), offsets)

    def rows(self, values: npt.NDArray[np.intp]) -> Rows:
        pieces = [self.order[self.offsets[v] : self.offsets[v + 1]] for v in values.tolist()]
        return pieces[0] if len(pieces) == 1 else np.sort(np.concatenate(pieces), kind="stable")


def _comparable(value: Any) -> Any:
    """Instants are compared by their day, as rules state days."""
    return value.date() if isinstance(value, datetime) else value


def _question(test: Test) -> Callable[[Any], bool]:
    """The test as a question to one value; what is null answers no, except to `missing`."""
    if test.operator == "missing":
        return lambda value: value is None or value == ""
    if test.operator == "equals":
        return _equals(test)
    compare = _COMPARISONS.get(test.operator)
    if compare is None:
        raise ValueError(f"'{test.operator}' is no operator of a rule")
    return lambda value: value is not None and any(compare(value, v) for v in test.values)


def _equals(test: Test) -> Callable[[Any], bool]:
    wanted = frozenset(test.values)
    if test.column not in _WITH_PARTS:
        return lambda value: value in wanted
    # A bare pool or tower stands for all its parts.
    return lambda value: (
        value is not None and (value in wanted or value.partition(SEPARATOR)[0] in wanted)
    )


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "starts_with": lambda value, given: str(value).startswith(given),
    "ends_with": lambda value, given: str(value).endswith(given),
    "contains": lambda value, given: given in str(value),
    "above": lambda value, given: bool(value > given),
    "below": lambda value, given: bool(value < given),
    "from": lambda value, given: bool(value >= given),
    "before": lambda value, given: bool(value < given),
}
