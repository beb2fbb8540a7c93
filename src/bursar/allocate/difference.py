"""What a dry run would change: per payer, the amount now in force, the new one, the difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from bursar.allocate.issuing import Payer, issued_in_force
from bursar.allocate.models import RunPeriod
from bursar.allocate.result import PeriodResult
from bursar.core.money.amount import EXACT, exact_text

_NOTHING = Decimal(0)


def difference(results: Iterable[PeriodResult]) -> Iterator[dict[str, Any]]:
    """Rows that differ, by period and payer; then what rests elsewhere, by outcome.

    Rows of one period, legal entity and currency add up to the change of its cost.
    """
    for result in results:
        yield from _period(result)


def _period(result: PeriodResult) -> Iterator[dict[str, Any]]:
    inputs = result.inputs
    issued = issued_in_force(inputs.basis, inputs.scenario).periods.get(inputs.period, {})
    before = {payer: charge.exact for payer, charge in issued.items()}
    after = {s.payer: s.total for s in result.statements}
    for payer in sorted({*before, *after}):
        old, new = before.get(payer, _NOTHING), after.get(payer, _NOTHING)
        if old != new:
            yield _row(inputs.period, payer, "allocated", (old, new))
    yield from _elsewhere(result)


def _elsewhere(result: PeriodResult) -> Iterator[dict[str, Any]]:
    """Money that nobody pays: retained, unallocated and below the unit."""
    rows = RunPeriod.objects.filter(pk=result.replaces) if result.replaces else []
    current = next(iter(rows), None)
    before = {(r["legal_entity"], r["currency"]): r for r in current.balance} if current else {}
    after = {(line.legal_entity, line.currency): line.terms for line in result.balance}
    for purse in sorted({*before, *after}):
        for outcome in ("retained", "unallocated", "rounding"):
            old = Decimal(before.get(purse, {}).get(outcome, "0"))
            new = after.get(purse, {}).get(outcome, _NOTHING)
            if old != new:
                yield _row(result.inputs.period, Payer("", *purse), outcome, (old, new))


def _row(
    period: str, payer: Payer, outcome: str, amounts: tuple[Decimal, Decimal]
) -> dict[str, Any]:
    old, new = amounts
    return {
        "period": period,
        "legal_entity": payer.legal_entity,
        "currency": payer.currency,
        "outcome": outcome,
        "consumer": payer.consumer or None,
        "before": exact_text(old),
        "after": exact_text(new),
        "difference": exact_text(EXACT.subtract(new, old)),
    }
