"""How soon it is said what stands behind a statement."""

from __future__ import annotations

from bench.measuring import Measured, in_own_process

_GOALS_MS = {1_000_000: 100, 10_000_000: 300}


def measure_trace(edges: int) -> list[Measured]:
    """One consumer of 400, through a run of so many edges, its index being built."""
    found = in_own_process("bench.trace_once", str(edges))
    goal, taken = _GOALS_MS[edges], found["seconds"] * 1000
    return [
        Measured(
            f"trace < {goal} ms at {edges // 1_000_000} M edges",
            f"{taken:.0f} ms",
            taken < goal,
            f"{found['statement_nodes']:,} nodes of a statement, {found['passed']:,} edges on the "
            f"way to {found['sources']:,} sources; the run's index takes {found['built']:.1f} s "
            "once",
        )
    ]
