"""Rules EN1 and EN2: the demo company and random models, the same rows wherever sums are made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.conftest import CHECKOUT
from tests.engines.comparing import tried
from tests.engines.conftest import CLUSTER
from tests.engines.random_firm import random_firm

from bursar.lake.engines.known import DUCKDB, ENGINES


def _bursar(module: str, *words: str, home: Path, **further: str) -> Any:
    """What a process of its own answers as JSON, on an installation of its own."""
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment |= {"BURSAR_HOME": str(home), "DJANGO_SETTINGS_MODULE": "bursar.project.settings"}
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        env=environment | further, cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1] if words == () else done.stdout)


def test_the_demo_companys_statements_are_identical(
    built_once: Callable[..., Path], tmp_path: Path
) -> None:
    """As the demo published them, and as each engine would publish them again."""

    def build(folder: Path) -> None:
        answer = _bursar("bursar.cli", "demo", "--no-serve", "--json", home=folder / "home")
        (folder / "answer.json").write_text(json.dumps(answer))

    home = shutil.copytree(built_once("demo", build) / "home", tmp_path / "home")
    found = _bursar("tests.engines.demo_once", home=home, BURSAR_SPARK_URL=CLUSTER)
    assert len(found["in force"]["statements"]) > 20
    assert len(found["in force"]["files"]) > 20
    for engine in ENGINES:
        assert found[engine] == found["in force"], engine


@pytest.mark.parametrize("by_line", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_a_random_models_statements_are_identical(
    seed: int, by_line: bool, reachable: None, home: Path, tmp_path: Path
) -> None:
    """From cubes, and from lines where a rule looks at what only lines say."""
    periods = random_firm(Random(seed), tmp_path, by_line=by_line)
    first = tried(DUCKDB, periods)
    assert first["statements"]
    for engine in ENGINES:
        assert tried(engine, periods) == first, engine
