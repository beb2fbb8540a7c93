"""The sums behind a run on every engine, in one run: how they compare, and that they are equal.

PostgreSQL is a private one that starts for the purpose; Spark a local cluster of two executors.
What is not installed is left out with a reason (`make test-engines` installs it).
"""

from __future__ import annotations

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.measuring import CHECKOUT, Measured, in_own_process

_POSTGRES = str(CHECKOUT / ".ci" / "private-postgres")


def measure_engines(home: Path) -> list[Measured]:
    """From month cubes and from the lines, each engine beside DuckDB."""
    if find_spec("pyspark") is None:
        return [Measured("sums on three engines", "left out", None, "run make test-engines first")]
    started = subprocess.run([_POSTGRES, "start"], capture_output=True, text=True, check=False)
    if started.returncode:
        return [Measured("sums on three engines", "left out", None, "PostgreSQL is not installed")]
    os.environ["BENCH_POSTGRES"] = started.stdout.strip()
    try:
        found = in_own_process("bench.engines_once", home=home)
    finally:
        subprocess.run([_POSTGRES, "stop"], check=False)
    return [_measured(name, found) for name in ("postgres", "spark")]


def _measured(name: str, found: dict[str, Any]) -> Measured:
    mine, least = found[name], found["duckdb"]
    ratios = {path: mine[path] / least[path] for path in ("cubes", "lines", "again")}
    told = ", ".join(f"{path} {ratio:.1f}x" for path, ratio in ratios.items())
    size = found["size"]
    how = (
        f"{size['lines']:,.0f} lines, {size['cells']:,.0f} cells of cubes; opening "
        f"{mine['opening']:.1f} s, lines {mine['lines']:.1f} s against {least['lines']:.2f} s"
    )
    return Measured(f"the same sums on {name}, beside DuckDB", told, None, how)
