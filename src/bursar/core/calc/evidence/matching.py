"""Which evidences seem to be one obligation: by reference, amount, vendor and date (rules E2-E6).

Candidates are looked up, never tried pair by pair: an index by reference, by vendor and amount,
and by vendor and month finds the few that could explain a summary, so that a hundred thousand
summaries against a thousand details take seconds. Equal input gives equal proposals.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from bursar.core.calc.evidence.names import NameIndex
from bursar.core.calc.evidence.scoring import REFERENCE_ROOM, link_of, reference_key
from bursar.core.calc.evidence.units import (
    LEVELS,
    RANK,
    Link,
    MatchRuleTest,
    Proposal,
    Tolerance,
    Unit,
    confirming_rule,
)
from bursar.core.money.amount import exact_sum

LEAST_SCORE = 40
"""What scores less is no proposal."""
_RIVAL_WITHIN = 5
_MOST_PARTS = 12
"""Sums of two or three parts are tried among so many parts at most."""
_Block = tuple[str, str, str]


def propose(
    units: Sequence[Unit], tolerance: Tolerance, rules: Sequence[MatchRuleTest] = ()
) -> list[Proposal]:
    """Evidences that hang together, the largest money first; each unit is in one proposal."""
    by_level = {level: [u for u in units if u.level == level] for level in LEVELS}
    taken: set[str] = set()
    links: list[Link] = []
    for level in ("invoice", "ledger"):
        summaries = by_level[level]
        finer = [u for name in LEVELS[RANK[level] + 1 :] for u in by_level[name]]
        finer = [u for u in finer if u.key not in taken]
        found = _accepted(_Finder(finer, tolerance, rules).links(summaries))
        taken |= {u.key for link in found for u in link.details}
        links += found
    proposals = [Proposal(tuple(chain), confirming_rule(chain, rules)) for chain in _chains(links)]
    return sorted(proposals, key=lambda p: (-abs(p.top.amount), p.top.key))


class _Finder:
    """Details in the orders in which they are looked up."""

    def __init__(
        self, details: Sequence[Unit], tolerance: Tolerance, rules: Sequence[MatchRuleTest]
    ) -> None:
        self._tolerance = tolerance
        self._rules = rules
        self._aliases = _learned(rules)
        self._names = NameIndex((u.vendor for u in details if u.vendor), self._aliases)
        self._by_reference: dict[tuple[str, str, str], list[Unit]] = {}
        self._by_amount: dict[tuple[str, str, Decimal], list[Unit]] = {}
        self._by_vendor: dict[_Block, list[Unit]] = {}
        self._months: dict[_Block, dict[tuple[str, str], list[Unit]]] = {}
        for unit in sorted(details, key=lambda u: (u.amount, u.key)):
            self._add(unit)
        self._amounts = {b: [u.amount for u in held] for b, held in self._by_vendor.items()}

    def _add(self, unit: Unit) -> None:
        place = (unit.entity, unit.currency)
        if unit.reference:
            key = (*place, reference_key(unit.reference))
            self._by_reference.setdefault(key, []).append(unit)
        self._by_amount.setdefault((*place, unit.amount), []).append(unit)
        block = (*place, unit.vendor)
        self._by_vendor.setdefault(block, []).append(unit)
        month = (unit.source, f"{unit.start:%Y-%m}")
        self._months.setdefault(block, {}).setdefault(month, []).append(unit)

    def links(self, summaries: Iterable[Unit]) -> Iterator[Link]:
        """Every candidate of every summary, each set of details once."""
        for summary in summaries:
            tolerance = self._tolerance_for(summary)
            seen: set[tuple[str, ...]] = set()
            for details in self._candidates(summary, tolerance):
                ordered = tuple(sorted(details, key=lambda u: u.key))
                keys = tuple(u.key for u in ordered)
                if not keys or keys in seen:
                    continue
                seen.add(keys)
                link = link_of(summary, ordered, tolerance, self._names)
                if link.score >= LEAST_SCORE:
                    yield link

    def _tolerance_for(self, summary: Unit) -> Tolerance:
        """A learned rule may allow more than the general tolerance does."""
        own = [rule.tolerance for rule in self._rules if rule.speaks_of(summary)]
        return max(own, key=lambda t: t.room(summary.amount), default=self._tolerance)

    def _candidates(self, summary: Unit, tolerance: Tolerance) -> Iterator[Sequence[Unit]]:
        room = tolerance.room(summary.amount)
        yield from self._same_reference(summary)
        in_time_parts: list[Unit] = []
        for vendor in sorted(self._vendors_of(summary)):
            block = (summary.entity, summary.currency, vendor)
            for unit in self._near(block, summary.amount, room):
                if tolerance.in_time(summary, unit):
                    yield (unit,)
            for _, held in sorted(self._months.get(block, {}).items()):
                parts = [u for u in held if tolerance.in_time(summary, u)]
                if len(parts) > 1 and abs(_total(parts) - summary.amount) <= room:
                    yield parts
                in_time_parts += parts
        if 1 < len(in_time_parts) <= _MOST_PARTS:
            yield from _small_sums(in_time_parts, summary.amount)
        if not in_time_parts:
            yield from self._same_amount(summary, tolerance)

    def _same_reference(self, summary: Unit) -> Iterator[Sequence[Unit]]:
        if not summary.reference:
            return
        place = (summary.entity, summary.currency)
        held = self._by_reference.get((*place, reference_key(summary.reference)), [])
        by_source: dict[str, list[Unit]] = {}
        for unit in held:
            by_source.setdefault(unit.source, []).append(unit)
        for _, parts in sorted(by_source.items()):
            off = abs(_total(parts) - summary.amount)
            if off <= abs(summary.amount) * REFERENCE_ROOM:
                yield parts

    def _vendors_of(self, summary: Unit) -> set[str]:
        names = self._names.alike(summary.vendor) if summary.vendor else {}
        return set(names) or (set(self._names.alike(summary.text)) if summary.text else set())

    def _near(self, block: _Block, amount: Decimal, room: Decimal) -> list[Unit]:
        amounts = self._amounts.get(block, [])
        first, last = bisect_left(amounts, amount - room), bisect_right(amounts, amount + room)
        return self._by_vendor[block][first:last] if amounts else []

    def _same_amount(self, summary: Unit, tolerance: Tolerance) -> Iterator[Sequence[Unit]]:
        """Without any vendor: only an amount to the last digit that nothing else has."""
        held = self._by_amount.get((summary.entity, summary.currency, summary.amount), [])
        fitting = [unit for unit in held if tolerance.in_time(summary, unit)]
        if len(fitting) == 1 and summary.amount:
            yield fitting


def _learned(rules: Sequence[MatchRuleTest]) -> dict[str, frozenset[str]]:
    """Names that people said to be one vendor, however little they resemble."""
    pairs: dict[str, set[str]] = {}
    for rule in rules:
        if rule.summary_vendor and rule.detail_vendor:
            pairs.setdefault(rule.summary_vendor, set()).add(rule.detail_vendor)
    return {name: frozenset(others) for name, others in pairs.items()}


def _small_sums(parts: Sequence[Unit], wanted: Decimal) -> Iterator[Sequence[Unit]]:
    """Two or three parts that make up the amount to the last digit."""
    for size in (2, 3):
        for chosen in combinations(parts, size):
            if _total(chosen) == wanted:
                yield chosen


def _total(parts: Iterable[Unit]) -> Decimal:
    return exact_sum(unit.amount for unit in parts)


def _accepted(links: Iterable[Link]) -> list[Link]:
    """The best candidate of each summary, no detail twice; how many rivals it had is kept."""
    ordered = sorted(
        links,
        key=lambda k: (
            -k.score, abs(k.difference), RANK[k.details[0].level], -abs(k.summary.amount),
            k.summary.key, tuple(u.key for u in k.details),
        ),
    )  # fmt: skip
    by_summary: dict[str, list[Link]] = {}
    wanted_by: dict[str, list[Link]] = {}
    for link in ordered:
        by_summary.setdefault(link.summary.key, []).append(link)
        for unit in link.details:
            wanted_by.setdefault(unit.key, []).append(link)
    taken: set[str] = set()
    accepted = []
    for link in ordered:
        keys = {link.summary.key, *(u.key for u in link.details)}
        if keys & taken:
            continue
        taken |= keys
        rivals = [
            *(other for other in by_summary[link.summary.key] if _apart(other, link)),
            *(
                other
                for unit in link.details
                for other in wanted_by[unit.key]
                if other.summary.key != link.summary.key
            ),
        ]
        close = {
            (r.summary.key, tuple(u.key for u in r.details))
            for r in rivals
            if r.score >= link.score - _RIVAL_WITHIN
        }
        accepted.append(_with_rivals(link, len(close)))
    return accepted


def _apart(one: Link, other: Link) -> bool:
    return not {u.key for u in one.details} & {u.key for u in other.details}


def _with_rivals(link: Link, rivals: int) -> Link:
    if not rivals:
        return link
    said = f"{rivals} other {'match is' if rivals == 1 else 'matches are'} nearly as good"
    return replace(link, rivals=rivals, reasons=(*link.reasons, said))


def _chains(links: Sequence[Link]) -> Iterator[list[Link]]:
    """Links that share a unit belong together: a ledger line, its invoice, the invoice's bill."""
    below: dict[str, Link] = {link.summary.key: link for link in links}
    inner = {u.key for link in links for u in link.details}
    for link in links:
        if link.summary.key in inner:
            continue
        chain, waiting = [], [link]
        while waiting:
            one = waiting.pop(0)
            chain.append(one)
            waiting += [below[u.key] for u in one.details if u.key in below]
        yield chain
