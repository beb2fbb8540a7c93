"""Reading the facts of a period from an exact list of batches, in force or long superseded.

A run reads what it froze and nothing else, so the files are always named by batch. Sums are the
engine's; splitting them is not its work.
"""

# ruff: noqa: S608 - identifiers are constants or quoted, every value is a parameter

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from bursar.core.tables.cube import COST_COLUMN, DIMENSION_COLUMNS
from bursar.lake.cubes import overflow_refusal
from bursar.lake.engines.duckdb import connect, listed, quoted
from bursar.lake.errors import FileMissing, damage_refusals
from bursar.office.manifest.models import LakeFile

CELLS = pa.schema(
    [
        pa.field("batch_id", pa.string(), nullable=False),
        pa.field("dim_id", pa.int64(), nullable=False),
        pa.field("currency", pa.string(), nullable=False),
        pa.field("amount", pa.decimal128(38, 24), nullable=False),
    ]
)
"""A cell: what one batch says that one dimension cost in the period."""


CLASS_SUMS = pa.schema(
    [
        pa.field("period", pa.string()),
        pa.field("class_id", pa.int64()),
        pa.field("currency", pa.string()),
        pa.field("amount", pa.decimal128(38, 24)),
    ]
)
AMOUNTS = pa.schema([CLASS_SUMS.field("period"), CELLS.field("dim_id"), CELLS.field("amount")])
BATCH_SUMS = pa.schema(
    [CELLS.field("batch_id"), *(CLASS_SUMS.field(n) for n in ("period", "currency", "amount"))]
)

_OWNER = "parse_path(f.filename)[-2]"
"""The batch that a file belongs to: its folder is called by the batch's id."""


@dataclass(frozen=True)
class FrozenFiles:
    """Files of some batches, by table."""

    paths: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Table → batch → paths below the lake's folder."""
    hashes: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Table → batch → SHA-256 of its files, in the order of their paths."""

    def hashes_of(self, tables: Iterable[str]) -> dict[str, list[str]]:
        """Batch → the hashes of its files of these tables."""
        found: dict[str, list[str]] = {}
        for table in sorted(tables):
            for batch, hashes in self.hashes.get(table, {}).items():
                found.setdefault(batch, []).extend(hashes)
        return found

    def absolute(self, table: str) -> list[str]:
        lake = Path(settings.LAKE_FOLDER)
        found = self.paths.get(table, {})
        files = [lake / path for batch in sorted(found) for path in found[batch]]
        for file in files:
            if not file.is_file():
                raise FileMissing(
                    f"The file {file} of the lake is gone. Restore it from a backup; "
                    "`verify` lists every file that is missing."
                )
        return [str(file) for file in files]


def files_of(batches: Iterable[str]) -> FrozenFiles:
    """Every file of these batches, whether in force or not."""
    rows = LakeFile.objects.filter(owner__in=list(batches)).order_by("path")
    paths: dict[str, dict[str, list[str]]] = {}
    hashes: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        paths.setdefault(row.table, {}).setdefault(row.owner, []).append(row.path)
        hashes.setdefault(row.table, {}).setdefault(row.owner, []).append(row.sha256)
    return FrozenFiles(_settled(paths), _settled(hashes))


class Facts:
    """Questions to the facts of some batches; one engine for as long as it is open."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, files: FrozenFiles) -> None:
        self._connection = connection
        self._files = files

    def cells(self, period: str, basis: str) -> pa.Table:
        """The period's cost by batch, dimension and currency, exact; no row states nothing."""
        return self._summed("cube_month", period, COST_COLUMN[basis], "currency", ())

    def line_cells(self, period: str, basis: str, columns: Sequence[str]) -> pa.Table:
        """The same from the lines themselves, kept apart by these columns as well."""
        return self._summed("cost_line", period, COST_COLUMN[basis], "billing_currency", columns)

    def sums_by_class(
        self, periods: Sequence[str], basis: str, classes: pa.Table, *, lines: bool = False
    ) -> pa.Table:
        """Exact sums per period, class and currency: `classes` gives each dim_id its class_id.

        From the month cubes, or from the lines themselves. All periods are one question, so that
        dimensions are joined once; a null class is a dimension that nobody classified. Periods
        that lie between them come along: a list of periods would double the time.
        """
        table, currency = ("cost_line", "billing_currency") if lines else ("cube_month", "currency")
        if not (files := self._files.absolute(table)):
            return CLASS_SUMS.empty_table()
        cost = quoted(COST_COLUMN[basis])
        query = (
            f"SELECT f.posting_period AS period, c.class_id, f.{currency} AS currency, "
            f"sum(f.{cost}) AS amount FROM read_parquet($files, union_by_name=true) f "
            "LEFT JOIN classes c USING (dim_id) "
            f"WHERE f.posting_period BETWEEN $first AND $last AND f.{cost} IS NOT NULL "
            "GROUP BY ALL ORDER BY ALL"
        )
        self._connection.register("classes", classes)
        try:
            return self._asked(query, {"files": files, **_range(periods)})
        finally:
            self._connection.unregister("classes")

    def amounts(self, periods: Sequence[str], basis: str) -> pa.Table:
        """What the month cubes state, row by row: posting_period, dim_id and amount."""
        if not (files := self._files.absolute("cube_month")):
            return AMOUNTS.empty_table()
        cost = quoted(COST_COLUMN[basis])
        query = (
            f"SELECT posting_period AS period, dim_id, {cost} AS amount FROM read_parquet($files) "
            f"WHERE posting_period BETWEEN $first AND $last AND {cost} IS NOT NULL"
        )
        return self._asked(query, {"files": files, **_range(periods)})

    def by_batch(self, basis: str) -> pa.Table:
        """Exact sums per batch, period and currency, whatever the dimensions: no join at all."""
        if not (files := self._files.absolute("cube_month")):
            return BATCH_SUMS.empty_table()
        cost = quoted(COST_COLUMN[basis])
        query = (
            f"SELECT {_OWNER} AS batch_id, f.posting_period AS period, f.currency, "
            f"sum(f.{cost}) AS amount FROM read_parquet($files, filename=true) f "
            f"WHERE f.{cost} IS NOT NULL GROUP BY ALL ORDER BY ALL"
        )
        return self._asked(query, {"files": files})

    def known_by(self, columns: Sequence[str]) -> pa.Table:
        """Every dimension of the batches, once, by id, with these columns as codes.

        Most dimensions come back in batch after batch, so a file gives only those that are new.
        """
        ids, parts = np.zeros(0, np.int64), [_dimension_schema(columns).empty_table()]
        for file in self._files.absolute("dimension"):
            with damage_refusals("A file of the batches that this needs"):
                described = pq.read_metadata(file)
                has = described.schema.to_arrow_schema().names
                there = [name for name in columns if name in has]
                reader = pq.ParquetFile(file, metadata=described, read_dictionary=there)
                mine = reader.read(["dim_id"])["dim_id"].to_numpy()
                new = np.flatnonzero(~_among(mine, ids))
                if not len(new):
                    continue
                rows = reader.read(["dim_id", *there]).take(pa.array(new))
            ids = np.sort(np.concatenate([ids, mine[new]]), kind="stable")
            parts.append(rows)
        table = pa.concat_tables(parts, promote_options="permissive").unify_dictionaries()
        return table.take(pa.array(np.argsort(table["dim_id"].to_numpy(), kind="stable")))

    def dimensions(self, promoted: Sequence[str] = ()) -> pa.Table:
        """Every dimension of the batches, once; promoted columns that a batch lacks are null."""
        files = self._files.absolute("dimension")
        names = ["dim_id", *DIMENSION_COLUMNS, *promoted]
        if not files:
            return pa.table({n: pa.array([], _dimension_type(n)) for n in names})
        there = self._columns(files)
        wanted = [
            f"any_value({quoted(n)})::VARCHAR AS {quoted(n)}"
            if n in there
            else f"NULL::VARCHAR AS {quoted(n)}"
            for n in names[1:]
        ]
        query = (
            f"SELECT dim_id, {', '.join(wanted)} FROM read_parquet($files, union_by_name=true) "
            "GROUP BY dim_id ORDER BY dim_id"
        )
        return self._asked(query, {"files": files})

    def totals(self, period: str, basis: str) -> pa.Table:
        """The period's cost by legal entity and currency, by a way of its own: from day cubes."""
        days, dims = self._files.absolute("cube_day"), self._files.absolute("dimension")
        cost = quoted(COST_COLUMN[basis])
        query = (
            f"WITH d AS (SELECT DISTINCT dim_id, legal_entity FROM read_parquet($dims, "
            f"union_by_name=true)) SELECT d.legal_entity, c.currency, sum(c.{cost}) AS amount "
            "FROM read_parquet($days) c JOIN d USING (dim_id) WHERE c.posting_period = $period "
            f"AND c.{cost} IS NOT NULL GROUP BY ALL ORDER BY ALL"
        )
        if not days:
            return pa.table({"legal_entity": [], "currency": [], "amount": []})
        return self._asked(query, {"dims": dims, "days": days, "period": period})

    def _summed(
        self, table: str, period: str, cost: str, currency: str, columns: Sequence[str]
    ) -> pa.Table:
        files = self._files.absolute(table)
        if not files:
            return CELLS.empty_table()
        there = self._columns(files) if columns else set()
        extra = [quoted(c) if c in there else f"NULL::VARCHAR AS {quoted(c)}" for c in columns]
        inner = ", ".join(
            [
                "filename",
                "dim_id",
                f"{quoted(currency)} AS currency",
                *extra,
                f"{quoted(cost)} AS c",
            ]
        )
        names = f", {listed(list(columns))}" if columns else ""
        query = (
            f"SELECT {_OWNER} AS batch_id, f.dim_id, f.currency{names}, sum(f.c) AS amount "
            f"FROM (SELECT {inner} FROM read_parquet($files, filename=true, union_by_name=true) "
            f"WHERE posting_period = $period AND {quoted(cost)} IS NOT NULL) f "
            "GROUP BY ALL ORDER BY ALL"
        )
        return self._asked(query, {"files": files, "period": period})

    def _asked(self, query: str, values: dict[str, object]) -> pa.Table:
        with damage_refusals("A file of the batches that this needs"), overflow_refusal():
            return self._connection.sql(query, params=values).to_arrow_table()

    def _columns(self, files: list[str]) -> set[str]:
        query = "SELECT * FROM read_parquet($files, union_by_name=true) LIMIT 0"
        with damage_refusals("A file of the batches that this needs"):
            described = self._connection.execute(query, {"files": files}).description
        return {column[0] for column in described or ()}


@contextmanager
def open_facts(files: FrozenFiles) -> Iterator[Facts]:
    """The facts of these files, while the engine is open."""
    connection = connect(memory_limit="2GB")
    try:
        yield Facts(connection, files)
    finally:
        connection.close()


def _range(periods: Sequence[str]) -> dict[str, str]:
    return {"first": min(periods), "last": max(periods)}


def _among(wanted: npt.NDArray[np.int64], known: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which of these are among the known ones, which ascend."""
    if not len(known):
        return np.zeros(len(wanted), bool)
    places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.asarray(known[places] == wanted, bool)


def _dimension_schema(columns: Sequence[str]) -> pa.Schema:
    coded = pa.dictionary(pa.int32(), pa.string())
    return pa.schema([("dim_id", pa.int64()), *((name, coded) for name in columns)])


def _dimension_type(name: str) -> pa.DataType:
    return pa.int64() if name == "dim_id" else pa.string()


def _settled(found: dict[str, dict[str, list[str]]]) -> dict[str, dict[str, tuple[str, ...]]]:
    return {
        table: {batch: tuple(listed) for batch, listed in batches.items()}
        for table, batches in found.items()
    }
