"""Apache Spark as an engine: the lines stay where the cluster reads them, only sums come back.

A cluster is named by its master; everything else about it (memory, executors, credentials) is
Spark's own configuration, as its administrators keep it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from bursar.lake.engines.relation import OWNER, Relation, library, translated
from bursar.lake.errors import EngineFailed, SumOverflow

_WORDS = {
    pa.int64(): "BIGINT",
    pa.string(): "STRING",
    pa.decimal128(38, 24): "DECIMAL(38, 24)",
    pa.timestamp("us", "UTC"): "TIMESTAMP",
}
_SETTINGS = {
    "spark.app.name": "Bursar",
    "spark.sql.ansi.enabled": "true",  # a sum that overflows is an error, never null
    "spark.sql.caseSensitive": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
_TOO_LARGE = ("ARITHMETIC_OVERFLOW", "NUMERIC_VALUE_OUT_OF_RANGE")


class SparkEngine:
    """One session of a Spark cluster."""

    name = "spark"

    def __init__(self, master: str, *, lake: Path, seen_as: str = "") -> None:
        self._lake, self._seen_as = lake, seen_as.rstrip("/")
        library("sqlglot", self.name)
        self._spark = library("pyspark", self.name)
        self._sql = library("pyspark.sql", self.name)
        self._failed = (
            library("pyspark.errors", self.name).PySparkException,
            library("py4j.protocol", self.name).Py4JError,
            pa.ArrowException,  # its stream broke off
            OSError,
            EOFError,
            RuntimeError,  # there is no Java
        )
        with self._failures():
            self._borrowed = self._is_there()
            builder = self._sql.SparkSession.builder.master(master)
            for key, value in _SETTINGS.items():
                builder = builder.config(key, value)
            self._session: Any = builder.getOrCreate()

    def ask(
        self,
        query: str,
        shape: pa.Schema,
        relations: Mapping[str, Relation],
        *,
        given: Mapping[str, pa.Table] | None = None,
        values: Mapping[str, str] | None = None,
    ) -> pa.Table:
        text = translated(query, self.name).sql("spark")
        with self._failures():
            for name, relation in relations.items():
                self._read(relation).createOrReplaceTempView(name)
            for name, table in (given or {}).items():
                self._session.createDataFrame(table).createOrReplaceTempView(name)
            found: pa.Table = self._session.sql(text, args=dict(values or {})).toArrow()
            return found.cast(shape)

    def close(self) -> None:
        try:
            alive = self._session.version  # asks the Java process
            if alive and not self._borrowed:  # a session that was there before is its owner's
                self._session.stop()
        except self._failed:
            self._forget()

    def _read(self, relation: Relation) -> Any:
        columns = [f"`{name}` {_WORDS[type_]}" for name, type_ in relation.columns]
        files = [self._seen(file) for file in relation.files]
        read = self._session.read.schema(", ".join(columns)).parquet(*files)
        owner = f"element_at(split(_metadata.file_path, '/'), -2) AS `{OWNER}`"
        return read.selectExpr(owner, *(f"`{name}`" for name, _ in relation.columns))

    def _seen(self, file: str) -> str:
        """A file's address for the cluster's machines."""
        if not self._seen_as:
            return Path(file).as_uri()
        return f"{self._seen_as}/{Path(file).relative_to(self._lake).as_posix()}"

    def _is_there(self) -> bool:
        """Whether this process has a session that still answers; a dead one is forgotten."""
        try:
            session = self._sql.SparkSession.getActiveSession()
            return session is not None and bool(session.version)
        except self._failed:
            self._forget()
            return False

    def _forget(self) -> None:
        """After its Java process died: the library would go on asking that one for ever."""
        context = self._spark.SparkContext
        with suppress(Exception):
            context._gateway.shutdown()
        context._gateway = context._jvm = context._active_spark_context = None
        self._sql.SparkSession._instantiatedSession = None

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except self._failed as error:
            said = str(error).strip().partition("\n")[0] or type(error).__name__
            if any(word in said for word in _TOO_LARGE):
                raise SumOverflow(
                    "The amounts of one currency add up to more than 14 digits before the point, "
                    "which is more than the ledger holds. Check the files' amounts and currency."
                ) from error
            raise EngineFailed(
                f"Spark ended before it had answered: {said}. Nothing was published. See that the "
                "cluster runs, that its machines read the lake's folder under the same path (or "
                "set BURSAR_SPARK_LAKE) and that Java is installed here, then run again."
            ) from error
