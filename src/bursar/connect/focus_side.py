"""The side tables of FOCUS: lists of commitments, of invoice lines and of billing periods."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pyarrow as pa

from bursar.connect.cells.words import currency_reader
from bursar.connect.errors import MissingColumns
from bursar.connect.kinship import named
from bursar.connect.layout import (
    Columns,
    Format,
    Header,
    Placed,
    amount_column,
    key_of,
    moment_column,
    nothing_absent,
    notice_nothing,
    only_version,
    refuse_duplicates,
    text_column,
)
from bursar.core.tables.focus_side import BILLING_PERIOD, CONTRACT_COMMITMENT, INVOICE_DETAIL
from bursar.core.tables.table import LEDGER, MOMENT, Column, Table

_TELLING: tuple[tuple[frozenset[str], Table], ...] = (
    (frozenset({"contractcommitmentid", "contractcommitmenttype"}), CONTRACT_COMMITMENT),
    (frozenset({"invoicedetailid", "invoiceissuestatus"}), INVOICE_DETAIL),
    (frozenset({"billingperiodstatus", "invoiceissuername"}), BILLING_PERIOD),
)
FORMAT_NAMES = {
    CONTRACT_COMMITMENT.name: "focus-commitments",
    INVOICE_DETAIL.name: "focus-invoices",
    BILLING_PERIOD.name: "focus-periods",
}
MONTH_OF = {
    CONTRACT_COMMITMENT.name: "contract_commitment_period_start",
    INVOICE_DETAIL.name: "billing_period_start",
    BILLING_PERIOD.name: "billing_period_start",
}
"""The column that says to which period a row belongs."""

_CODES = {LEDGER: "import.amount_missing", MOMENT: "import.date_missing"}


def side_format_of(headers: Sequence[Header]) -> str | None:
    """The side table that the column names speak of, as the name of its format."""
    keys = {key_of(header.name) for header in headers}
    return next((FORMAT_NAMES[table.name] for marks, table in _TELLING if marks <= keys), None)


def place_side(table: Table, file: str, headers: Sequence[Header]) -> list[Placed]:
    """Where each column of the standard goes; other columns are passed over (rule I70)."""
    keys = {key_of(header.name) for header in headers}
    columns = {key_of(column.name): column for column in table.columns}
    missing = [c.name for key, c in columns.items() if not c.nullable and key not in keys]
    missing = [name for name in missing if not name.startswith("source_")]
    if missing:
        raise MissingColumns(
            f"{file}: the {named(missing)} missing that a FOCUS list of "
            f"{table.name.replace('_', ' ')}s needs; export it again with every column"
        )
    refuse_duplicates(file, headers)
    known = [(header, columns.get(key_of(header.name))) for header in headers]
    return [_placed(file, header, column) for header, column in known if column is not None]


def _placed(file: str, header: Header, column: Column) -> Placed:
    required = None if column.nullable else _CODES.get(column.type, "import.text_missing")
    if column.type == LEDGER:
        return amount_column(header, column.name, file, required)
    if column.type == MOMENT:
        return moment_column(header, column.name, file, required=required)
    if column.name == "billing_currency":
        needed = None if column.nullable else "import.currency_unknown"
        return Placed(header, column.name, pa.string(), currency_reader(), needed)
    placed = text_column(header, column.name)
    return Placed(header, placed.target, placed.type, placed.read, required)


def _finish(_columns: Columns) -> None:
    """Nothing follows from anything else in these tables."""


def _schema(table: Table, _placed: Sequence[Placed]) -> pa.Schema:
    return pa.schema([pa.field(column.name, column.type) for column in table.columns])


SIDE_FORMATS = tuple(
    Format(
        name=FORMAT_NAMES[table.name],
        place=partial(place_side, table),
        finish=_finish,
        notice=notice_nothing,
        schema=partial(_schema, table),
        version=only_version,
        absent=nothing_absent,
    )
    for _, table in _TELLING
)
SIDE_TABLE_OF = {FORMAT_NAMES[table.name]: table for _, table in _TELLING}
