"""Conditions of a question to the ledger, turned into SQL in which every value is a parameter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bursar.core.tables.cube import COST_COLUMN
from bursar.lake.engines.duckdb import quoted

Operator = Literal[
    "=", "!=", "<", "<=", ">", ">=", "in", "not_in", "starts_with", "ends_with", "contains",
    "missing",
]  # fmt: skip
_COMPARED = {"=", "!=", "<", "<=", ">", ">="}
_TEXTS = {"starts_with": "starts_with", "ends_with": "ends_with", "contains": "contains"}


@dataclass(frozen=True)
class Condition:
    """One condition: a column, an operator and a value (a list for `in`, a bool for `missing`).

    As everywhere in SQL, a null meets no comparison; ask for it by `missing`.
    """

    column: str
    operator: Operator
    value: Any


def measure_of(basis: str) -> str:
    """The money column of a basis, ready for SQL. Raises KeyError for an unknown basis."""
    return quoted(COST_COLUMN[basis])


def where_clause(
    where: Sequence[Condition], periods: Iterable[str] | None = None
) -> tuple[str, dict[str, Any]]:
    """All conditions together as SQL with named parameters, and the parameters' values."""
    parts, values = ["true"], {}
    if periods is not None:
        parts.append("posting_period IN (SELECT unnest($periods))")
        values["periods"] = list(periods)
    for number, condition in enumerate(where):
        sql, value = _one(condition, f"value{number}")
        parts.append(sql)
        if value is not None:
            values[f"value{number}"] = value
    return " AND ".join(parts), values


def _one(condition: Condition, name: str) -> tuple[str, Any]:
    column, operator, value = quoted(condition.column), condition.operator, condition.value
    if operator == "missing":
        return f"{column} IS {'' if value else 'NOT '}NULL", None
    if operator in ("in", "not_in"):
        members = [member for member in value if member is not None]
        sql = f"{column} IN (SELECT unnest(${name}))" if members else "false"
        if operator == "in":
            # Nulls are chosen like any other member where the list names one.
            sql = f"({sql} OR {column} IS NULL)" if None in value else sql
        else:
            sql = f"({column} IS NULL OR NOT {sql})" if None not in value else f"NOT {sql}"
        return sql, members or None
    if operator in _TEXTS:
        return f"{_TEXTS[operator]}({column}, ${name})", value
    if operator in _COMPARED:
        return f"{column} {operator} ${name}", value
    raise ValueError(f"'{operator}' is no operator of a condition")
