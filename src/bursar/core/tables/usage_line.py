"""Measured consumption, without money: what splits costs as a driver."""

from __future__ import annotations

import pyarrow as pa

from bursar.core.tables.table import LEDGER, Column, Table

USAGE_LINE = Table(
    name="usage_line",
    meaning="One measured quantity that somebody used of something in a period.",
    writer="record.load",
    columns=(
        Column("measure", pa.string(), "The driver's name, such as staff_hours.", False),
        Column("period", pa.string(), "Month or fiscal period of the use.", False),
        Column("day", pa.date32(), "Day of the use, where it was measured by day."),
        Column("from_key", pa.string(), "What is used: a tower, pool or solution; null is any."),
        Column("to_key", pa.string(), "Who or what uses it.", False),
        Column("quantity", LEDGER, "How much; never negative.", False),
        Column("unit", pa.string(), "Unit of the quantity."),
        Column("source_file", pa.string(), "File, within the import, that holds the row.", False),
        Column("source_row", pa.int64(), "Row of the import, from 1, over all its files.", False),
    ),
)
