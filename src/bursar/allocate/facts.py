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

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection

from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import COST_COLUMN, CUBE_MONTH, DIMENSION_COLUMNS
from bursar.lake.engines.duckdb import quoted
from bursar.lake.engines.known import DUCKDB, EngineAddresses, open_engine
from bursar.lake.engines.relation import OWNER, Engine, Relation
from bursar.lake.errors import FileMissing, damage_refusals
from bursar.office.database import postgresql_address
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

TOTALS = pa.schema(
    [pa.field("legal_entity", pa.string()), *(CLASS_SUMS.field(n) for n in ("currency", "amount"))]
)


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
    """Questions to the facts of some batches; one engine answers those that sum."""

    def __init__(self, engine: Engine, files: FrozenFiles) -> None:
        self._engine = engine
        self._files = files

    def cells(self, period: str, basis: str) -> pa.Table:
        """The period's cost by batch, dimension and currency, exact; no row states nothing."""
        return self._cells(self._cubes(basis), "currency", period, basis, {})

    def line_cells(self, period: str, basis: str, columns: Sequence[str]) -> pa.Table:
        """The same from the lines themselves, kept apart by these columns as well."""
        kept = {name: COST_LINE.schema.field(name).type for name in columns}
        return self._cells(self._lines(basis, kept), "billing_currency", period, basis, kept)

    def sums_by_class(
        self, periods: Sequence[str], basis: str, classes: pa.Table, *, lines: bool = False
    ) -> pa.Table:
        """Exact sums per period, class and currency: `classes` gives each dim_id its class_id.

        From the month cubes, or from the lines themselves. All periods are one question, so that
        dimensions are joined once; a null class is a dimension that nobody classified. Periods
        that lie between them come along: a list of periods would double the time.
        """
        currency = "billing_currency" if lines else "currency"
        facts = self._lines(basis, {}) if lines else self._cubes(basis)
        cost = quoted(COST_COLUMN[basis])
        query = (
            f"SELECT f.posting_period AS period, c.class_id, f.{currency} AS currency, "
            f"sum(f.{cost}) AS amount FROM facts f LEFT JOIN classes c ON f.dim_id = c.dim_id "
            f"WHERE f.posting_period BETWEEN $first AND $last AND f.{cost} IS NOT NULL "
            "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
        return self._asked(query, CLASS_SUMS, facts, classes=classes, **_range(periods))

    def amounts(self, periods: Sequence[str], basis: str) -> pa.Table:
        """What the month cubes state, row by row: posting_period, dim_id and amount."""
        cost = quoted(COST_COLUMN[basis])
        query = (
            f"SELECT posting_period AS period, dim_id, {cost} AS amount FROM facts "
            f"WHERE posting_period BETWEEN $first AND $last AND {cost} IS NOT NULL"
        )
        return self._asked(query, AMOUNTS, self._cubes(basis), **_range(periods))

    def by_batch(self, basis: str) -> pa.Table:
        """Exact sums per batch, period and currency, whatever the dimensions: no join at all."""
        cost = quoted(COST_COLUMN[basis])
        query = (
            f"SELECT f.{OWNER}, f.posting_period AS period, f.currency, sum(f.{cost}) AS amount "
            f"FROM facts f WHERE f.{cost} IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
        return self._asked(query, BATCH_SUMS, self._cubes(basis))

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
        names = [*DIMENSION_COLUMNS, *promoted]
        shape = pa.schema([("dim_id", pa.int64()), *((name, pa.string()) for name in names)])
        facts = self._relation("dimension", {f.name: f.type for f in shape}, uneven=True)
        wanted = ", ".join(f"max({quoted(n)}) AS {quoted(n)}" for n in names)
        query = f"SELECT dim_id, {wanted} FROM facts GROUP BY dim_id ORDER BY dim_id"
        return self._asked(query, shape, facts)

    def totals(self, period: str, basis: str) -> pa.Table:
        """The period's cost by legal entity and currency, by a way of its own: from day cubes."""
        cost = quoted(COST_COLUMN[basis])
        days = self._relation("cube_day", _cube_columns(basis))
        owners = {"dim_id": pa.int64(), "legal_entity": pa.string()}
        dims = self._relation("dimension", owners, uneven=True)
        if days is None or dims is None:
            return TOTALS.empty_table()
        query = (
            f"WITH d AS (SELECT DISTINCT dim_id, legal_entity FROM dims) "
            f"SELECT d.legal_entity, c.currency, sum(c.{cost}) AS amount "
            "FROM facts c JOIN d ON c.dim_id = d.dim_id WHERE c.posting_period = $period "
            f"AND c.{cost} IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
        )
        relations = {"facts": days, "dims": dims}
        return self._engine.ask(query, TOTALS, relations, values={"period": period})

    def _cells(
        self,
        facts: Relation | None,
        currency: str,
        period: str,
        basis: str,
        kept: Mapping[str, pa.DataType],
    ) -> pa.Table:
        cost = quoted(COST_COLUMN[basis])
        keys = [f"f.{OWNER}", "f.dim_id", f"f.{currency} AS currency", *map(_of_facts, kept)]
        order = ", ".join(str(place + 1) for place in range(len(keys)))
        query = (
            f"SELECT {', '.join(keys)}, sum(f.{cost}) AS amount FROM facts f "
            f"WHERE f.posting_period = $period AND f.{cost} IS NOT NULL "
            f"GROUP BY {order} ORDER BY {order}"
        )
        *before, amount = CELLS
        further = (pa.field(name, type_) for name, type_ in kept.items())
        return self._asked(query, pa.schema([*before, *further, amount]), facts, period=period)

    def _cubes(self, basis: str) -> Relation | None:
        return self._relation("cube_month", _cube_columns(basis))

    def _lines(self, basis: str, kept: Mapping[str, pa.DataType]) -> Relation | None:
        names = ("posting_period", "dim_id", "billing_currency", COST_COLUMN[basis])
        columns = {name: COST_LINE.schema.field(name).type for name in names}
        return self._relation("cost_line", columns | dict(kept), uneven=True)

    def _relation(
        self, table: str, columns: Mapping[str, pa.DataType], *, uneven: bool = False
    ) -> Relation | None:
        files = self._files.absolute(table)
        return Relation(tuple(files), tuple(columns.items()), uneven) if files else None

    def _asked(
        self,
        query: str,
        shape: pa.Schema,
        facts: Relation | None,
        classes: pa.Table | None = None,
        **values: str,
    ) -> pa.Table:
        if facts is None:
            return shape.empty_table()
        given = {} if classes is None else {"classes": classes}
        return self._engine.ask(query, shape, {"facts": facts}, given=given, values=values)


@contextmanager
def open_facts(files: FrozenFiles, engine: Engine | None = None) -> Iterator[Facts]:
    """The facts of these files, by an engine that is open already or by the default one."""
    if engine is not None:
        yield Facts(engine, files)
        return
    with open_engine(DUCKDB, EngineAddresses()) as own:
        yield Facts(own, files)


def addresses() -> EngineAddresses:
    """Where this installation's engines are."""
    own = postgresql_address() if connection.vendor == "postgresql" else ""
    return EngineAddresses(
        postgres=settings.POSTGRES_URL or own,
        spark=settings.SPARK_URL,
        lake=Path(settings.LAKE_FOLDER),
        spark_lake=settings.SPARK_LAKE,
    )


def _cube_columns(basis: str) -> dict[str, pa.DataType]:
    names = ("posting_period", "dim_id", "currency", COST_COLUMN[basis])
    return {name: CUBE_MONTH.schema.field(name).type for name in names}


def _of_facts(column: str) -> str:
    return f"f.{quoted(column)}"


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


def _settled(found: dict[str, dict[str, list[str]]]) -> dict[str, dict[str, tuple[str, ...]]]:
    return {
        table: {batch: tuple(listed) for batch, listed in batches.items()}
        for table, batches in found.items()
    }
