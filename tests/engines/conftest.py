"""Installations whose runs may sum on any engine: a real PostgreSQL, a real local Spark cluster."""

from __future__ import annotations

import os
from typing import Any

import pytest

CLUSTER = os.environ.get("BURSAR_SPARK_URL") or "local-cluster[2,1,1024]"


def warm_cluster() -> str:
    """The address of a cluster with a session that is kept, for starting one takes its time."""
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    builder.master(CLUSTER).config("spark.sql.shuffle.partitions", 2).getOrCreate()
    return CLUSTER


@pytest.fixture
def reachable(db: None, settings: Any) -> None:
    """An installation that knows where all engines are."""
    assert settings.POSTGRES_URL, "BURSAR_POSTGRES_URL must name a PostgreSQL"
    settings.SPARK_URL = warm_cluster()
