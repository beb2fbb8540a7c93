"""Sums of cost lines by day and by any of their columns, on every basis at once.

This is what derivations start from: they need resource and tags, which cubes do not hold, and
all five costs of a line, so that what they derive from it reverses each of them.
"""

# ruff: noqa: S608 - identifiers are constants or quoted, every value is a parameter

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from bursar.core.tables.cube import BASES, COST_COLUMN
from bursar.core.tables.table import LEDGER
from bursar.lake.engines.duckdb import quoted
from bursar.lake.lines import SCAN, LineFiles
from bursar.lake.questions import Condition, measure_of, where_clause

FIRST_DAY, LAST_DAY = "first_day", "last_day"
LAST_SEGMENT = "lower(list_last(string_split({}, '/')))"
"""A resource's own name at the end of its path, as clusters know it."""


@dataclass(frozen=True)
class Chosen:
    """Which lines: all that meet `where`, and of these either all or those that are named.

    A line is named by the last segment of its resource id, or by a text in its tags.
    """

    where: Sequence[Condition] = ()
    everything: bool = False
    resources: Sequence[str] = field(default=())
    in_tags: Sequence[str] = field(default=())


def day_sums(lines: LineFiles, columns: Sequence[str], chosen: Chosen) -> pa.Table:
    """Exact sums of every basis by these columns and by the first and last day of the charge.

    Columns that no line has are null. A basis that no line of a group states is null.
    """
    known = set(lines.columns)
    if not known.issuperset(condition.column for condition in chosen.where):
        raise KeyError([c.column for c in chosen.where if c.column not in known])
    conditions, values = where_clause(chosen.where)
    named, more = _named(chosen)
    keys = [
        f"{quoted(name)}" if name in known else f"NULL::VARCHAR AS {quoted(name)}"
        for name in columns
    ]
    sums = [f"sum({quoted(COST_COLUMN[b])}) AS {quoted(COST_COLUMN[b])}" for b in BASES]
    query = (
        f"SELECT {', '.join(keys)}, {STARTS_ON} AS {FIRST_DAY}, {ENDS_ON} AS {LAST_DAY}, "
        f"{', '.join(sums)}, count(*) AS lines FROM {SCAN} "
        f"WHERE {conditions} AND ({named}) GROUP BY ALL ORDER BY ALL"
    )
    return lines.ask(query, {**values, **more})


STARTS_ON = "charge_period_start::DATE"
ENDS_ON = "greatest((charge_period_end - INTERVAL 1 MICROSECOND)::DATE, charge_period_start::DATE)"


def _named(chosen: Chosen) -> tuple[str, dict[str, Any]]:
    if chosen.everything:
        return "true", {}
    parts: list[str] = ["false"]
    values: dict[str, Any] = {}
    if chosen.resources:
        parts.append(f"{LAST_SEGMENT.format('resource_id')} IN (SELECT unnest($resources))")
        values["resources"] = list(chosen.resources)
    for number, text in enumerate(chosen.in_tags):
        parts.append(f"contains(coalesce(tags, ''), $tags{number})")
        values[f"tags{number}"] = text
    return " OR ".join(parts), values


def batch_sums(
    lines: LineFiles, owners: Collection[str], columns: Sequence[str], basis: str
) -> pa.Table:
    """Exact sums of some batches by any columns of their lines, by period and currency.

    The result has `posting_period`, the columns, `currency`, `amount` and `lines`; columns that
    no line has are null.
    """
    files, known = lines.files_of(owners), set(lines.columns)
    keys = ["posting_period", *columns, "billing_currency"]
    if not files:
        names = ["posting_period", *columns, "currency"]
        fields = [pa.field(name, pa.string()) for name in names]
        return pa.schema([*fields, ("amount", LEDGER), ("lines", pa.int64())]).empty_table()
    chosen = [quoted(n) if n in known else f"NULL::VARCHAR AS {quoted(n)}" for n in keys]
    return lines.ask(
        f"SELECT {', '.join(chosen)}, sum({measure_of(basis)}) AS amount, "
        f"count(*) AS lines FROM {SCAN} WHERE {measure_of(basis)} IS NOT NULL "
        "GROUP BY ALL ORDER BY ALL",
        {},
        files,
    ).rename_columns({"billing_currency": "currency"})


def resources_met(lines: LineFiles, resources: Sequence[str]) -> dict[str, int]:
    """Which sources hold lines of these resources, and how many of the resources each."""
    if not resources:
        return {}
    own = LAST_SEGMENT.format("resource_id")
    found = lines.ask(
        f"SELECT source, count(DISTINCT {own}) AS met FROM {SCAN} "
        f"WHERE {own} IN (SELECT unnest($resources)) GROUP BY source",
        {"resources": list(resources)},
    )
    return dict(zip(found["source"].to_pylist(), found["met"].to_pylist(), strict=True))
