"""A step of the flow as it is declared: its name, what it reads and the tables it alone writes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step; `writes` names tables of facts that no other step may write."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
