"""What reports refuse."""

from __future__ import annotations

from decimal import Decimal

from bursar.core.refusal import Refused


class BeyondScope(Refused):
    """The figure lies outside what the user may see."""

    code = "report.beyond_scope"


class UnknownDimension(Refused):
    """A grouping or a filter names no dimension that the figure knows."""

    code = "report.unknown_dimension"


class UnknownBasis(Refused):
    """The basis is none of billed, effective, contracted, list and booked."""

    code = "report.unknown_basis"


class NotRun(Refused):
    """The period has no run in force on the basis asked for."""

    code = "report.not_run"


class UnknownRun(Refused):
    """There is no run of that id for the period."""

    code = "report.unknown_run"


class NoStatement(Refused):
    """There is no statement of that id or choice, or none that the user may see."""

    code = "report.no_statement"


class UnknownConsumer(Refused):
    """There is no consumer of that name, or none that the user may see."""

    code = "report.unknown_consumer"


class UnknownLine(Refused):
    """There is no cost line of that id in force."""

    code = "report.unknown_line"


class UnknownKind(Refused):
    """A figure does not come as this kind of file."""

    code = "report.unknown_kind"


class MissingRates(Refused):
    """A figure was asked for in another currency, and a rate for it is missing."""

    code = "report.missing_rate"

    def __init__(self, message: str, *, unconverted: tuple[tuple[str, Decimal], ...] = ()) -> None:
        super().__init__(message)
        self.unconverted = unconverted
