"""The engines that sums may be computed on, by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bursar.lake.engines.duckdb import DuckDBEngine
from bursar.lake.engines.postgres import PostgresEngine
from bursar.lake.engines.relation import Engine
from bursar.lake.engines.spark import SparkEngine
from bursar.lake.errors import EngineMissing, UnknownEngine

DUCKDB, POSTGRES, SPARK = "duckdb", "postgres", "spark"
ENGINES = (DUCKDB, POSTGRES, SPARK)


@dataclass(frozen=True)
class EngineAddresses:
    """Where the engines are that are not inside this process; empty where there is none."""

    postgres: str = ""
    """postgresql://user:password@host:port/name"""
    spark: str = ""
    """The cluster's master: spark://host:7077, yarn, k8s://…, or local[4]."""
    lake: Path = Path()
    """The lake's folder as this process sees it."""
    spark_lake: str = ""
    """The same folder as the cluster's machines see it; empty where they see the same path."""


def require_engine(name: str) -> None:
    """Refuses: `run.unknown_engine`."""
    if name not in ENGINES:
        raise UnknownEngine(f"There is no engine '{name}' here. Choose {', '.join(ENGINES)}.")


@contextmanager
def open_engine(name: str, addresses: EngineAddresses) -> Iterator[Engine]:
    """The engine of this name, for as long as it is needed.

    Refuses: `run.unknown_engine`, `run.engine_missing`, `run.engine_failed`.
    """
    require_engine(name)
    engine = _opened(name, addresses)
    try:
        yield engine
    finally:
        engine.close()


def _opened(name: str, addresses: EngineAddresses) -> Engine:
    if name == POSTGRES:
        if not addresses.postgres:
            raise EngineMissing(
                "The engine 'postgres' needs the address of its server. Set BURSAR_POSTGRES_URL, "
                "or move the installation to PostgreSQL by DATABASE_URL. Nothing was run."
            )
        return PostgresEngine(addresses.postgres)
    if name == SPARK:
        if not addresses.spark:
            raise EngineMissing(
                "The engine 'spark' needs the address of its cluster. Set BURSAR_SPARK_URL, as in "
                "BURSAR_SPARK_URL=spark://host:7077. Nothing was run."
            )
        return SparkEngine(addresses.spark, lake=addresses.lake, seen_as=addresses.spark_lake)
    return DuckDBEngine()
