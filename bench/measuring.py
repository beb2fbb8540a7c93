"""Clocks, memory, the machine's description, and one measured goal."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = CHECKOUT / "var" / "bench"
LIBRARIES = ("duckdb", "pyarrow", "numpy", "pandas", "scipy", "django")


@dataclass(frozen=True)
class Measured:
    """One goal of the engine: what was asked, what came out, and how it was measured."""

    goal: str
    found: str
    passed: bool | None
    """None where there is no goal, only a figure."""
    how: str


def fastest(act: Callable[[], Any], *, times: int = 3) -> tuple[float, Any]:
    """The least of several durations in seconds, and the last answer."""
    best, answer = float("inf"), None
    for _ in range(times):
        begin = time.perf_counter()
        answer = act()
        best = min(best, time.perf_counter() - begin)
    return best, answer


class Spent(NamedTuple):
    """Seconds on the clock, and seconds of processor time over all threads."""

    clock: float
    processor: float


def least(act: Callable[[], Any], *, times: int = 3) -> tuple[Spent, Any]:
    """The least clock time and the least processor time of several runs, and the last answer."""
    clocks, processors, answer = [], [], None
    for _ in range(times):
        clock, processor = time.perf_counter(), time.process_time()
        answer = act()
        clocks.append(time.perf_counter() - clock)
        processors.append(time.process_time() - processor)
    return Spent(min(clocks), min(processors)), answer


def in_own_process(module: str, *arguments: str, home: Path | None = None) -> dict[str, Any]:
    """Runs `python -m module` and returns the JSON of its last line.

    A process of its own has a peak of memory of its own, and no file of another test in its cache
    of modules.
    """
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bursar.project.settings"}
    if home is not None:
        environment["BURSAR_HOME"] = str(home)
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def peak_megabytes() -> int:
    """The most memory that this process has held so far."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    raise RuntimeError("this system does not say how much memory a process held")


def machine() -> list[str]:
    """What the figures depend on, without naming the machine."""
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1024**2
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    busy = os.getloadavg()[0]
    return [
        f"{len(os.sched_getaffinity(0))} cores ({platform.machine()}), {memory} GiB of memory",
        f"Python {platform.python_version()}, {libraries}",
        f"load when the page was written: {busy:.1f} (much above the benchmark's own 1 to 2 means "
        "that something else was running, and times are too long)",
    ]


def table(rows: Sequence[Sequence[str]], heads: Sequence[str]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
