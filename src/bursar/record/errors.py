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


class UnknownImport(Refused):
    """There is no import of that token."""

    code = "import.unknown_import"


class NotUndoable(Refused):
    """The import was undone before, brought nothing by itself, or no file stands behind it."""

    code = "import.not_undoable"


class LaterImport(Refused):
    """A later import replaced lines of the one to undo; that one has to be undone first."""

    code = "import.replaced_since"


class ReasonNeeded(Refused):
    """An act that takes figures back needs a reason that the journal can show."""

    code = "record.reason_needed"


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


class UnknownCluster(Refused):
    """No usage of a cluster of that name was recorded."""

    code = "record.unknown_cluster"


class BadCluster(Refused):
    """A cluster was to get a bill, measure, share or pattern that there is not."""

    code = "record.bad_cluster"


class BadWatch(Refused):
    """A place cannot be watched as asked: its address, its pattern or its rhythm."""

    code = "watch.bad_watch"


class UnknownWatch(Refused):
    """No watch has that source."""

    code = "watch.unknown_watch"


class PlaceUnreachable(Refused):
    """A watched place does not answer, or may not be read."""

    code = "watch.unreachable"
