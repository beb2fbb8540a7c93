"""What one result charges and another does not: per payer the amounts and their difference.

Rows of one period, legal entity and currency add up to the change of its cost and markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from bursar.allocate.issuing import Payer, issued_in_force
from bursar.allocate.models import RunPeriod
from bursar.allocate.result import PeriodResult
from bursar.core.money.amount import EXACT, exact_text

ALLOCATED = "allocated"
ELSEWHERE = ("retained", "unallocated", "recovery_gap", "rounding")
"""Outcomes of money that no consumer is charged."""
_NOTHING = Decimal(0)
Place = tuple[str, Payer]
"""An outcome, and the payer; who is nobody where the outcome is not `allocated`."""
Amounts = dict[Place, Decimal]


def from_what_is_in_force(results: Iterable[PeriodResult]) -> Iterator[dict[str, Any]]:
    """Rows of what these results would change of the runs in force that they would replace."""
    for result in results:
        yield from _rows(result.inputs.period, _in_force(result), _computed(result))


def between(
    before: Iterable[PeriodResult], after: Iterable[PeriodResult]
) -> Iterator[dict[str, Any]]:
    """Rows of what the later results charge otherwise; both are of the same periods."""
    for old, new in zip(before, after, strict=True):
        yield from _rows(new.inputs.period, _computed(old), _computed(new))


def _computed(result: PeriodResult) -> Amounts:
    found = {(ALLOCATED, s.payer): s.total for s in result.statements}
    for line in result.balance:
        nobody = Payer("", line.legal_entity, line.currency)
        found |= {(outcome, nobody): line.terms[outcome] for outcome in ELSEWHERE}
    return found


def _in_force(result: PeriodResult) -> Amounts:
    inputs = result.inputs
    issued = issued_in_force(inputs.basis, inputs.scenario).periods.get(inputs.period, {})
    found = {(ALLOCATED, payer): charge.exact for payer, charge in issued.items()}
    for current in RunPeriod.objects.filter(pk=result.replaces) if result.replaces else ():
        for row in current.balance:
            nobody = Payer("", row["legal_entity"], row["currency"])
            found |= {(o, nobody): Decimal(row.get(o, "0")) for o in ELSEWHERE}
    return found


def _rows(period: str, before: Amounts, after: Amounts) -> Iterator[dict[str, Any]]:
    """Those that differ: payers by name, then what rests elsewhere by entity and currency."""
    for place in sorted({*before, *after}, key=_order):
        old, new = before.get(place, _NOTHING), after.get(place, _NOTHING)
        if old != new:
            outcome, payer = place
            yield _row(period, payer, outcome, (old, new))


def _order(place: Place) -> tuple[bool, Payer, int]:
    outcome, payer = place
    charged = outcome == ALLOCATED
    return not charged, payer, 0 if charged else ELSEWHERE.index(outcome)


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
