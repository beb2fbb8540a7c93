"""Schedules of ten thousand contracts: rate, memory and growth."""

from __future__ import annotations

from typing import Any

from bench.measuring import Measured, in_own_process

CONTRACTS = 10_000
_GOAL_SECONDS = 30.0
_GROWTH = 11.0
_TIMES = 3


def measure_amortization(contracts: int = CONTRACTS) -> list[Measured]:
    """Rate, and growth against a tenth of them; the fastest of several processes each."""
    large, small = _scheduled(contracts), _scheduled(contracts // 10)
    grown = large["seconds"] / small["seconds"]
    closed = large["lost"] in ("0", "0.00")
    return [
        Measured(
            f"schedules of {contracts:,} contracts, not a cent lost, ≤ {_GOAL_SECONDS:.0f} s",
            f"{large['seconds']:.2f} s, lost {large['lost']}",
            closed and large["seconds"] <= _GOAL_SECONDS,
            f"{contracts / large['seconds']:,.0f} contracts and "
            f"{large['months'] / large['seconds']:,.0f} months per second; terms of one to three "
            "years, four ways of amortization, a third with a price step; "
            f"peak {large['peak_mb']} MB",
        ),
        Measured(
            f"{contracts:,} contracts take ≤ {_GROWTH:.0f}x the time of {contracts // 10:,}",
            f"{grown:.1f}x",
            grown <= _GROWTH,
            f"{small['seconds']:.2f} s and {large['seconds']:.2f} s",
        ),
    ]


def _scheduled(contracts: int) -> dict[str, Any]:
    found = [in_own_process("bench.amortize_once", str(contracts)) for _ in range(_TIMES)]
    return min(found, key=lambda one: one["seconds"])
