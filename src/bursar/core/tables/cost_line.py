"""The cost line: one recorded cost as received, immutable, whatever file it came from.

FOCUS columns keep their names in snake case; beside them stand columns of our own, so that a
ledger line from outside the cloud is a full citizen and not a FOCUS row with extras.
"""

from __future__ import annotations

import pyarrow as pa

from bursar.core.tables.focus_columns import FOCUS, FocusColumn
from bursar.core.tables.table import LEDGER, Column, Table

_NEVER_NULL = frozenset(
    {"billing_currency", "billing_period_start", "charge_period_start", "charge_period_end",
     "charge_category"}
)  # fmt: skip


def _ours(column: FocusColumn) -> Column:
    return Column(
        column.name, column.column.type, column.meaning, nullable=column.name not in _NEVER_NULL
    )


FOCUS_COST_COLUMNS = tuple(_ours(column) for column in FOCUS)
"""The standard's columns as the ledger keeps them, including those that 1.4 dropped."""

OWN_COLUMNS = (
    Column("booked_cost", LEDGER, "What the general ledger holds for this line."),
    Column("net_amount", LEDGER, "Amount of the document's line before VAT."),
    Column("vat_amount", LEDGER, "VAT on it; what is not recoverable is cost."),
    Column("gross_amount", LEDGER, "Amount of the document's line with VAT."),
    Column("vat_code", pa.string(), "The source's own code of the VAT."),
    Column("legal_entity", pa.string(), "Company that bears the cost by law."),
    Column("counterpart_entity", pa.string(), "The other company, where one of ours charges it."),
    Column("gl_account", pa.string(), "Account of the general ledger."),
    Column("cost_center", pa.string(), "Accounting owner of the cost."),
    Column("initiative", pa.string(), "Planned project that the cost belongs to."),
    Column("treatment", pa.string(), "capex or opex."),
    Column("intent", pa.string(), "run, grow or transform."),
    Column("vendor", pa.string(), "Who was paid, as the ledger names him."),
    Column("solution", pa.string(), "Solution named by the source itself."),
    Column("document_ref", pa.string(), "Number of the invoice or voucher behind the line."),
    Column("position_id", pa.string(), "Pseudonym of a staff position; never a name."),
    Column("record_ref", pa.string(), "Record, with its version, that the line was derived from."),
    Column("evidence_group", pa.string(), "Evidences of one obligation share it and count once."),
    Column("ai_principal", pa.string(), "Pseudonym of who or what asked an AI model."),
    Column("ai_model", pa.string(), "AI model that was used."),
    Column("ai_token_class", pa.string(), "Kind of tokens: input, output, cached and the like."),
    Column("energy_kwh", LEDGER, "Energy used, where the source measures it."),
    Column("carbon_location_kg", LEDGER, "kg of CO2e by the grid of the place."),
    Column("carbon_market_kg", LEDGER, "kg of CO2e by the contracts for power."),
)
"""Columns of our own that a file may fill, under exactly these names."""

PLACE_COLUMNS = (
    Column("source", pa.string(), "Where the line came from; replaced by period.", False),
    Column("posting_period", pa.string(), "Fiscal period the line is posted to.", False),
    Column("dim_id", pa.int64(), "Fingerprint of the line's dimension.", False),
    Column("source_file", pa.string(), "File, within the import, that holds the row.", False),
    Column("source_row", pa.int64(), "Row of the import, from 1, over all its files.", False),
)
"""Columns that the import sets itself; a file's own column of that name becomes `x_<name>`."""

COST_LINE = Table(
    name="cost_line",
    meaning="One recorded cost as received; a file's further columns follow as text.",
    writer="record.load",
    columns=(*PLACE_COLUMNS, *OWN_COLUMNS, *FOCUS_COST_COLUMNS),
)
