"""Sums of the lines that a commitment covered, left unused, or could have covered."""

# ruff: noqa: S608 - identifiers are constants or quoted, every value is a parameter

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from bursar.lake.day_sums import ENDS_ON, FIRST_DAY, LAST_DAY, STARTS_ON
from bursar.lake.engines.duckdb import quoted
from bursar.lake.lines import SCAN, LineFiles

NEEDED = ("commitment_discount_id", "commitment_discount_status", "sku_id")


def commitment_sums(
    lines: LineFiles, columns: Sequence[str], *, commitment: str, sources: Sequence[str], wide: bool
) -> pa.Table:
    """Effective and contracted cost by these columns, with the first and last day of each sum.

    Of the commitment's own lines; with `wide` also of usage that no commitment covered, of a
    provider and SKU that this one covered in the same billing period. Columns that no line has
    are null; where lines never name a commitment there is no row.
    """
    known = set(lines.columns)
    keys = [
        quoted(name) if name in known else f"NULL::VARCHAR AS {quoted(name)}" for name in columns
    ]
    own = "commitment_discount_id = $commitment"
    met = own
    if wide:
        met = (
            f"({own} OR (commitment_discount_id IS NULL AND charge_category = 'Usage' "
            "AND (service_provider_name, sku_id, billing_period_start) IN ("
            "SELECT (service_provider_name, sku_id, billing_period_start) "
            f"FROM {SCAN} WHERE {own} AND commitment_discount_status = 'Used' "
            "AND source IN (SELECT unnest($sources)) AND sku_id IS NOT NULL)))"
        )
    query = (
        f"SELECT {', '.join(keys)}, min({STARTS_ON}) AS {FIRST_DAY}, max({ENDS_ON}) AS {LAST_DAY}, "
        "sum(effective_cost) AS effective_cost, "
        "CASE WHEN count(contracted_cost) = count(*) THEN sum(contracted_cost) END "
        f"AS contracted_cost FROM {SCAN} WHERE {met} AND effective_cost IS NOT NULL "
        "AND source IN (SELECT unnest($sources)) GROUP BY "
        f"{', '.join(str(place + 1) for place in range(len(keys)))} ORDER BY ALL"
    )
    return lines.ask(query, {"commitment": commitment, "sources": list(sources)})
