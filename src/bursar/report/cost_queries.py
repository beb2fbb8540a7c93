"""The questions behind cost by dimensions: one to allocated lines, one to the ledger's cubes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa

from bursar.core.tables.allocation import CLASSIFIED_DIMENSION
from bursar.core.tables.cube import COST_COLUMN
from bursar.lake.engines.duckdb import quoted
from bursar.office.people.scope import Scope
from bursar.report.dimensions import DAY, LAYERS, allocated_sql, ledger_sql
from bursar.report.facts import Facts, day_cube_files
from bursar.report.periods import Organization

View = Literal["allocated", "classified", "recorded"]
Grouped = tuple[tuple[Any, ...], Decimal]
"""(currency, value of each dimension asked for), and the exact sum."""


@dataclass(frozen=True)
class Question:
    """What is asked: dimensions, periods, basis and filters, all checked before."""

    scope: Scope
    by: tuple[str, ...]
    periods: tuple[str, ...]
    basis: str
    filters: tuple[tuple[str, str], ...]

    def over(self, periods: Iterable[str]) -> Question:
        return replace(self, periods=tuple(periods))

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.by, *(name for name, _ in self.filters))


def ask_allocated(held: Facts, question: Question) -> list[Grouped]:
    """Sums of allocated lines; a restricted scope joins only her own consumers."""
    if not question.periods:
        return []
    columns = ", ".join(["a.currency", *(allocated_sql(name) for name in question.by)])
    where, parameters = _conditions(question, allocated_sql, "a.currency")
    join = "LEFT JOIN" if question.scope.everything else "JOIN"
    tables: dict[str, pa.Table] = {}
    place = ""
    if not question.scope.everything or "business_unit" in question.names:
        tables["place"] = Organization(question.scope, question.periods).table()
        place = f"{join} place p ON p.period = a.period AND p.consumer = a.consumer"
    sql = (
        f"SELECT {columns}, sum(a.amount) FROM allocated a {place} "  # noqa: S608 - see `quoted`
        f"WHERE a.basis = $basis AND list_contains($periods, a.period) {where} GROUP BY ALL"
    )
    rows = held.ask(
        sql,
        {"basis": question.basis, "periods": list(question.periods), **parameters},
        tables=tables,
    )
    return [(row[:-1], row[-1]) for row in rows]


def ask_ledger(held: Facts, question: Question) -> list[Grouped]:
    """Sums of the ledger's cubes, with layers as the run of each period classified them."""
    held.load_ledger()
    columns = ", ".join(["c.currency", *(ledger_sql(name) for name in question.by)])
    where, parameters = _conditions(question, ledger_sql, "c.currency")
    tables: dict[str, pa.Table] = {}
    joins = _classified(held, question)
    if "business_unit" in question.names:
        tables["place"] = Organization(question.scope, question.periods).table()
        joins += " LEFT JOIN place p ON p.period = c.posting_period AND p.consumer = k.consumer"
    cube = "cube"
    if DAY in question.names:
        cube, parameters["day_files"] = "read_parquet($day_files)", day_cube_files()
    cost = f"c.{quoted(COST_COLUMN[question.basis])}"
    sql = (
        f"SELECT {columns}, sum({cost}) AS amount FROM {cube} c "  # noqa: S608
        f"JOIN dimension d USING (dim_id) {joins} WHERE list_contains($periods, c.posting_period) {where} "
        "GROUP BY ALL HAVING amount IS NOT NULL"
    )
    if DAY in question.names and not parameters["day_files"]:
        return []
    rows = held.ask(sql, {"periods": list(question.periods), **parameters}, tables=tables)
    return [(row[:-1], row[-1]) for row in rows]


def _classified(held: Facts, question: Question) -> str:
    """A join with what the rules decided; without any run every layer is null.

    A file of classified dimensions lies in its run's folder under its period's name, which tells
    the rows of one period from those of another.
    """
    if not any(name in LAYERS for name in question.names):
        return ""
    runs = [held.classifying_run(period, question.basis) for period in question.periods]
    files = [run.classified for run in runs if run and run.classified]
    layers = ("cost_pool", "tower", "solution", "consumer")
    if not files:
        nulls = ", ".join(f"NULL::VARCHAR AS {name}" for name in layers)
        return f"LEFT JOIN (SELECT {nulls}) k ON true"
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    chosen = ", ".join(layers)
    assert set(layers) <= set(CLASSIFIED_DIMENSION.names)
    return (
        f"LEFT JOIN (SELECT dim_id, {chosen}, "  # noqa: S608
        r"regexp_extract(filename, '/([^/]+)/[^/]+$', 1) AS period "
        f"FROM read_parquet([{listed}], filename = true)) k "
        "ON k.dim_id = c.dim_id AND k.period = c.posting_period"
    )


def _conditions(
    question: Question, spelled: Any, currency: str
) -> tuple[str, dict[str, list[str] | str]]:
    """Filters as SQL; their values travel as parameters."""
    values: dict[str, list[str]] = defaultdict(list)
    for name, value in question.filters:
        values[name].append(value)
    clauses, parameters = [], {}
    for number, (name, wanted) in enumerate(values.items()):
        expression = currency if name == "currency" else spelled(name)
        clauses.append(f"AND list_contains($f{number}, coalesce({expression}, ''))")
        parameters[f"f{number}"] = wanted
    return " ".join(clauses), parameters
