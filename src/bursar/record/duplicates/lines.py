"""The lines that can be an invoice twice: those in force of batches that name vendors.

A cloud bill of millions of lines names none, and its dimensions say so: its lines are not read.
"""

# ruff: noqa: S608 - identifiers are constants, every value is a parameter

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
from django.conf import settings

from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import DIMENSION
from bursar.lake.engines.duckdb import connect
from bursar.lake.errors import damage_refusals
from bursar.office.manifest.writing import in_force
from bursar.record.models import Batch
from bursar.record.models.imports import DERIVED

_PLAIN = r"lower(regexp_replace({column}, '[^\pL\pN]', '', 'g'))"
_WHO = _PLAIN.format(column="coalesce(vendor, '')")
_DOCUMENT = f"nullif(ltrim({_PLAIN.format(column='document_ref')}, '0'), '')"

# Only amounts of one basis are compared: an invoice and its posting are two evidences of one
# obligation, not a duplicate.
_INVOICE_LINES = f"""
CREATE TEMP TABLE invoice_line AS
SELECT o.batch_id, o.owner_source AS source, o.is_new, source_file AS file, source_row AS row,
    vendor, document_ref AS document,
    charge_description AS description, {_WHO} AS who, {_DOCUMENT} AS paper,
    charge_category = 'Credit' AS is_credit, billing_currency AS currency,
    coalesce(billed_cost, booked_cost, effective_cost) AS amount,
    CASE WHEN billed_cost IS NOT NULL THEN 'billed' WHEN booked_cost IS NOT NULL THEN 'booked'
        ELSE 'effective' END AS basis,
    charge_period_start::DATE AS day,
    content
FROM (
    SELECT *, hash(*COLUMNS(* EXCLUDE (source_row, source_file, dim_id, filename))) AS content
    FROM read_parquet($files, union_by_name = true, hive_partitioning = false, filename = true)
) l
JOIN owner o ON o.path = l.filename
WHERE coalesce(billed_cost, booked_cost, effective_cost) <> 0
"""


def invoice_files() -> list[tuple[str, str, str]]:
    """Path, batch and source of each file in force whose batch names a vendor."""
    held = Batch.objects.filter(kind=COST_LINE.name, superseded_at__isnull=True)
    held = held.exclude(made_by__format=DERIVED)
    sources = dict(held.values_list("batch_id", "source__name"))
    naming = _naming_vendors(sources)
    lake = Path(settings.LAKE_FOLDER)
    files = in_force(COST_LINE.name).order_by("path").values_list("path", "owner")
    return [(str(lake / path), owner, sources[owner]) for path, owner in files if owner in naming]


def _naming_vendors(batches: Mapping[str, str]) -> set[str]:
    """Batches with a vendor in their dimensions: few rows, whatever the size of the bill."""
    lake = Path(settings.LAKE_FOLDER)
    rows = in_force(DIMENSION.name).values_list("path", "owner")
    owners = {str(lake / path): owner for path, owner in rows if owner in batches}
    if not owners:
        return set()
    database = connect()
    try:
        with damage_refusals("A file of dimensions"):
            found = database.execute(
                "SELECT DISTINCT filename FROM read_parquet($files, union_by_name = true, "
                "hive_partitioning = false, filename = true) WHERE vendor IS NOT NULL",
                {"files": list(owners)},
            ).fetchall()
    finally:
        database.close()
    return {owners[name] for (name,) in found}


@contextmanager
def invoice_lines(new: frozenset[str] | None) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """A database with the table `invoice_line`; None where no line can be an invoice.

    `new` names the batches that are asked about: every batch where it is None.
    """
    files = invoice_files()
    if not files or (new is not None and not any(owner in new for _, owner, _ in files)):
        yield None
        return
    database = connect()
    try:
        database.execute(
            "CREATE TEMP TABLE owner (path TEXT, batch_id TEXT, owner_source TEXT, is_new BOOL)"
        )
        database.executemany(
            "INSERT INTO owner VALUES (?, ?, ?, ?)",
            [(path, owner, source, new is None or owner in new) for path, owner, source in files],
        )
        with damage_refusals("A file of cost lines"):
            database.execute(_INVOICE_LINES, {"files": [path for path, _, _ in files]})
        yield database
    finally:
        database.close()
