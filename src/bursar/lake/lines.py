"""Scanning the files of lines, for questions about what dimensions do not hold."""

# ruff: noqa: S608 - identifiers are constants or quoted, every value is a parameter

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import COST_COLUMN
from bursar.lake.engines.duckdb import listed, quoted
from bursar.lake.errors import overflow_refusal
from bursar.lake.questions import Condition, measure_of, where_clause

PAGE_ROWS = 100
LINE_ID = "line_id"
_FILE = "file of the lake"  # no column of a bill is called so
_ANSWERS_KEPT, _ROWS_KEPT = 24, 5_000
"""Small answers are kept: the files never change, and pages ask the same again and again."""


class LineFiles:
    """Cost lines in force, as they lie in their files."""

    def __init__(
        self, database: duckdb.DuckDBPyConnection, files: Sequence[tuple[str, Path]]
    ) -> None:
        self._database = database
        self._files = [str(path) for _, path in files]
        self._batch_of = {str(path): batch_id for batch_id, path in files}
        self._answers: OrderedDict[tuple[Any, ...], pa.Table] = OrderedDict()
        self._keeping = threading.Lock()

    @cached_property
    def columns(self) -> list[str]:
        """Every column that some file of lines has, the import's own ones included."""
        if not self._files:
            return COST_LINE.names
        query = f"SELECT * FROM {SCAN} LIMIT 0"
        return list(self.ask(query, {}).column_names)

    def files_of(self, owners: Collection[str]) -> list[str]:
        """The files of these batches, as far as they are in force."""
        return [path for path, owner in self._batch_of.items() if owner in owners]

    def grouped(
        self,
        *,
        period: str,
        basis: str,
        columns: Sequence[str],
        where: Sequence[Condition] = (),
    ) -> pa.Table:
        """Exact sums of a posting period by dim_id, currency and further columns of the lines.

        This is the line path of rules that look at a resource, an amount or a day.
        """
        self._known([*columns, *(condition.column for condition in where)])
        measure = measure_of(basis)
        keys = listed(["dim_id", "billing_currency", *columns])
        of_period = Condition("posting_period", "=", period)
        conditions, values = where_clause([of_period, *where])
        return self.ask(
            f"SELECT {keys}, sum({measure}) AS amount, count(*) AS lines "
            f"FROM {SCAN} WHERE {conditions} AND {measure} IS NOT NULL "
            f"GROUP BY {keys} ORDER BY {keys}",
            values,
        ).rename_columns({"billing_currency": "currency"})

    def page(
        self,
        *,
        basis: str = "effective",
        dim_ids: Sequence[int] | None = None,
        where: Sequence[Condition] = (),
        limit: int = PAGE_ROWS,
        offset: int = 0,
    ) -> pa.Table:
        """Lines of some dimensions, the largest amount first, with `batch_id` and `line_id`.

        `where` may name any column of the lines, `posting_period` too.
        """
        self._known([condition.column for condition in where])
        conditions, values = where_clause(where)
        if dim_ids is not None:
            conditions += " AND dim_id IN (SELECT unnest($dim_ids))"
            values["dim_ids"] = list(dim_ids)
        found = self.ask(
            f"SELECT * FROM {SCAN_NAMED} WHERE {conditions} "
            f"ORDER BY abs({measure_of(basis)}) DESC NULLS LAST, source_row, {quoted(_FILE)} "
            "LIMIT $limit OFFSET $offset",
            {**values, "limit": limit, "offset": offset},
        )
        return self._with_ids(found)

    def totals(self, *, columns: Sequence[str], where: Sequence[Condition] = ()) -> pa.Table:
        """Exact sums of every basis by columns of the lines, over all periods.

        The result has the columns, `lines`, the sums by the names of their money columns, from
        when to when the service was (`first` and `last`), and one description (`text`).
        """
        self._known([*columns, *(condition.column for condition in where)])
        keys = listed(list(columns))
        conditions, values = where_clause(where)
        measures = ", ".join(f"sum({quoted(m)}) AS {quoted(m)}" for m in COST_COLUMN.values())
        return self.ask(
            f"SELECT {keys}, count(*) AS lines, {measures}, min(charge_period_start) AS first, "
            "max(charge_period_end) AS last, min(charge_description) AS text "
            f"FROM {SCAN} WHERE {conditions} GROUP BY {keys} ORDER BY {keys}",
            values,
        )

    def chosen(self, keys: pa.Table, *, of: str) -> pa.Table:
        """The lines that have the values of one of these keys, nulls being values too.

        The columns of `keys` are columns of lines but for `of`, which the result carries along;
        a line that meets several keys comes once for each.
        """
        columns = [name for name in keys.column_names if name != of]
        self._known(columns)
        same = _same(keys, columns)
        found = self.ask(
            f"SELECT l.*, k.{quoted(of)} FROM {SCAN_NAMED} l JOIN keys k ON {same} "
            f"ORDER BY k.{quoted(of)}, l.{quoted(_FILE)}, l.source_row",
            {},
            tables={"keys": keys},
        )
        return self._with_ids(found)

    def sums_of(self, keys: pa.Table, *, of: str, by: Sequence[str] = ()) -> pa.Table:
        """Exact sums of every basis of the lines that each key chooses, with their number.

        `by` divides them further by columns of the lines.
        """
        columns = [name for name in keys.column_names if name != of]
        self._known([*columns, *by])
        parts = "".join(f", l.{quoted(name)}" for name in by)
        groups = ", ".join(str(n) for n in range(1, len(by) + 2))
        same = _same(keys, columns)
        measures = ", ".join(f"sum(l.{quoted(m)}) AS {quoted(m)}" for m in COST_COLUMN.values())
        return self.ask(
            f"SELECT k.{quoted(of)}{parts}, count(*) AS lines, {measures} "
            f"FROM {SCAN} l JOIN keys k ON {same} GROUP BY {groups} ORDER BY {groups}",
            {},
            tables={"keys": keys},
        )

    def line(self, batch_id: str, source_row: int) -> pa.Table:
        """One line by its batch and row; empty where there is none."""
        files = [path for path, owner in self._batch_of.items() if owner == batch_id]
        row = [Condition("source_row", "=", source_row)]
        conditions, values = where_clause(row)
        query = f"SELECT * FROM {SCAN_NAMED} WHERE {conditions}"
        return self._with_ids(self.ask(query, values, files))

    def _known(self, names: Sequence[str]) -> None:
        for name in names:
            if name not in self.columns:
                raise KeyError(name)

    def _with_ids(self, found: pa.Table) -> pa.Table:
        owners = [self._batch_of[name] for name in found[_FILE].to_pylist()]
        rows = found["source_row"].to_pylist()
        ids = [f"{owner}-{row}" for owner, row in zip(owners, rows, strict=True)]
        ours = {_FILE, "batch_id", LINE_ID}
        found = found.drop_columns([name for name in found.column_names if name in ours])
        found = found.append_column("batch_id", pa.array(owners, pa.string()))
        return found.append_column(LINE_ID, pa.array(ids, pa.string()))

    def ask(
        self,
        query: str,
        values: Mapping[str, Any],
        files: Sequence[str] | None = None,
        *,
        tables: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        """The answer to a query over `SCAN` or `SCAN_NAMED`, of some files or of all."""
        chosen = list(self._files if files is None else files)
        asked = (query, repr(sorted(values.items())), tuple(chosen), _digest(tables or {}))
        with self._keeping:
            if asked in self._answers:
                self._answers.move_to_end(asked)
                return self._answers[asked]
        found = self._answer(query, values, chosen, tables or {})
        if found.num_rows <= _ROWS_KEPT:
            with self._keeping:
                self._answers[asked] = found
                while len(self._answers) > _ANSWERS_KEPT:
                    self._answers.popitem(last=False)
        return found

    def _answer(
        self,
        query: str,
        values: Mapping[str, Any],
        chosen: Sequence[str],
        tables: Mapping[str, pa.Table],
    ) -> pa.Table:
        cursor = self._database.cursor()
        try:
            for name, table in tables.items():
                cursor.register(name, table)
            if not chosen:
                cursor.register("nothing", _no_lines())
                query = query.replace(SCAN_NAMED, "nothing").replace(SCAN, "nothing")
                return cursor.sql(query, params=dict(values)).to_arrow_table()
            with overflow_refusal():
                return cursor.sql(query, params={**values, "files": list(chosen)}).to_arrow_table()
        finally:
            cursor.close()


SCAN = "read_parquet($files, union_by_name = true, hive_partitioning = false)"
SCAN_NAMED = (
    f"read_parquet($files, union_by_name = true, hive_partitioning = false, filename = '{_FILE}')"
)


def _same(keys: pa.Table, columns: Sequence[str]) -> str:
    """Nulls are values too; where a key has none, files that lack its values are passed over."""
    return " AND ".join(
        f"l.{quoted(name)} {'IS NOT DISTINCT FROM' if keys[name].null_count else '='} "
        f"k.{quoted(name)}"
        for name in columns
    )


def _no_lines() -> pa.Table:
    schema = COST_LINE.schema.append(pa.field(_FILE, pa.string()))
    return schema.empty_table()


def _digest(tables: Mapping[str, pa.Table]) -> tuple[tuple[str, str], ...]:
    """What these tables hold, in few characters."""
    found = []
    for name, table in sorted(tables.items()):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        found.append((name, hashlib.sha256(sink.getvalue()).hexdigest()))
    return tuple(found)
