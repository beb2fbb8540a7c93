"""How good the drivers are: do they cover the period, whom do they name, what rests on them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.office.people.scope import Scope


@dataclass(frozen=True)
class DriverRow:
    driver: str
    period: str
    rows: int
    total: Decimal
    unit: str
    targets: int
    zero_targets: int
    unknown_targets: tuple[str, ...]
    """Names that are no member of any layer, so that their share goes nowhere."""
    moved: Decimal | None
    """Money split by it in the period; None where it was not run."""
    verdict: str
    """'complete', 'missing', 'all zero', 'names unknown', or 'same as the period before'."""


@dataclass(frozen=True)
class DriverQuality:
    basis: str
    rows: tuple[DriverRow, ...]

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError


def driver_quality(scope: Scope, *, period: str, basis: str = "effective") -> DriverQuality:
    """Each driver the model of the period uses. Raises BeyondScope for a restricted scope."""
    raise NotImplementedError
