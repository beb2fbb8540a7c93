"""The cost lines behind a figure, a page at a time or all of them for an export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.office.people.scope import Scope


@dataclass(frozen=True)
class CostLines:
    """`rows` are {line_id, …columns that are not empty} with amounts exact text."""

    basis: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    count: int
    totals: tuple[tuple[str, Decimal], ...]
    """(currency, amount) over all lines that match, not only this page."""
    offset: int

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError


def cost_lines(
    scope: Scope,
    *,
    filters: Sequence[tuple[str, str]] = (),
    periods: Sequence[str] | None = None,
    basis: str = "effective",
    offset: int = 0,
    limit: int = 100,
) -> CostLines:
    """Lines in force that match, largest absolute amount first.

    Filters take the dimensions of `costs` in its classified and recorded views.
    Raises BeyondScope for a restricted scope: a line's whole amount is more than her share.
    """
    raise NotImplementedError


def export_lines(
    scope: Scope,
    *,
    filters: Sequence[tuple[str, str]] = (),
    periods: Sequence[str] | None = None,
    basis: str = "effective",
) -> Iterator[str]:
    """The same lines as CSV text, piece by piece, all columns, formula-safe."""
    raise NotImplementedError


def cost_line(scope: Scope, *, line_id: str) -> dict[str, Any]:
    """One line with every column that is not empty. Raises UnknownLine, BeyondScope."""
    raise NotImplementedError
