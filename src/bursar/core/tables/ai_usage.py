"""What was asked of AI models, as gateways and providers log it; principals are pseudonyms."""

from __future__ import annotations

import pyarrow as pa

from bursar.core.tables.table import LEDGER, MOMENT, Column, Table

TOKEN_CLASSES = ("input", "cached", "cache_write", "output", "reasoning")
"""Kinds of tokens that have prices of their own; no token is in two of them."""

AI_USAGE_LINE = Table(
    name="ai_usage_line",
    meaning="One or several requests of one principal to one AI model.",
    writer="record.load",
    columns=(
        Column("feed", pa.string(), "Gateway or provider that logged it; its source.", False),
        Column("used_at", MOMENT, "When it was asked, or when the counted time began.", False),
        Column("principal", pa.string(), "Pseudonym of who or what asked."),
        Column("team", pa.string(), "Team, project or workspace."),
        Column("provider", pa.string(), "Who offers the model."),
        Column("model", pa.string(), "Name of the model.", False),
        Column("input_tokens", pa.int64(), "Tokens read that came from no cache.", False),
        Column("cached_tokens", pa.int64(), "Tokens read from a cache.", False),
        Column("cache_write_tokens", pa.int64(), "Tokens written to a cache.", False),
        Column("output_tokens", pa.int64(), "Tokens answered, without reasoning.", False),
        Column("reasoning_tokens", pa.int64(), "Tokens spent on reasoning.", False),
        Column("requests", pa.int64(), "How many requests these were.", False),
        Column("stated_cost", LEDGER, "Cost that the log itself names; it is never counted."),
        Column("source_file", pa.string(), "File, within the import, that holds the row.", False),
        Column("source_row", pa.int64(), "Row of the import, from 1, over all its files.", False),
    ),
)
