"""What the general ledger says of an account: control, never cost."""

from __future__ import annotations

import pyarrow as pa

from bursar.core.tables.table import LEDGER, Column, Table

CONTROL_BALANCE = Table(
    name="control_balance",
    meaning="The general ledger's balance of one account and period; compared with, never counted.",
    writer="record.load",
    columns=(
        Column("legal_entity", pa.string(), "Company whose ledger it is.", False),
        Column("gl_account", pa.string(), "Account; empty where the row names none.", False),
        Column("account_name", pa.string(), "The account's name, where it is given."),
        Column("cost_center", pa.string(), "Cost center, where balances are stated by it."),
        Column("period", pa.string(), "Fiscal period.", False),
        Column("currency", pa.string(), "ISO 4217 code.", False),
        Column("balance", LEDGER, "Debit less credit.", False),
        Column("source_file", pa.string(), "File, within the import, that holds the row.", False),
        Column("source_row", pa.int64(), "Row of the import, from 1, over all its files.", False),
    ),
)
