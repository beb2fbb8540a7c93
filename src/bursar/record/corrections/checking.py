"""Checking corrections: what stands of a closed period and its corrections is what was stated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from bursar.core.money.amount import EXACT
from bursar.office.journal.check import Check
from bursar.record.models import Batch, Import
from bursar.record.models.imports import DERIVED

Sums = dict[tuple[str, str], Decimal]
"""Currency and money column → exact sum; zeros are left out."""


def check_corrections() -> Check:
    """Whether kept batches and corrections add up to the batch that is held, per currency."""
    name, count = "corrections of closed periods", 0
    pairs = set(
        Batch.objects.filter(superseded_at__isnull=True, kept_at__isnull=False)
        .values_list("source__name", "period")
        .distinct()
    )
    corrected = Batch.objects.filter(superseded_at__isnull=True, source__corrects__isnull=False)
    pairs |= set(corrected.values_list("source__corrects__name", "period").distinct())
    for source, period in sorted(pairs):
        count += 1
        held, stands = _held(source, period), _standing(source, period)
        if held != stands:
            problem = f"was stated as {_told(held)}, yet {_told(stands)} stands with corrections."
            return Check(name, False, f"{source}, {period}: closed periods: {problem}")
    return Check(name, True, f"{count} billing periods: what stands is what was stated")


def _held(source: str, period: str) -> Sums:
    """What the newest statement holds back for closed periods; nothing where it holds none."""
    rows = Import.objects.filter(source__name=source)
    if not rows.filter(format=DERIVED).exists():
        rows = rows.filter(batches__period=period, batches__kind="cost_line")
    newest = rows.order_by("-imported_at", "-id").first()
    if newest is None:
        return {}
    batches = newest.batches.filter(period=period, kind="cost_line")
    return _sums(batch for batch in batches if batch.held_for)


def _standing(source: str, period: str) -> Sums:
    rows = Batch.objects.filter(superseded_at__isnull=True, period=period)
    kept = rows.filter(source__name=source, kept_at__isnull=False)
    return _sums([*kept, *rows.filter(source__corrects__name=source)])


def _sums(batches: Iterable[Batch]) -> Sums:
    found: Sums = defaultdict(Decimal)
    for total in (total for batch in batches for total in batch.totals):
        for column, amount in total.items():
            if column != "currency":
                key = (total["currency"], column)
                found[key] = EXACT.add(found[key], Decimal(amount))
    return {key: amount for key, amount in found.items() if amount}


def _told(sums: Sums) -> str:
    return ", ".join(f"{a} {c} {column}" for (c, column), a in sorted(sums.items())) or "nothing"
