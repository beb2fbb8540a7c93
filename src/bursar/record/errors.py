"""What recording refuses, by code."""

from __future__ import annotations

from typing import Any

from bursar.core.refusal import Refused


class SourceOverlap(Refused):
    """Another source in force bills the same account in the same period."""

    code = "import.source_overlap"


class ConcurrentImport(Refused):
    """Another act changed the same source and period while this one was reading."""

    code = "import.concurrent"


class PeriodClosed(Refused):
    """A line would be posted to a closed period, or taken out of one."""

    code = "import.period_closed"


class NothingAccepted(Refused):
    """No row of the file could be read exactly; `rejected` says why, row by row."""

    code = "import.nothing_accepted"

    def __init__(self, message: str, rejected: list[dict[str, Any]]) -> None:
        super().__init__(message)
        self.rejected = rejected


class BadSourceName(Refused):
    """The name given for the source is empty or too long."""

    code = "import.bad_source"


class BadPromotion(Refused):
    """A column was promoted that is neither a tag key nor an own column."""

    code = "record.bad_promotion"


class UnknownBatch(Refused):
    """There is no batch, or no import, of that id."""

    code = "record.unknown_batch"


class UnknownLine(Refused):
    """There is no cost line of that id."""

    code = "record.unknown_line"


class BadEntity(Refused):
    """A legal entity was to get a code, name, currency or calendar that there is not."""

    code = "record.bad_entity"


class CalendarInUse(Refused):
    """A fiscal calendar was to change after cost was posted by it, or against another entity's."""

    code = "record.calendar_in_use"
