"""Rows of a file that are no lines: blank ones, totals, notes. Set aside with a reason, and listed.

Only what is certain is set aside. A row with a word for total must lack what every line has; a
row with nothing but an amount must be the sum of the rows above it, but for rounding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.cell import Reason
from bursar.connect.layout import Columns, Placed
from bursar.core.money.amount import EXACT, exact_text
from bursar.core.tables.table import LEDGER

BLANK, TOTAL, NOTE, REPEATED, NO_AMOUNT = (
    "import.blank_rows", "import.total_row", "import.note_row", "import.header_row",
    "import.empty_amount",
)  # fmt: skip
_TOTAL = re.compile(
    r"\W*(?:(?:grand|sub|sub-|overall|page|report|running)\s*)?totals?\b|\W*subtotals?\b"
    r"|\W*(?:gesamt|zwischen|end)?summen?\b|\W*gesamt\w*|\W*(?:sub)?total(?:es)?\s+general"
    r"|\W*suma\b|\W*(?:sous-)?tota(?:l|ux)\b|\W*somme\b|\W*saldo\b|\W*[uü]bertrag\b",
    re.IGNORECASE,
)
_ONLY_TOTAL = re.compile(rf"(?:{_TOTAL.pattern})[\w\s]{{0,12}}\W*", re.IGNORECASE)
_MOST_FILLED = 0.6
_ROUNDED = Decimal(1)  # totals are printed from figures that were rounded before

DATED = "=dated"
"""The column in which finishing notes whether the row itself has a date."""


class Sieve:
    """Judges the rows of one part, block by block; keeps the sums since the last total."""

    def __init__(
        self, placed: Sequence[Placed], *, totals: str, matrix: bool, names: Sequence[str]
    ) -> None:
        self._money = [item.header.name for item in placed if item.type == LEDGER]
        self._dated = not matrix and any(i.target in ("=posted", "=period") for i in placed)
        self._keep_totals = totals == "keep"
        self._matrix = matrix
        self._names = [name.strip().lower() for name in names]
        self._sum = Decimal(0)
        self._part = Decimal(0)
        self._usual = 0

    def sift(self, columns: Columns, table: pa.Table) -> dict[int, Reason]:
        """The rows that are no lines, each with its reason."""
        aside: dict[int, Reason] = {}
        filled = _filled(table)
        self._usual = max(self._usual, int(pc.approximate_median(filled).as_py() or 0))
        amounts = columns.get("=amount", LEDGER)
        doubtful = self._doubtful(columns, amounts, filled)
        passed = 0
        for row in doubtful:
            self._add(amounts, passed, row)
            passed = row
            reason = self._judge(row, columns, table, amounts, filled[row].as_py())
            if reason is not None:
                aside[row] = reason
                passed = row + 1
        self._add(amounts, passed, columns.count)
        return aside

    def _doubtful(self, columns: Columns, amounts: pa.Array, filled: pa.Array) -> list[int]:
        """Rows that lack something that lines have; all others are lines."""
        sparse = pc.less_equal(filled, pa.scalar(max(2, int(self._usual * _MOST_FILLED))))
        lacking = pc.or_(pc.is_null(amounts), sparse)
        if self._dated:
            lacking = pc.or_(lacking, pc.invert(columns.values[DATED]))
        bad = {row for row, _, _ in columns.bad}
        return sorted(set(pc.indices_nonzero(lacking).to_pylist()) | bad)

    def _add(self, amounts: pa.Array, start: int, end: int) -> None:
        if end > start:
            wide = pc.cast(amounts.slice(start, end - start), pa.decimal256(60, 24))
            added = pc.sum(wide).as_py() or Decimal(0)
            self._sum, self._part = EXACT.add(self._sum, added), EXACT.add(self._part, added)

    def _judge(
        self, row: int, columns: Columns, table: pa.Table, amounts: pa.Array, filled: int
    ) -> Reason | None:
        if filled == 0:
            return Reason(BLANK, "the row has no filled cell")
        cells = {name: table[name][row].as_py() for name in table.column_names}
        texts = [text for name, text in cells.items() if text and name not in self._money]
        amount = amounts[row].as_py()
        if self._repeats_header(cells):
            return Reason(REPEATED, "the row repeats the header")
        label = next((text for text in texts if _TOTAL.match(text)), None)
        undated = self._undated(columns, row)
        if undated and self._is_total(label, texts, amount, filled):
            return None if self._keep_totals else self._total(label, amount)
        if amount is None and self._matrix:
            return Reason(NO_AMOUNT, "the amount column of this line is empty")
        bare = amount is None and not self._has_money(cells) and self._undated(columns, row)
        if bare and filled <= max(1, self._usual // 3):
            return Reason(NOTE, "the row has words only: a heading or a note")
        return None

    def _is_total(
        self, label: str | None, texts: list[str], amount: Decimal | None, filled: int
    ) -> bool:
        """Whether a row without a date is a total, by its word or by its sum."""
        agrees = amount is not None and amount != 0 and amount in (self._sum, self._part)
        if label is None:
            return not texts and amount is not None and self._off(amount) <= _ROUNDED
        sparse = filled <= max(2, int(self._usual * _MOST_FILLED) + 1)
        return sparse and (self._dated or agrees or _ONLY_TOTAL.fullmatch(label) is not None)

    def _off(self, amount: Decimal) -> Decimal:
        """How far an amount is from the sum of the rows above, or of those since the last total."""
        return min(abs(EXACT.subtract(amount, one)) for one in (self._sum, self._part))

    def _total(self, label: str | None, amount: Decimal | None) -> Reason:
        said = f"{label or 'a row with nothing but an amount'}"
        if amount is not None:
            off = self._off(amount)
            agrees = f"differs by {exact_text(off)} from" if off else "is"
            said = f"{said}: {exact_text(amount)} {agrees} the sum of the rows above"
        self._part = Decimal(0)
        return Reason(TOTAL, said)

    def _undated(self, columns: Columns, row: int) -> bool:
        """Whether the row lacks the date that others have; true where no column holds one."""
        return not self._dated or not columns.values[DATED][row].as_py()

    def _has_money(self, cells: dict[str, str | None]) -> bool:
        return any(cells[name] for name in self._money)

    def _repeats_header(self, cells: dict[str, str | None]) -> bool:
        said = [(text or "").strip().lower() for text in cells.values()]
        same = sum(text == name for text, name in zip(said, self._names, strict=False) if text)
        return same >= 2 and same == sum(bool(text) for text in said)


def _filled(table: pa.Table) -> pa.Array:
    """How many cells of each row are filled."""
    count = pa.repeat(pa.scalar(0, pa.int32()), table.num_rows)
    for column in table.columns:
        chunk = column.combine_chunks()
        blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(chunk.cast(pa.string())), ""), True)
        count = pc.add(count, pc.cast(pc.invert(blank), pa.int32()))
    return count.combine_chunks() if isinstance(count, pa.ChunkedArray) else count
