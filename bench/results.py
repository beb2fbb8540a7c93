"""Writes what was measured to bench/results/<date>-<n>.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.measuring import CHECKOUT, Measured, machine, table

FOLDER = CHECKOUT / "bench" / "results"
_VERDICT = {True: "yes", False: "**no**", None: "-"}


def write_results(measured: Sequence[Measured], *, title: str, seconds: float) -> Path:
    """The results as a page; returns where it lies."""
    FOLDER.mkdir(exist_ok=True)
    path = _free(f"{datetime.now(UTC):%Y-%m-%d}")
    met = sum(m.passed is True for m in measured)
    asked = sum(m.passed is not None for m in measured)
    rows = [(m.goal, m.found, _VERDICT[m.passed], m.how) for m in measured]
    lines = [
        f"# {title}",
        "",
        *(f"- {line}" for line in machine()),
        f"- measured in {seconds / 60:.0f} minutes; ratios compare figures of this one run",
        f"- {met} of {asked} goals met",
        "",
        table(rows, ("goal", "found", "met", "how")),
        "",
        "Killed and concurrent imports are tests, not benchmarks.",
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _free(day: str) -> Path:
    number = 1
    while (FOLDER / f"{day}-{number}.md").exists():
        number += 1
    return FOLDER / f"{day}-{number}.md"
