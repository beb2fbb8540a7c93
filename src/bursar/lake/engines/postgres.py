"""PostgreSQL as an engine: the columns that are read are copied into temporary tables of one
session, by Arrow's database driver, and are gone with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bursar.lake.engines.duckdb import quoted
from bursar.lake.engines.relation import OWNER, Relation, library, translated
from bursar.lake.errors import EngineFailed, damage_refusals, overflow_refusal
from bursar.lake.files import ROW_GROUP_ROWS

_WORDS = {
    pa.int64(): "bigint",
    pa.string(): 'text COLLATE "C"',  # compared byte by byte, as the other engines do
    pa.decimal128(38, 24): "numeric(38, 24)",
    pa.timestamp("us", "UTC"): "timestamptz",
}


class PostgresEngine:
    """One session of a PostgreSQL server."""

    name = "postgres"

    def __init__(self, address: str) -> None:
        self._glot = library("sqlglot", self.name)
        driver = library("adbc_driver_postgresql.dbapi", self.name)
        self._failure = driver.Error
        with self._failures():
            self._session: Any = driver.connect(address)
            with self._session.cursor() as cursor:
                cursor.execute("SET application_name = 'bursar run'")
            self._session.commit()
        self._copied: dict[Relation, str] = {}
        self._made = 0

    def ask(
        self,
        query: str,
        shape: pa.Schema,
        relations: Mapping[str, Relation],
        *,
        given: Mapping[str, pa.Table] | None = None,
        values: Mapping[str, str] | None = None,
    ) -> pa.Table:
        names = {name: self._copy(relation) for name, relation in relations.items()}
        with self._failures():
            passing = {name: self._table(table) for name, table in (given or {}).items()}
            text, wanted = self._written(query, names | passing)
            with self._session.cursor() as cursor:
                cursor.execute(text, [(values or {})[name] for name in wanted] or None)
                found: pa.Table = cursor.fetch_arrow_table()
                for table in passing.values():
                    cursor.execute(f"DROP TABLE {table}")
            self._session.commit()
        with overflow_refusal():  # its numbers have no end, the ledger's have
            columns = [_plain(found[name]).cast(shape.field(name).type) for name in shape.names]
            return pa.table(columns, schema=shape)

    def close(self) -> None:
        try:
            self._session.close()
        except self._failure:  # the server ended it already
            return

    def _copy(self, relation: Relation) -> str:
        """The temporary table that holds the relation; copied once in a session."""
        if relation in self._copied:
            return self._copied[relation]
        schema = pa.schema([(OWNER, pa.string()), *relation.columns])
        table = self._create(schema)
        for file in relation.files:
            with damage_refusals("A file of the batches that this needs"):
                for part in _parts_of(file, schema):
                    self._fill(table, part)
        with self._failures(), self._session.cursor() as cursor:
            cursor.execute(f"ANALYZE {table}")
        self._copied[relation] = table
        return table

    def _table(self, content: pa.Table) -> str:
        table = self._create(content.schema)
        self._fill(table, content)
        return table

    def _create(self, schema: pa.Schema) -> str:
        self._made += 1
        table = f"bursar_{self._made}"
        columns = ", ".join(f"{quoted(f.name)} {_WORDS[f.type]}" for f in schema)
        with self._failures(), self._session.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE {table} ({columns})")
        return table

    def _fill(self, table: str, rows: pa.Table) -> None:
        with self._failures(), self._session.cursor() as cursor:
            cursor.adbc_ingest(table, rows, mode="append", temporary=True)

    def _written(self, query: str, names: Mapping[str, str]) -> tuple[str, list[str]]:
        """The query in PostgreSQL's words, and the values that its $1, $2 … stand for."""
        tree, wanted = translated(query, self.name), list[str]()
        exp = self._glot.exp
        for table in tree.find_all(exp.Table):
            if table.name in names:
                table.set("this", exp.to_identifier(names[table.name]))
        for mark in list(tree.find_all(exp.Placeholder)):
            if mark.name not in wanted:
                wanted.append(mark.name)
            number = exp.Literal.number(wanted.index(mark.name) + 1)
            mark.replace(exp.Parameter(this=number))
        return tree.sql("postgres"), wanted

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except self._failure as error:
            said = str(error).partition("\n")[0]
            raise EngineFailed(
                f"PostgreSQL ended before it had answered: {said}. Nothing was published. See "
                "that the server runs and has room for its temporary tables, then run again."
            ) from error


def _parts_of(file: str, schema: pa.Schema) -> Iterator[pa.Table]:
    """A file's rows in these columns, part by part; null where it has no such column."""
    with pq.ParquetFile(file) as reader:
        there = [name for name in schema.names if name in reader.schema_arrow.names]
        for part in reader.iter_batches(ROW_GROUP_ROWS, columns=there):
            columns = {name: part[name] for name in there}
            columns[OWNER] = pa.repeat(Path(file).parent.name, part.num_rows)
            missing = {f.name: f.type for f in schema if f.name not in columns}
            columns |= {name: pa.nulls(part.num_rows, type_) for name, type_ in missing.items()}
            yield pa.table([columns[f.name].cast(f.type) for f in schema], schema=schema)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The driver gives numbers as texts of an extension type: the texts themselves."""
    if isinstance(column.type, pa.BaseExtensionType):
        return column.cast(column.type.storage_type)
    return column
