"""`make bench`: measures every goal and writes a page of results.

ROWS is how many lines to measure on (1000000, 10000000 or, where there is room, 100000000); with
more than a million, a tenth of it is measured too, for the growth. CSV_ROWS is how many lines are
read from gzipped CSV, 1000000 without. ONLY names parts, such as ONLY=trace,split.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from bench.allocating import measure_allocation
from bench.amortizing import measure_amortization
from bench.asking import measure_what_if
from bench.committing import measure_commit
from bench.dashboard import measure_dashboard
from bench.depreciation import measure_depreciation
from bench.engines import measure_engines
from bench.focus_lines import parquet_files
from bench.importing import fill_home, home_of, measure_imports
from bench.measuring import Measured
from bench.plain_text import measure_plain_text
from bench.results import write_results
from bench.split_kernel import measure_split
from bench.start_up import measure_start_up
from bench.tracing import measure_trace

_MILLION = 1_000_000
_GROWTH = 11.0


def main() -> None:
    rows = int(os.environ.get("ROWS", 10 * _MILLION))
    csv_rows = int(os.environ.get("CSV_ROWS", _MILLION))
    only = {name for name in os.environ.get("ONLY", "").split(",") if name}
    begin = time.monotonic()
    measured: list[Measured] = []
    for name, part in _parts(rows, csv_rows).items():
        if only and name not in only:
            continue
        print(f"{name} …", flush=True)
        for one in part():
            measured.append(one)
            print(f"  {one.goal}: {one.found}  ({one.how})", flush=True)
    title = f"Benchmarks of {', '.join(sorted(only))}" if only else f"Benchmarks on {rows:,} lines"
    seconds = time.monotonic() - begin
    print(write_results(measured, title=title, seconds=seconds).relative_to(os.getcwd()))


def _parts(rows: int, csv_rows: int) -> dict[str, Callable[[], list[Measured]]]:
    home = home_of(rows)
    parquet_files(_MILLION)
    return {
        "split": measure_split,
        "trace": lambda: [*measure_trace(_MILLION), *measure_trace(10 * _MILLION)],
        "what-if": lambda: measure_what_if(_MILLION),
        "depreciation": measure_depreciation,
        "amortization": measure_amortization,
        "commit": measure_commit,
        "import": lambda: measure_imports(rows, csv_rows=csv_rows),
        "allocation": lambda: _allocation(rows),
        "plain-text": lambda: measure_plain_text(_MILLION),
        "engines": lambda: measure_engines(home),
        "dashboard": lambda: measure_dashboard(rows, home),
        "start-up": lambda: measure_start_up(home),
    }


def _allocation(rows: int) -> list[Measured]:
    measured, large = measure_allocation(rows, home_of(rows))
    if rows <= _MILLION:
        return measured
    tenth = rows // 10
    fill_home(tenth)
    _, small = measure_allocation(tenth, home_of(tenth))
    grown = {name: large[name] / small[name] for name in large}
    worst = max(grown.values())
    how = ", ".join(f"{name} {ratio:.1f}x" for name, ratio in grown.items())
    goal = f"{rows:,} lines take ≤ {_GROWTH:.0f}x the time of {tenth:,}"
    return [*measured, Measured(goal, f"{worst:.1f}x", worst <= _GROWTH, how)]


if __name__ == "__main__":
    main()
