"""How long the whole model takes, against reading the columns and against pandas.

Ratios are of processor time over all threads: other work on the machine does not decide them.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from bench.measuring import Measured, Spent, in_own_process

_FROM_LINES = 2.2
_FROM_CUBES = 0.6
_CUBE_GOAL_LINES = 100_000_000
_PANDAS_CUBES, _PANDAS_LINES = 200, 50
_PANDAS_GOAL_LINES = 10_000_000


def measure_allocation(rows: int, home: Path) -> tuple[list[Measured], dict[str, float]]:
    """The goals about allocation; also the seconds, for the growth from one size to the next."""
    found = in_own_process("bench.allocate_once", home=home)
    pandas = in_own_process("bench.pandas_script", str(rows))
    kinds = ("scan", "months", "lines")
    scan, months, lines = (Spent(**found[kind]) for kind in kinds)
    apart = abs(Decimal(found["total"]) - Decimal(pandas["total"]))
    size = (
        f"{found['rows']:,} lines, 200 rules, 12 periods: {found['cells']:,} cells, "
        f"{found['nodes']:,} nodes, {found['edges']:,} edges"
    )
    by_cubes, by_lines = (pandas["processor"] / one.processor for one in (months, lines))
    from_lines, from_cubes = (one.processor / scan.processor for one in (lines, months))
    measured = [
        Measured(
            f"full allocation from lines ≤ {_FROM_LINES}x a bare scan",
            f"{from_lines:.1f}x",
            from_lines <= _FROM_LINES,
            f"{size}; {_both(lines)}, bare scan of the four columns {_both(scan)}; sums are made "
            "from the lines, scale and control totals from their cubes",
        ),
        Measured(
            f"from month cubes ≤ {_FROM_CUBES}x that scan, at 100 M lines",
            f"{from_cubes:.1f}x",
            from_cubes <= _FROM_CUBES if rows >= _CUBE_GOAL_LINES else None,
            f"{_both(months)}; " + ("" if rows >= _CUBE_GOAL_LINES else "goal is for 100 M lines"),
        ),
        Measured(
            f"≥ {_PANDAS_CUBES}x faster than pandas from cubes, at 10 M lines",
            f"{by_cubes:.0f}x",
            by_cubes >= _PANDAS_CUBES if rows >= _PANDAS_GOAL_LINES else None,
            f"pandas {_both(Spent(pandas['seconds'], pandas['processor']))} at "
            f"{pandas['peak_mb']:,} MB, in floats, {apart:.1E} apart from the exact total",
        ),
        Measured(
            f"≥ {_PANDAS_LINES}x faster than pandas from lines, at 10 M lines",
            f"{by_lines:.0f}x",
            by_lines >= _PANDAS_LINES if rows >= _PANDAS_GOAL_LINES else None,
            "the same script",
        ),
        Measured(
            "the act `run`, with files, statements and journal (no goal)",
            f"{found['act']['clock']:.1f} s",
            None,
            f"{_both(Spent(**found['act']))}; as a dry run, without database "
            f"{_both(Spent(**found['dry']))}; 12 periods, peak {found['peak_mb']:,} MB",
        ),
    ]
    clocks = {"scan": scan, "months": months, "lines": lines}
    return measured, {name: one.processor for name, one in clocks.items()}


def _both(spent: Spent) -> str:
    return f"{spent.processor:.2f} s of processor time ({spent.clock:.2f} s on the clock)"
