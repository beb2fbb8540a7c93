"""What people say about a rule of the cost model; it never changes an amount."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

MATURITIES = ("assumed", "agreed", "measured")
"""How good a rule is: a first guess, a settled convention, or driven by what was measured."""


@dataclass(frozen=True)
class RuleNote:
    """Why a rule is as it is, who agreed to it and when, and its maturity ('' where unsaid)."""

    description: str = ""
    agreed_by: str = ""
    agreed_on: date | None = None
    maturity: str = ""
