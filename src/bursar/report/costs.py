"""Cost by any dimensions: the figure behind the Costs page, `bursar costs` and the API.

Three views of the same money, and every answer says which one it shows:

allocated   where the money of the run in force came to rest. Shown when only layers of the model
            are asked for (cost_pool, pool, tower, tower_group, solution, consumer, business_unit,
            outcome, reason, legal_entity, period).
classified  the ledger's cost as the run's rules classified each dimension, before any step moved
            it. Shown when layers and ledger columns are asked for together, or the basis is not
            the one that was run.
recorded    the ledger's cost as it came. Shown when only ledger columns are asked for.

All three sum to the same total per period, currency and basis. A period that was not run is shown
as classified with every layer unset, so that nothing is missing from a total.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from bursar.office.people.scope import Scope

View = Literal["allocated", "classified", "recorded"]


@dataclass(frozen=True)
class CostRow:
    """One combination of dimension values; unset layers carry their printed name."""

    dimensions: dict[str, str | None]
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class CurrencyTotal:
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Costs:
    """Rows sorted by amount, largest first; totals per currency are over all rows."""

    basis: str
    view: View
    by: tuple[str, ...]
    periods: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]
    rows: tuple[CostRow, ...]
    totals: tuple[CurrencyTotal, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """`{"basis", "view", "by", "periods", "rows", "totals", "notes"}`."""
        raise NotImplementedError


def costs(
    scope: Scope,
    *,
    by: Sequence[str],
    periods: Sequence[str] | None = None,
    basis: str = "effective",
    filters: Sequence[tuple[str, str]] = (),
) -> Costs:
    """Cost grouped by the dimensions named, of the periods named (all where none are).

    Filters are (dimension, value): values of one dimension are alternatives, dimensions all hold;
    the printed name of an unset layer ('Unclassified') selects what is unset, '' a null.
    Raises UnknownDimension, UnknownBasis, BeyondScope.
    """
    raise NotImplementedError
