"""What the side tables in force say, and what the cost lines say of the same things."""

# ruff: noqa: S608 - identifiers are constants, every value is a parameter

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bursar.core.tables.cube import INVOICE_TOTAL
from bursar.core.tables.table import Table
from bursar.lake.engines.duckdb import connect
from bursar.lake.errors import damage_refusals
from bursar.office.manifest.writing import in_force
from bursar.record.commitments.deriving import SOURCE
from bursar.record.queries import line_files, read_lake_file

_LINES = "read_parquet($files, union_by_name = true)"
_MONTH = "strftime(billing_period_start::DATE, '%Y-%m')"


def rows_in_force(table: Table, period: str | None = None) -> list[dict[str, Any]]:
    """Every row of a side table, of one month or of all. Refusals: lake.file_missing."""
    files = in_force(table.name).order_by("period", "path")
    if period is not None:
        files = files.filter(period=period)
    return [row for file in files for row in read_lake_file(file).to_pylist()]


def billed_by_invoice(period: str | None = None) -> list[dict[str, Any]]:
    """`period`, `invoice_id`, `currency`, `lines`, `billed_cost` of every file of cost lines."""
    files = in_force(INVOICE_TOTAL.name).order_by("period", "path")
    if period is not None:
        files = files.filter(period=period)
    return [
        {"period": file.period, **row}
        for file in files
        for row in read_lake_file(file).to_pylist()
        if row["billed_cost"] is not None
    ]


def billed_by_category(invoices: Sequence[str]) -> list[dict[str, Any]]:
    """`invoice_id`, `currency`, `charge_category`, `billed_cost` of the lines of some invoices."""
    if not invoices:
        return []
    return _asked(
        {"invoice_id"},
        "SELECT invoice_id, billing_currency AS currency, charge_category, "
        f"sum(billed_cost) AS billed_cost FROM {_LINES} WHERE list_contains($invoices, invoice_id) "
        "GROUP BY ALL ORDER BY ALL",
        {"invoices": list(invoices)},
    )


def used_of_commitments() -> list[dict[str, Any]]:
    """`commitment`, `period`, `currency`, `status`, `billed`, `effective` by commitment, as the
    bills have them: what a policy adds beside them is left out."""
    return _asked(
        {"commitment_discount_id"},
        f"SELECT commitment_discount_id AS commitment, {_MONTH} AS period, "
        "billing_currency AS currency, commitment_discount_status AS status, "
        "charge_category AS category, "
        "sum(billed_cost) AS billed, sum(effective_cost) AS effective "
        f"FROM {_LINES} WHERE commitment_discount_id IS NOT NULL AND source <> $derived "
        "GROUP BY ALL ORDER BY ALL",
        {"derived": SOURCE},
    )


def moved_by_policies() -> list[dict[str, Any]]:
    """`commitment`, `period`, `currency`, `part`, `amount`, `lines` of what policies added; an
    amount above zero alone, because those of a book add up to zero."""
    return _asked(
        {"commitment_discount_id", "x_commitment_part"},
        f"SELECT commitment_discount_id AS commitment, {_MONTH} AS period, "
        "billing_currency AS currency, x_commitment_part AS part, "
        "sum(effective_cost) FILTER (effective_cost > 0) AS amount, count(*) AS lines "
        f"FROM {_LINES} WHERE source = $derived GROUP BY ALL ORDER BY ALL",
        {"derived": SOURCE},
    )


def contracts_applied() -> list[dict[str, Any]]:
    """`contract_applied`, `period`, `currency`, `lines`: each distinct text once."""
    return _asked(
        {"contract_applied"},
        f"SELECT contract_applied, {_MONTH} AS period, billing_currency AS currency, "
        f"count(*) AS lines FROM {_LINES} WHERE contract_applied IS NOT NULL "
        "GROUP BY ALL ORDER BY ALL",
    )


def _asked(
    needed: set[str], query: str, values: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The answer over the files of cost lines that have these columns at all."""
    files = [str(file.path) for file in line_files() if needed <= set(file.columns)]
    if not files:
        return []
    database = connect()
    try:
        with damage_refusals("A file of cost lines"):
            params = {"files": files, **(values or {})}
            answer = database.sql(query, params=params).to_arrow_table()
    finally:
        database.close()
    return list(answer.to_pylist())
