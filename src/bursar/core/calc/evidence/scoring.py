"""How well a summary and its supposed detail fit, as a score and in words (rule E4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from bursar.core.calc.evidence.names import NameIndex
from bursar.core.calc.evidence.units import Link, Tolerance, Unit
from bursar.core.money.amount import EXACT, exact_sum, exact_text

REFERENCE = 40
AMOUNT = 35
VENDOR = 15
DATE = 10
REFERENCE_ROOM = Decimal("0.25")
"""Evidence that names the same document may differ by a quarter: that is a finding, not a doubt."""


def reference_key(text: str) -> str:
    """Document numbers are compared without case, blanks, punctuation and leading zeros."""
    return re.sub(r"[^a-z0-9]+", "", text.lower()).lstrip("0")


def link_of(
    summary: Unit, details: tuple[Unit, ...], tolerance: Tolerance, names: NameIndex
) -> Link:
    """Score the candidate and say why, in words and numbers."""
    total = exact_sum(u.amount for u in details)
    difference = EXACT.subtract(summary.amount, total)
    judged = [
        _reference(summary, details),
        _amount(summary, (total, len(details)), difference, tolerance),
        _vendor(summary, details, names),
        _date(summary, details, tolerance),
    ]
    return Link(
        summary=summary,
        details=details,
        score=sum(points for points, _ in judged),
        reasons=tuple(said for _, said in judged if said),
        difference=difference,
    )


def _reference(summary: Unit, details: Sequence[Unit]) -> tuple[int, str]:
    mine = reference_key(summary.reference)
    if mine and all(reference_key(u.reference) == mine for u in details):
        return REFERENCE, f"both name document {summary.reference}"
    return 0, ""


def _amount(
    summary: Unit, total: tuple[Decimal, int], difference: Decimal, tolerance: Tolerance
) -> tuple[int, str]:
    amount, parts = total
    of_parts = f"the sum of {parts} parts, " if parts > 1 else ""
    if not difference:
        return AMOUNT, f"the amount is equal: {of_parts}{_money(amount, summary)}"
    room = tolerance.room(summary.amount)
    share = abs(difference) * 100 / abs(summary.amount) if summary.amount else Decimal(100)
    said = (
        f"{_money(summary.amount, summary)} against {of_parts}{_money(amount, summary)}: "
        f"{_money(difference, summary)} ({share.quantize(Decimal('0.01'), ROUND_HALF_UP)} %) "
        "is not explained"
    )
    if abs(difference) > room:
        return 0, said
    return AMOUNT - int(15 * abs(difference) / room), said


def _vendor(summary: Unit, details: Sequence[Unit], names: NameIndex) -> tuple[int, str]:
    vendors = sorted({u.vendor for u in details})
    for mine in filter(None, (summary.vendor, summary.text)):
        alike = names.alike(mine)
        if all(vendor in alike for vendor in vendors):
            share = min(alike[vendor] for vendor in vendors)
            told = ", ".join(f"'{vendor}'" for vendor in vendors)
            equal = vendors == [mine]
            how = "the same vendor" if equal else f"'{mine[:80]}' resembles {told}"
            return int(VENDOR * share), how
    return 0, ""


def _date(summary: Unit, details: Sequence[Unit], tolerance: Tolerance) -> tuple[int, str]:
    if not all(tolerance.in_time(summary, u) for u in details):
        return 0, f"the dates lie far apart: {summary.start} and {details[0].start}"
    end = max(u.end for u in details)
    late = (summary.start - end).days
    told = f"dated {summary.start}, detail of {min(u.start for u in details)} to {end}"
    return DATE - min(DATE - 2, max(0, late) // 8), told


def _money(amount: Decimal, of: Unit) -> str:
    """At least the cents, more only where they count."""
    text = exact_text(amount)
    whole, _, part = text.partition(".")
    return f"{of.currency} {whole}.{part.ljust(2, '0')}"
