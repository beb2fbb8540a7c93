"""What is changed in a division before it is done: successors, subsidies, markups, entities.

Each turns weights into weights with the same sum, so whatever is divided still adds up: a closed
consumer's weight goes to its successor by days (rule S19), a subsidy moves part of a weight to who
bears it (rule S17), a markup adds to a weight and takes as much away at its sink (rule S18), and
what crosses from one legal entity to another is marked up or kept (rules IC2-IC4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bursar.core.calc.allocation.intercompany import ORDINARY, SHAREHOLDER, Across
from bursar.core.calc.allocation.model import RETAINED, UNALLOCATED, Rule
from bursar.core.calc.allocation.patterns import (
    MARKUP,
    Pattern,
    Patterns,
    Sink,
    Sinks,
    whole_weights,
)

EVERYBODY = ""
_HUNDRED = 100

Shares = dict[int, Fraction]


@dataclass(frozen=True)
class Closing:
    """A member that closes within the period: its part of the days, and who takes over."""

    open_days: int
    days: int
    successor: str | None


def adjusted(
    patterns: Patterns,
    rule: Rule,
    codes: Mapping[str, int],
    closing: Mapping[str, Closing],
    sinks: Sinks,
    *,
    across: Across | None = None,
) -> Patterns:
    """The patterns with the rule's subsidies and markups and the layer's closings in them.

    `across` says whose cost of which kind they divide, where entities charge each other.
    """
    changes: list[Callable[[Shares], Shares]] = []
    if any(name in codes for name in closing):
        changes.append(lambda shares: _closed(shares, codes, closing, sinks))
    if rule.subsidy:
        changes.append(lambda shares: _subsidized(shares, rule, codes, sinks))
    if rule.markup and (across is None or across.kind == ORDINARY):
        changes.append(lambda shares: _marked_up(shares, rule, codes, sinks))
    if across is not None:
        changes.append(lambda shares: _crossed(shares, rule, codes, across, sinks))
    if not changes:
        return patterns
    found: list[Pattern] = []
    for pattern in patterns.listed():
        changed = _shares(pattern)
        for change in changes:
            changed = change(changed)
        found.append(whole_weights(changed) if changed else [])
    return Patterns.of(found)


def _shares(pattern: Pattern) -> Shares:
    found: Shares = {}
    for target, weight in pattern:
        found[target] = found.get(target, Fraction(0)) + weight
    return found


def _closed(
    shares: Shares, codes: Mapping[str, int], closing: Mapping[str, Closing], sinks: Sinks
) -> Shares:
    found = dict(shares)
    for name, closed in sorted(closing.items()):
        code = codes.get(name)
        if code is None or code not in shares:
            continue
        kept = shares[code] * Fraction(closed.open_days, closed.days)
        _move(found, code, shares[code] - kept, _successor(name, closed, codes, sinks))
    return found


def _successor(name: str, closed: Closing, codes: Mapping[str, int], sinks: Sinks) -> int:
    if closed.successor is not None and closed.successor in codes:
        return codes[closed.successor]
    reason = f"'{name}' is closed and nobody takes over"
    return sinks.code(Sink(UNALLOCATED, reason, "allocate.consumer_closed"))


def _subsidized(shares: Shares, rule: Rule, codes: Mapping[str, int], sinks: Sinks) -> Shares:
    found = dict(shares)
    if rule.subsidy_by in (RETAINED, UNALLOCATED):
        bearer = sinks.code(Sink(rule.subsidy_by, f"a subsidy of the rule '{rule.name}'"))
    else:
        bearer = codes[rule.subsidy_by or ""]
    for code, percent in _percents(rule.subsidy, shares, codes):
        _move(found, code, shares[code] * Fraction(percent) / _HUNDRED, bearer)
    return found


def _marked_up(shares: Shares, rule: Rule, codes: Mapping[str, int], sinks: Sinks) -> Shares:
    found = dict(shares)
    sink = sinks.code(Sink(MARKUP, f"a markup of the rule '{rule.name}'"))
    for code, percent in _percents(rule.markup, shares, codes):
        _move(found, sink, shares[code] * Fraction(percent) / _HUNDRED, code)
    return found


def _crossed(
    shares: Shares, rule: Rule, codes: Mapping[str, int], across: Across, sinks: Sinks
) -> Shares:
    """What goes to consumers of other entities: marked up, or kept where it is a shareholder's."""
    found = dict(shares)
    own = dict(_percents(rule.markup, shares, codes))
    for name, code in sorted(codes.items(), key=lambda one: one[1]):
        buyer = across.between.buyer(across.seller, name) if code in shares else None
        if buyer is None:
            continue
        if across.kind == SHAREHOLDER:
            reason = f"shareholder cost stays with {across.seller}"
            _move(found, code, shares[code], sinks.code(Sink(RETAINED, reason)))
        elif across.kind == ORDINARY and code not in own:
            percent = across.between.markups.get((across.seller, buyer))
            if percent:
                sink = sinks.code(Sink(MARKUP, agreed_markup(across.seller, buyer)))
                _move(found, sink, shares[code] * Fraction(percent) / _HUNDRED, code)
    return found


def agreed_markup(seller: str, buyer: str) -> str:
    """The reason under which the markup of a pair rests."""
    return f"the markup that {seller} and {buyer} agreed"


def _percents(
    listed: tuple[tuple[str, Decimal], ...], shares: Shares, codes: Mapping[str, int]
) -> list[tuple[int, Decimal]]:
    """Percent per member that has a share; a name of its own goes before 'everybody'."""
    named = {codes[name]: percent for name, percent in listed if name in codes}
    for_all = dict(listed).get(EVERYBODY)
    found = []
    for code in sorted(code for code in shares if code >= 0):
        percent = named.get(code, for_all)
        if percent is not None:
            found.append((code, percent))
    return found


def _move(shares: Shares, source: int, part: Fraction, target: int) -> None:
    shares[source] = shares.get(source, Fraction(0)) - part
    shares[target] = shares.get(target, Fraction(0)) + part
