"""The columns that every chunk of cost lines has, whichever file they came from."""

from __future__ import annotations

from collections.abc import Container, Sequence

import pyarrow as pa

from bursar.connect.layout import WORKING, Placed
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import COST_COLUMN, DIMENSION_COLUMNS

_SET_LATER = frozenset({"source", "posting_period", "dim_id"})
_ALWAYS = frozenset(
    {
        *COST_COLUMN.values(),
        *DIMENSION_COLUMNS,
        "billing_currency", "billing_period_start", "billing_period_end",
        "charge_period_start", "charge_period_end", "tags", "source_file", "source_row",
    }
)  # fmt: skip


def cost_line_schema(placed: Sequence[Placed], *, also: Container[str] = ()) -> pa.Schema:
    """Our columns first, in the table's order, then the file's own, as they came.

    `also` names columns of ours that are filled without a column of the file.
    """
    filled = {item.target: item.type for item in placed}
    ours = [
        pa.field(column.name, column.type)
        for column in COST_LINE.columns
        if column.name not in _SET_LATER
        and (column.name in _ALWAYS or column.name in filled or column.name in also)
    ]
    own = [
        pa.field(name, kind)
        for name, kind in filled.items()
        if name not in COST_LINE.names and not name.startswith(WORKING)
    ]
    return pa.schema(ours + own)
