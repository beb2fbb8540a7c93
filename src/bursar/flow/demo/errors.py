"""How building the demo says no."""

from __future__ import annotations

from bursar.core.refusal import Refused


class HomeInUse(Refused):
    """The data folder holds somebody's own ledger."""

    code = "demo.home_in_use"
