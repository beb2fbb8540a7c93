"""How soon a dashboard's question is answered."""

from __future__ import annotations

from pathlib import Path

from bench.measuring import Measured, in_own_process

_GOAL_MS = 50
_LIVE_ROWS = 50_000


def measure_dashboard(rows: int, home: Path) -> list[Measured]:
    """Cost by month and service category, warm, with live rows from the database."""
    found = in_own_process("bench.dashboard_once", str(_LIVE_ROWS), home=home)
    whole, cubes, reading = (found[key] * 1000 for key in ("whole", "cubes", "reading"))
    return [
        Measured(
            f"dashboard over {rows:,} + {_LIVE_ROWS:,} live lines < {_GOAL_MS} ms",
            f"{whole:.0f} ms",
            whole < _GOAL_MS,
            f"warm; cubes {cubes:.0f} ms, live rows {reading:.0f} ms. The live rows are a table "
            "of the benchmark: the product has none yet",
        ),
        Measured(
            "figures of the Overview page, warm (no goal)",
            f"{found['overview'] * 1000:.0f} ms",
            None,
            f"costs by pool and tower over all periods {found['pivot'] * 1000:.0f} ms",
        ),
    ]
