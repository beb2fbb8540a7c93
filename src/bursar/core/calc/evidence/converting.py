"""Evidence in another currency: proposed at a known rate, never confirmed by itself (rule E24)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bursar.core.calc.evidence.names import NameIndex
from bursar.core.calc.evidence.scoring import reference_key
from bursar.core.calc.evidence.units import Conversion, Link, Proposal, Tolerance, Unit
from bursar.core.money.amount import EXACT, exact_sum, exact_text

RateOf = Callable[[str, str, date], Decimal | None]
"""The closing rate from one currency to another on a day; None where none is known."""

ROOM_PERCENT = Decimal(5)
"""So far the amounts may lie apart: ledgers convert on other days than the rate's."""


@dataclass(frozen=True)
class _Found:
    link: Link
    conversion: Conversion


def propose_conversions(
    summaries: Iterable[Unit], details: Sequence[Unit], tolerance: Tolerance, rate_of: RateOf
) -> list[Proposal]:
    """For each summary the nearest detail of a vendor like its own in another currency."""
    names = NameIndex((u.vendor for u in details if u.vendor), {})
    blocks: dict[tuple[str, str], list[Unit]] = {}
    for unit in sorted(details, key=lambda u: u.key):
        blocks.setdefault((unit.entity, unit.vendor), []).append(unit)
    found = [
        one
        for summary in summaries
        for one in _candidates(summary, blocks, names, (tolerance, rate_of))
    ]
    found.sort(key=lambda f: (abs(f.link.difference), f.link.summary.key, f.link.details[0].key))
    taken: set[str] = set()
    proposals = []
    for one in found:
        keys = {one.link.summary.key, *(u.key for u in one.link.details)}
        if not keys & taken:
            taken |= keys
            proposals.append(Proposal((one.link,), "", one.conversion))
    return sorted(proposals, key=lambda p: (-abs(p.top.amount), p.top.key))


def _candidates(
    summary: Unit,
    blocks: dict[tuple[str, str], list[Unit]],
    names: NameIndex,
    known: tuple[Tolerance, RateOf],
) -> Iterator[_Found]:
    tolerance, rate_of = known
    for vendor in sorted(names.alike(summary.vendor)) if summary.vendor else ():
        held = [
            u
            for u in blocks.get((summary.entity, vendor), [])
            if u.currency != summary.currency and tolerance.in_time(summary, u)
        ]
        for parts in _parts(held):
            rate = rate_of(parts[0].currency, summary.currency, summary.start)
            found = None if rate is None else _judged(summary, parts, rate)
            if found is not None:
                yield found


def _parts(held: Sequence[Unit]) -> Iterator[tuple[Unit, ...]]:
    """Each unit alone, and each currency's units of one source and month together."""
    months: dict[tuple[str, str, str], list[Unit]] = {}
    for unit in held:
        yield (unit,)
        months.setdefault((unit.source, unit.currency, f"{unit.start:%Y-%m}"), []).append(unit)
    for _, parts in sorted(months.items()):
        if len(parts) > 1:
            yield tuple(parts)


def _judged(summary: Unit, parts: tuple[Unit, ...], rate: Decimal) -> _Found | None:
    conversion = Conversion(parts[0].currency, summary.currency, rate, summary.start)
    total = exact_sum(u.amount for u in parts)
    amount = conversion.converted(total)
    difference = EXACT.subtract(summary.amount, amount)
    if abs(difference) > abs(summary.amount) * ROOM_PERCENT / 100:
        return None
    reference = reference_key(summary.reference)
    same = bool(reference) and all(reference_key(u.reference) == reference for u in parts)
    reasons = [
        f"{conversion.source} {exact_text(total)} at the closing rate {exact_text(rate)} of "
        f"{summary.start} is {summary.currency} {exact_text(amount)}, against "
        f"{exact_text(summary.amount)}: {exact_text(difference)} is a difference of rates, or not "
        "explained",
        f"'{summary.vendor}' resembles '{parts[0].vendor}'",
    ]
    if same:
        reasons.insert(0, f"both name document {summary.reference}")
    # Never automatic: a rate of another day would have given another amount.
    link = Link(summary, parts, 75 if same else 45, tuple(reasons), difference, rivals=1)
    return _Found(link, conversion)
