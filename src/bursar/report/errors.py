"""What reports refuse, each with its code.

report.beyond_scope       a figure that lies outside what the user may see
report.unknown_dimension  `by` or a filter names no known dimension
report.unknown_basis      a basis that is none of the five
report.unknown_period     a period that holds no cost and was never run
report.not_run            a statement or trace for a period without a run in force
report.unknown_statement  no statement of that id, or none the user may see
report.unknown_consumer   no consumer of that name, or none the user may see
report.unknown_line       no cost line of that id
"""

from __future__ import annotations

from bursar.core.refusal import Refused


class BeyondScope(Refused):
    code = "report.beyond_scope"


class UnknownDimension(Refused):
    code = "report.unknown_dimension"


class UnknownBasis(Refused):
    code = "report.unknown_basis"


class UnknownPeriod(Refused):
    code = "report.unknown_period"


class NotRun(Refused):
    code = "report.not_run"


class UnknownStatement(Refused):
    code = "report.unknown_statement"


class UnknownConsumer(Refused):
    code = "report.unknown_consumer"


class UnknownLine(Refused):
    code = "report.unknown_line"
