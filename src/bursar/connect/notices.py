"""Warnings of a reading: counted while rows pass, said once each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bursar.connect.cells.amounts import FLOAT_MONEY
from bursar.connect.cells.measures import QUANTITY_ROUNDED
from bursar.connect.cells.moments import MONTH_FIRST
from bursar.connect.cells.tags import UNREADABLE
from bursar.connect.clouds.block import QUANTITY_EMPTY
from bursar.connect.clouds.expressions import PRODUCT_ROUNDED
from bursar.connect.focus import COST_NULL, PERIOD_REVERSED
from bursar.connect.shaping import BLANK_ROWS


@dataclass(frozen=True)
class ReadingWarning:
    """Something that was read, and that somebody should know of."""

    code: str
    message: str


_SAID = {
    FLOAT_MONEY: "floats were taken as the shortest decimals that name them (values: {places})",
    MONTH_FIRST: "dates with slashes were read month first (different dates: {places})",
    UNREADABLE: "tags in an unknown spelling were kept as they came (rows: {places})",
    COST_NULL: "costs are empty and stay so, nothing is guessed (rows: {places})",
    PERIOD_REVERSED: "charge periods end before they start; kept as they came (rows: {places})",
    QUANTITY_ROUNDED: "measured quantities finer than 20 decimals were rounded there "
    "(different values: {places})",
    QUANTITY_EMPTY: "prices or quantities are no amounts that the ledger holds; they are empty, "
    "their texts are kept (cells: {places})",
    "import.amortised_alone": "the file is amortised and stands alone, so purchases of commitments "
    "are not in its billed cost; import it together with the actual file of the period, or as "
    "azure-amortised beside a source of azure-actual (rows: {places})",
    "import.actual_alone": "the file is actual and stands alone, so purchases of commitments count "
    "when they are billed in the effective view too; import it together with the amortised file "
    "of the period (rows: {places})",
    PRODUCT_ROUNDED: "products of price and quantity were rounded at the 24th digit "
    "(rows: {places})",
    BLANK_ROWS: "rows without any filled cell were passed over (rows: {places})",
}


def as_warnings(
    tally: Counter[tuple[str, str]], *, absent: Sequence[str], skipped: Sequence[str]
) -> list[ReadingWarning]:
    """One warning per kind, with its columns and counts, in a fixed order."""
    warnings = []
    if absent:
        said = f"columns are missing and stay empty, nothing is guessed: {', '.join(absent)}"
        warnings.append(ReadingWarning("import.columns_absent", said))
    if skipped:
        said = f"files were passed over, for they are no tables: {', '.join(skipped)}"
        warnings.append(ReadingWarning("import.files_skipped", said))
    places: dict[str, list[str]] = {}
    for (code, column), count in sorted(tally.items()):
        if count:
            places.setdefault(code, []).append(f"{column.strip()} {count}".strip())
    for code, counted in places.items():
        said = _SAID[code].format(places=", ".join(counted))
        warnings.append(ReadingWarning(code, said))
    return warnings


_ASIDE = {
    "import.blank_rows": "rows without any filled cell were passed over",
    "import.total_row": "rows that are totals were left out, so that nothing counts twice",
    "import.note_row": "rows that are headings or notes were left out",
    "import.header_row": "rows that repeat the header were left out",
    "import.empty_amount": "empty cells of amount columns give no line",
}


def aside_warnings(
    counts: Mapping[str, int], said: Mapping[str, Sequence[str]]
) -> list[ReadingWarning]:
    """One warning per reason for which rows were set aside, with the first of them."""
    warnings = []
    for code, count in sorted(counts.items()):
        listed = "" if code in _PLAIN else f"; {'; '.join(said[code])}"
        more = "; and more" if listed and count > len(said[code]) else ""
        warnings.append(ReadingWarning(code, f"{_ASIDE[code]} (rows: {count}){listed}{more}"))
    return warnings


_PLAIN = frozenset({"import.blank_rows", "import.empty_amount"})
