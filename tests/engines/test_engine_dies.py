"""Rule EN4: an engine ends in the middle of a run; nothing is published, the next run works."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.conf import settings
from tests.engines.comparing import in_force
from tests.engines.random_firm import random_firm

from bursar.allocate.actions.run_model import run_model
from bursar.allocate.models import Run
from bursar.lake.errors import EngineFailed
from bursar.office.manifest.models import LakeFile


def _end_postgres() -> None:
    """As an administrator or a lost server would end the engine's session, once it has begun."""
    begun = (
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'bursar run' "
        "AND (query LIKE 'CREATE TEMPORARY TABLE%' OR query LIKE 'COPY%')"
    )
    with psycopg.connect(settings.POSTGRES_URL, autocommit=True) as other:
        while not (found := other.execute(begun).fetchall()):
            time.sleep(0.001)
        other.execute("SELECT pg_terminate_backend(%s)", found[0])


def _end_spark() -> None:
    """As kill -9 of its Java process, once a job has begun."""
    from pyspark import SparkContext

    context: Any = SparkContext._active_spark_context
    before = set(context.statusTracker().getJobIdsForGroup(None))
    while not set(context.statusTracker().getJobIdsForGroup(None)) - before:
        time.sleep(0.001)
    SparkContext._gateway.proc.kill()


def _lake() -> set[str]:
    lake = Path(settings.LAKE_FOLDER)
    return {str(path.relative_to(lake)) for path in lake.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("engine", "end"), [("postgres", _end_postgres), ("spark", _end_spark)])
def test_a_run_whose_engine_dies_publishes_nothing_and_can_be_repeated(
    engine: str, end: Callable[[], None], reachable: None, home: Path, tmp_path: Path
) -> None:
    periods = random_firm(Random(7), tmp_path, by_line=True)
    before = _lake(), LakeFile.objects.count()
    watch = Thread(target=end)

    def begin_to_watch(_period: str) -> None:
        if watch.ident is None:
            watch.start()

    arguments: dict[str, Any] = {"acting_user": None, "periods": periods}
    with pytest.raises(EngineFailed, match="Nothing was published") as refusal:
        run_model(engine=engine, progress=begin_to_watch, **arguments)
    assert refusal.value.code == "run.engine_failed"
    assert (_lake(), LakeFile.objects.count()) == before
    watch.join()
    assert not Run.objects.exists()

    again = run_model(engine=engine, **arguments)
    assert again.run_id is not None
    assert [row["period"] for row in in_force(periods)["periods"]] == periods
