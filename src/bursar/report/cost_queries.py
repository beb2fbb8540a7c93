"""The questions behind cost by dimensions: one to allocated lines, one to the ledger's cubes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa

from bursar.lake.questions import Condition
from bursar.office.people.scope import Scope
from bursar.report.dimensions import (
    DAY,
    LAYERS,
    RESTING,
    UNSET,
    allocated_sql,
    classified_sql,
    ledger_column,
)
from bursar.report.entered_since import classified_since, entered_since
from bursar.report.facts import Facts
from bursar.report.periods import Organization

View = Literal["allocated", "classified", "recorded"]
Grouped = tuple[tuple[Any, ...], Decimal]
"""(currency, value of each dimension asked for), and the exact sum."""
CLASSIFIED_LAYERS = ("cost_pool", "tower", "solution", "consumer")


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

    def layer_filters(self) -> Question:
        """The same question with only those filters that the ledger does not know."""
        return replace(self, filters=tuple(f for f in self.filters if f[0] in LAYERS + RESTING))

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.by, *(name for name, _ in self.filters))


def ask_allocated(held: Facts, question: Question) -> list[Grouped]:
    """Sums of allocated lines; a restricted scope joins only her own consumers.

    Who sees everything sees also what was entered since the runs; a group may then come twice.
    """
    if not question.periods:
        return []
    columns = ", ".join(["a.currency", *(allocated_sql(name) for name in question.by)])
    where, parameters = _conditions(question, allocated_sql, "a.currency")
    join = "LEFT JOIN" if question.scope.everything else "JOIN"
    tables: dict[str, pa.Table] = {}
    place = ""
    places: tuple[tuple[str, str, str], ...] = ()
    if not question.scope.everything or "business_unit" in question.names:
        organization = Organization(question.scope, question.periods)
        places, tables["place"] = organization.places(), organization.table()
        place = f"{join} place p ON p.period = a.period AND p.consumer = a.consumer"

    def sql(table: str) -> str:
        return (
            f"SELECT {columns}, sum(a.amount) FROM {table} a {place} "  # noqa: S608 - see `quoted`
            f"WHERE a.basis = $basis AND list_contains($periods, a.period) {where} GROUP BY ALL"
        )

    values = {"basis": question.basis, "periods": list(question.periods), **parameters}

    def ask(table: str) -> list[Grouped]:
        return [(row[:-1], row[-1]) for row in held.ask(sql(table), values, tables=tables)]

    # The limit of the scope is in the places, so that two scopes never share an answer.
    key = (sql("allocated"), question.basis, question.periods, question.filters, places)
    found = held.once_for_all(key, lambda: ask("allocated"))
    if not question.scope.everything:
        return found
    since = entered_since(held, question.basis)
    if not since.num_rows:
        return found
    tables["since"] = since
    return [*found, *held.once(("since", key), lambda: ask("since"))]


def ask_ledger(held: Facts, question: Question) -> list[Grouped]:
    """Sums of the ledger's cubes, with layers as the run of each period classified them."""
    if not question.periods:
        return []
    layered = [name for name in question.names if name in LAYERS + RESTING]
    if layered:
        run = [p for p in question.periods if held.classifying_run(p, question.basis)]
        rest = [p for p in question.periods if p not in set(run)]
        return [
            *_ask_classified(held, question.over(run)),
            *_ask_never_run(held, question.over(rest)),
        ]
    columns = [ledger_column(name) for name in question.by]
    found = held.ledger().sums(
        by=columns,
        basis=question.basis,
        periods=question.periods,
        where=_ledger_conditions(question),
    )
    rows = found.select(["currency", *columns, "amount"]).to_pydict()
    listed = [_plain(values) for values in rows.values()]
    return [
        (tuple(values[:-1]), values[-1])
        for values in zip(*listed, strict=True)
        if values[-1] is not None
    ]


def _ask_never_run(held: Facts, question: Question) -> list[Grouped]:
    """Where no rules decided, every layer is unset: dimensions need not be looked at one by one."""
    known = tuple(name for name in question.by if name not in UNSET)
    wanted: dict[str, set[str]] = defaultdict(set)
    for name, value in question.filters:
        wanted[name].add(value)
    if any(name in wanted and printed not in wanted[name] for name, printed in UNSET.items()):
        return []
    filters = tuple(f for f in question.filters if f[0] not in UNSET)
    plain = replace(question, by=known, filters=filters)
    found = []
    for (currency, *values), amount in ask_ledger(held, plain):
        told = dict(zip(known, values, strict=True))
        found.append(((currency, *(told.get(n, UNSET.get(n)) for n in question.by)), amount))
    return found


def _ask_classified(held: Facts, question: Question) -> list[Grouped]:
    """The ledger's cells by dimension, joined with the layers that rules gave each dimension."""
    if not question.periods:
        return []
    columns = {ledger_column(n) for n in question.names if n not in LAYERS + RESTING}
    keys = ", ".join(["c.currency", *(classified_sql(name) for name in question.by)])
    return [
        (row[:-1], row[-1])
        for row in _from_cells(held, question, columns, f"{keys}, sum(c.amount)", "GROUP BY ALL")
    ]


def matching_cells(held: Facts, question: Question) -> list[tuple[Any, ...]]:
    """(dim_id, posting period, currency, lines, amount) of all cells that the filters select."""
    columns = {ledger_column(n) for n in question.names if n not in LAYERS + RESTING}
    chosen = "c.dim_id, c.posting_period, c.currency, sum(c.lines)::BIGINT, sum(c.amount)"
    return _from_cells(held, question, columns, chosen, "GROUP BY ALL")


def _from_cells(
    held: Facts, question: Question, columns: set[str], chosen: str, grouped: str
) -> list[tuple[Any, ...]]:
    cells = held.ledger().sums(
        by=["dim_id", *sorted({*columns, "posting_period"} - {"currency"})],
        basis=question.basis,
        periods=question.periods,
        where=_ledger_conditions(question),
    )
    where, parameters = _conditions(question.layer_filters(), classified_sql, "c.currency")
    tables: dict[str, pa.Table] = {"cells": cells}
    joins = _classified(held, question, tables)
    if "business_unit" in question.names:
        tables["place"] = Organization(question.scope, question.periods).table()
        joins += " LEFT JOIN place p ON p.period = c.posting_period AND p.consumer = k.consumer"
    sql = (
        f"SELECT {chosen} FROM cells c {joins} "  # noqa: S608
        f"WHERE c.amount IS NOT NULL {where} {grouped}"
    )
    return held.ask(sql, parameters, tables=tables)


def _classified(held: Facts, question: Question, tables: dict[str, pa.Table]) -> str:
    """A join with what the rules decided; without any run every layer is null.

    A file of classified dimensions lies in its run's folder under its period's name, which tells
    the rows of one period from those of another. What was entered since the run is in no file.
    """
    runs = [held.classifying_run(period, question.basis) for period in question.periods]
    files = [run.classified for run in runs if run and run.classified]
    if not files:
        nulls = ", ".join(f"NULL::VARCHAR AS {name}" for name in CLASSIFIED_LAYERS)
        return f"LEFT JOIN (SELECT {nulls}) k ON true"
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    names = f"dim_id, {', '.join(CLASSIFIED_LAYERS)}, period"
    known = (
        f"SELECT dim_id, {', '.join(CLASSIFIED_LAYERS)}, "  # noqa: S608
        r"regexp_extract(filename, '/([^/]+)/[^/]+$', 1) AS period "
        f"FROM read_parquet([{listed}], filename = true)"
    )
    since = classified_since(held, question.periods, question.basis)
    if since.num_rows:
        tables["entered"] = since
        known = (
            f"SELECT DISTINCT ON (dim_id, period) {names} FROM (SELECT *, 0 AS place FROM ({known})"  # noqa: S608
            f" UNION ALL BY NAME SELECT *, 1 AS place FROM entered) ORDER BY place"
        )
    return f"LEFT JOIN ({known}) k ON k.dim_id = c.dim_id AND k.period = c.posting_period"


def _ledger_conditions(question: Question) -> list[Condition]:
    """Filters on what the ledger itself knows; '' asks for nulls."""
    wanted: dict[str, list[Any]] = defaultdict(list)
    for name, value in question.filters:
        if name not in LAYERS + RESTING:
            wanted[ledger_column(name)].append(_day(value) if name == DAY else value or None)
    return [Condition(name, "in", values) for name, values in wanted.items()]


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _plain(values: list[Any]) -> list[Any]:
    return [value.isoformat() if isinstance(value, date) else value for value in values]


def _conditions(question: Question, spelled: Any, currency: str) -> tuple[str, dict[str, Any]]:
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
