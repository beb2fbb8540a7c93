"""The ledger's cost by a second way, without dimensions and rules: it must be what entered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from bursar.allocate.balance import Purse, by_purse, require_same
from bursar.allocate.entering import Entered
from bursar.allocate.facts import Facts
from bursar.core.tables.cube import COST_COLUMN
from bursar.record.models import Batch


def require_control(
    facts: Facts, batches: Iterable[str], entered: Mapping[str, Entered], basis: str
) -> None:
    """Raises InvariantBroken unless periods and batches add up to what the import counted.

    Per period and currency, what entered the model is what the cubes hold; per batch and currency,
    what the cubes hold is the control total that was kept when its lines came in.
    """
    rows = facts.by_batch(basis).to_pylist()
    in_cubes = by_purse((r["period"], r["currency"], r["amount"]) for r in rows)
    here = {purse: amount for purse, amount in in_cubes.items() if purse[0] in entered}
    came = by_purse(
        (period, currency, amount)
        for period, one in entered.items()
        for (_, currency), amount in one.cost.items()
    )
    require_same(came, here, "Cost by dimension and by batch")
    by_batch = by_purse((r["batch_id"], r["currency"], r["amount"]) for r in rows)
    require_same(by_batch, _kept(batches, basis), "Cost in cubes and control totals")


def _kept(batches: Iterable[str], basis: str) -> dict[Purse, Decimal]:
    rows = Batch.objects.filter(batch_id__in=list(batches)).values_list("batch_id", "totals")
    column = COST_COLUMN[basis]
    return by_purse(
        (batch, total["currency"], Decimal(total[column]))
        for batch, totals in rows
        for total in totals
    )
