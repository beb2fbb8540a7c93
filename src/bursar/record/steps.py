"""The data step of this room: files from outside become facts of the lake."""

from __future__ import annotations

from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import CUBE_DAY, CUBE_MONTH, DIMENSION, INVOICE_TOTAL
from bursar.core.tables.rejected_line import REJECTED_LINE
from bursar.core.tables.step import Step
from bursar.core.tables.usage_line import USAGE_LINE

WRITES = (COST_LINE, DIMENSION, CUBE_DAY, CUBE_MONTH, INVOICE_TOTAL, USAGE_LINE, REJECTED_LINE)

LOAD = Step(name="record.load", reads=(), writes=tuple(table.name for table in WRITES))
