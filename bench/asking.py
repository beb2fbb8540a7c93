"""How soon it is said what other quantities would charge."""

from __future__ import annotations

from bench.measuring import Measured, in_own_process

_GOAL_MS = 100
_ONE = ("one pool", "one solution")


def measure_what_if(edges: int) -> list[Measured]:
    """One quantity of a run of so many edges: of one pool, of one solution, and of everything."""
    found = in_own_process("bench.what_if_once", str(edges))
    taken = max(found[name] for name in _ONE) * 1000
    listed = ", ".join(f"of {name} {found[name] * 1000:.0f} ms" for name in _ONE)
    at = f"at {found['edges'] / 1_000_000:.1f} M edges"
    return [
        Measured(
            f"what-if < {_GOAL_MS} ms {at}",
            f"{taken:.0f} ms",
            taken < _GOAL_MS,
            f"one quantity changed, every last unit as a run would have it: {listed}; the run "
            f"itself {found['ran']:.1f} s, made ready to be asked in {found['built']:.1f} s",
        ),
        Measured(
            f"what-if of a driver that half of all edges hang on, {at} (no goal)",
            f"{found['everything']:.1f} s",
            None,
            f"{found['ran'] / found['everything']:.1f}x as fast as the run",
        ),
    ]
