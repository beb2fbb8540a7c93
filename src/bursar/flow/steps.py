"""The flow: every data step of Bursar, in the order in which money passes.

This list is read, not only run: each table of facts is written by exactly one step, and a step
reads only what the outside world or an earlier step wrote. A test holds it to that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bursar.allocate.actions.run_model import run_model
from bursar.core.tables.ai_usage import AI_USAGE_LINE
from bursar.core.tables.allocation import (
    ALLOCATED_LINE,
    ALLOCATION_EXCHANGE,
    ALLOCATION_NODE,
    ALLOCATION_TRACE,
    CLASSIFIED_DIMENSION,
)
from bursar.core.tables.cluster_usage import CLUSTER_TABLES
from bursar.core.tables.control_balance import CONTROL_BALANCE
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import CUBE_DAY, CUBE_MONTH, DIMENSION, INVOICE_TOTAL
from bursar.core.tables.focus_side import SIDE_TABLES
from bursar.core.tables.rejected_line import REJECTED_LINE
from bursar.core.tables.table import Table
from bursar.core.tables.usage_line import USAGE_LINE
from bursar.record.actions.import_files import import_files

OUTSIDE = ("files",)
"""What comes into the flow from outside it."""


@dataclass(frozen=True)
class Step:
    """One data step: what it reads (tables by name, or `files`), what it writes, how to run it."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[Table, ...]
    run: Callable[..., Any]


FLOW = (
    Step(
        name="record.load",
        reads=OUTSIDE,
        writes=(
            COST_LINE,
            DIMENSION,
            CUBE_DAY,
            CUBE_MONTH,
            INVOICE_TOTAL,
            USAGE_LINE,
            *CLUSTER_TABLES,
            CONTROL_BALANCE,
            *SIDE_TABLES,
            AI_USAGE_LINE,
            REJECTED_LINE,
        ),
        run=import_files,
    ),
    Step(
        name="allocate.run",
        reads=(
            COST_LINE.name,
            DIMENSION.name,
            CUBE_DAY.name,
            CUBE_MONTH.name,
            USAGE_LINE.name,
        ),
        writes=(
            CLASSIFIED_DIMENSION,
            ALLOCATION_NODE,
            ALLOCATION_TRACE,
            ALLOCATION_EXCHANGE,
            ALLOCATED_LINE,
        ),
        run=run_model,
    ),
)
