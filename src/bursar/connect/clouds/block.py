"""The fields of one block of a native bill, read once each as text, amounts, or moments."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.amounts import read_amounts
from bursar.connect.cells.cell import CellReader, Cells, Known, Reason, as_text, read_distinct
from bursar.connect.cells.moments import moment_reader, parse_moment
from bursar.connect.coding import CODED, is_text
from bursar.connect.layout import WORKING, Columns
from bursar.core.tables.table import LEDGER, MOMENT

FIELD = WORKING + "field."
TAG = WORKING + "tag."
VIEW = WORKING + "view"
QUANTITY_EMPTY = "import.quantity_left_empty"

_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_MONTH = re.compile(r"(\d{4})(\d{2})")


class Block:
    """One block: `field` is the mapping's own word, under which several columns may stand."""

    def __init__(self, columns: Columns, empty_words: frozenset[str]) -> None:
        self._columns = columns
        self._empty = empty_words
        self._texts: dict[str, pa.Array] = {}
        self._coded: dict[str, pa.Array] = {}
        self._amounts: dict[str, pa.Array] = {}
        self._moments: dict[str, pa.Array] = {}
        self._bad: dict[str, list[tuple[str, int, Reason]]] = {}
        self.count = columns.count

    def targets(self, field: str) -> list[str]:
        """Where the columns of this block that spell the field stand, in order of preference."""
        stem = f"{FIELD}{field}."
        return sorted(name for name in self._columns.values if name.startswith(stem))

    def tags(self) -> Mapping[str, pa.Array]:
        """Columns that each hold one tag, by the tag's key."""
        found = self._columns.values
        return {
            _capitals(name.removeprefix(TAG)): self._plain(found[name])
            for name in sorted(found)
            if name.startswith(TAG)
        }

    def view(self) -> pa.Array:
        """What the whole file shows: billed, effective, or both where it stands alone."""
        found = self._columns.values.get(VIEW)
        return pa.repeat("alone", self.count) if found is None else found.cast(pa.string())

    def text(self, field: str) -> pa.Array:
        """The field as text; the first of its columns that is filled."""
        if field not in self._texts:
            found = [self._plain(self._columns.values[name]) for name in self.targets(field)]
            self._texts[field] = _first_filled(found, self.count, pa.string())
        return self._texts[field]

    def true_where(self, field: str, test: Callable[[pa.Array], pa.Array]) -> pa.Array:
        """Rows whose text passes; each distinct text is tested once, an empty one never passes."""
        if field not in self._coded:
            self._coded[field] = pc.dictionary_encode(self.text(field))
        coded = self._coded[field]
        passed = test(pc.utf8_lower(pc.utf8_trim_whitespace(coded.dictionary)))
        return pc.fill_null(passed.take(coded.indices), False)

    def amounts(self, field: str, *, strict: bool = True) -> pa.Array:
        """The field as exact decimals; what is none rejects its row, or stays empty (rule I63)."""
        if field not in self._amounts:
            found, self._bad[field] = self._read(field, _read_amounts, LEDGER)
            self._amounts[field] = found
        bad = self._bad[field]
        if bad and strict:
            for target, row, reason in bad:
                self.reject(row, target, reason)
        elif bad:
            self.note(QUANTITY_EMPTY, field, len(bad))
            self._bad[field] = []
        return self._amounts[field]

    def moments(self, field: str) -> pa.Array:
        """The field as moments; what is none rejects its row."""
        if field not in self._moments:
            self._moments[field], bad = self._read(field, _moments, MOMENT)
            for target, row, reason in bad:
                self.reject(row, target, reason)
        return self._moments[field]

    def reject(self, row: int, target: str | None, reason: Reason) -> None:
        """The row cannot be a line; one reason per cell is enough."""
        if not any(bad[0] == row and bad[1] == target for bad in self._columns.bad):
            self._columns.bad.append((row, target, reason))

    def note(self, code: str, header: str, count: int) -> None:
        self._columns.noticed[code, header] += count

    def _plain(self, column: pa.Array) -> pa.Array:
        """The texts without codes; words that stand for nothing are nothing."""
        texts = as_text(column).values
        if texts.type == CODED:
            return self._plain(texts.dictionary).take(texts.indices)
        hollow = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(texts)), self._hollow())
        return pc.if_else(hollow, pa.scalar(None, pa.string()), texts)

    def _hollow(self) -> pa.Array:
        return pa.array(sorted({"", "null", *self._empty}), pa.string())

    def _read(
        self, field: str, reader: CellReader, kind: pa.DataType
    ) -> tuple[pa.Array, list[tuple[str, int, Reason]]]:
        """The field's values, and where a cell is none."""
        found, bad = [], []
        for target in self.targets(field):
            column = self._columns.values[target]
            cells = reader(self._plain(column) if is_text(column.type) else column)
            bad += [(target, row, reason) for row, reason in cells.bad.items()]
            for code, count in cells.noticed.items():
                self.note(code, field, count)
            found.append(cells.values)
        return _first_filled(found, self.count, kind), bad


def _capitals(tag: str) -> str:
    """A tag's key as the file has it; targets know no capitals."""
    return re.sub(r"\^(.)", lambda found: found[1].upper(), tag)


def _first_filled(found: list[pa.Array], count: int, kind: pa.DataType) -> pa.Array:
    if not found:
        return pa.nulls(count, kind)
    return found[0] if len(found) == 1 else pc.coalesce(*found)


def _read_amounts(column: pa.Array) -> Cells:
    """Each distinct text once where texts repeat, as most prices and zeros do."""
    if not pa.types.is_string(column.type):
        return read_amounts(column)
    coded = pc.dictionary_encode(column)
    if len(coded.dictionary) * 2 > len(column):
        return read_amounts(column)
    cells = read_amounts(coded.dictionary)
    bad = {}
    if cells.bad:
        for row, code in enumerate(coded.indices.to_pylist()):
            if code in cells.bad:
                bad[row] = cells.bad[code]
    return Cells(cells.values.take(coded.indices), bad, cells.noticed)


def _moments(column: pa.Array) -> Cells:
    """Dates as everywhere, and besides day.month.year and months as YYYYMM (rule I66)."""
    if not is_text(column.type):
        return moment_reader()(column)
    known: Known = {}
    cells, texts = read_distinct(column, _parse, type_=MOMENT, known=known)
    slashed = sum("/" in text for text in texts if text)
    if slashed:
        cells.noticed["import.month_first_dates"] = slashed
    return cells


@lru_cache(maxsize=200_000)
def _parse(text: str) -> datetime | Reason | None:
    bare = text.strip()
    try:
        if match := _DOTTED.fullmatch(bare):
            return datetime(int(match[3]), int(match[2]), int(match[1]), tzinfo=UTC)
        if match := _MONTH.fullmatch(bare):
            return datetime(int(match[1]), int(match[2]), 1, tzinfo=UTC)
    except ValueError:
        return Reason("import.date_invalid", f"'{bare}' does not exist in the calendar")
    return parse_moment(text)
