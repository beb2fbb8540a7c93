"""How long the whole model takes, against reading the columns and against pandas."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from bench.measuring import Measured, in_own_process

_FROM_LINES = 2.2
_FROM_CUBES = 0.6
_CUBE_GOAL_LINES = 100_000_000
_PANDAS_CUBES, _PANDAS_LINES = 200, 50
_PANDAS_GOAL_LINES = 10_000_000


def measure_allocation(rows: int, home: Path) -> tuple[list[Measured], dict[str, float]]:
    """The goals about allocation; also the seconds, for the growth from one size to the next."""
    found = in_own_process("bench.allocate_once", home=home)
    pandas = in_own_process("bench.pandas_script", str(rows))
    kinds = ("scan", "months", "days", "lines")
    scan, months, days, lines = (found[f"{kind}_seconds"] for kind in kinds)
    apart = abs(Decimal(found["total"]) - Decimal(pandas["total"]))
    size = (
        f"{found['lines']:,} lines, 200 rules, 12 periods: {found['cells']:,} cells, "
        f"{found['nodes']:,} nodes, {found['edges']:,} edges"
    )
    by_cubes, by_lines = pandas["seconds"] / months, pandas["seconds"] / lines
    measured = [
        Measured(
            f"full allocation from lines ≤ {_FROM_LINES}x a bare scan",
            f"{lines / scan:.1f}x",
            lines / scan <= _FROM_LINES,
            f"{size}; {lines:.2f} s, bare scan of the four columns {scan:.3f} s",
        ),
        Measured(
            f"from month cubes ≤ {_FROM_CUBES}x that scan, at 100 M lines",
            f"{months / scan:.1f}x",
            months / scan <= _FROM_CUBES if rows >= _CUBE_GOAL_LINES else None,
            f"{months:.2f} s; " + ("" if rows >= _CUBE_GOAL_LINES else "goal is for 100 M lines"),
        ),
        Measured(
            "from day cubes (no goal)",
            f"{days / scan:.1f}x",
            None,
            f"{days:.2f} s",
        ),
        Measured(
            f"≥ {_PANDAS_CUBES}x faster than pandas from cubes, at 10 M lines",
            f"{by_cubes:.0f}x",
            by_cubes >= _PANDAS_CUBES if rows >= _PANDAS_GOAL_LINES else None,
            f"pandas {pandas['seconds']:.1f} s at {pandas['peak_mb']:,} MB, in floats, "
            f"{apart:.1E} apart from the exact total",
        ),
        Measured(
            f"≥ {_PANDAS_LINES}x faster than pandas from lines, at 10 M lines",
            f"{by_lines:.0f}x",
            by_lines >= _PANDAS_LINES if rows >= _PANDAS_GOAL_LINES else None,
            "the same script",
        ),
        Measured(
            "the act `run`, with files, statements and journal (no goal)",
            f"{found['act']:.1f} s",
            None,
            f"12 periods, peak {found['peak_mb']:,} MB",
        ),
    ]
    return measured, {"scan": scan, "months": months, "days": days, "lines": lines}
