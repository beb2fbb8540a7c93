"""Why nothing can be learned from a workbook; each text says what to do about it."""

from __future__ import annotations

from bursar.core.refusal import Refused


class NothingNumeric(Refused):
    """No sheet of the workbook has a number in it."""

    code = "learn.nothing_numeric"


class NotCalculated(Refused):
    """The workbook's formulas were never calculated, so it holds no results."""

    code = "learn.not_calculated"


class NoResults(Refused):
    """No table of the workbook says what each consumer pays of each cost."""

    code = "learn.no_results"
