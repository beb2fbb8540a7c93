"""Rows that could not be read exactly: kept with their place and reason, never dropped."""

from __future__ import annotations

import pyarrow as pa

from bursar.core.tables.table import Column, Table

REJECTED_LINE = Table(
    name="rejected_line",
    meaning="One reason why a row of a file was not taken; a row may have several.",
    writer="record.load",
    columns=(
        Column("file", pa.string(), "File, within the import, that holds the row.", False),
        Column("row", pa.int64(), "Row of the import, from 1, over all its files.", False),
        Column("column", pa.string(), "The file's own name of the column; null for the whole row."),
        Column("code", pa.string(), "What is wrong, as a stable code.", False),
        Column("message", pa.string(), "What is wrong and how to mend it.", False),
        Column("raw", pa.string(), "The text as it stands in the file, shortened when long."),
    ),
)
