"""Warnings of a reading: counted while rows pass, said once each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bursar.connect.cells.amounts import FLOAT_MONEY
from bursar.connect.cells.moments import MONTH_FIRST
from bursar.connect.cells.tags import UNREADABLE
from bursar.connect.focus import COST_NULL, PERIOD_REVERSED
from bursar.connect.shaping import BLANK_ROWS


@dataclass(frozen=True)
class ReadingWarning:
    """Something that was read, and that somebody should know of."""

    code: str
    message: str


_SAID = {
    FLOAT_MONEY: "{column}: {count} values were floats; each was taken as its shortest decimal",
    MONTH_FIRST: "{column}: dates with slashes ({count} different) were read month first",
    UNREADABLE: "{column}: {count} rows have tags in an unknown spelling; kept as they came",
    COST_NULL: "{column} is empty in {count} rows; it stays empty, nothing is guessed",
    PERIOD_REVERSED: "{column} lies before ChargePeriodStart in {count} rows; both were kept",
    BLANK_ROWS: "{count} rows without any filled cell were passed over",
}


def as_warnings(
    tally: Counter[tuple[str, str]], *, absent: Sequence[str], skipped: Sequence[str]
) -> list[ReadingWarning]:
    """One warning per kind and column, in a fixed order."""
    warnings = []
    if absent:
        said = f"the file lacks {', '.join(absent)}; these stay empty, nothing is guessed"
        warnings.append(ReadingWarning("import.columns_absent", said))
    if skipped:
        said = f"passed over, for they are no tables: {', '.join(skipped)}"
        warnings.append(ReadingWarning("import.files_skipped", said))
    for (code, column), count in sorted(tally.items()):
        said = _SAID[code].format(column=column.strip(), count=count)
        warnings.append(ReadingWarning(code, said))
    return warnings
