"""What people cost by month, and standard rates from which no salary follows (rules LB1-LB12)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from bursar.core.money.rounding import round_half_up

SMALLEST_GROUP = 5
"""People that a published rate stands for, at least; and in whom two rates differ."""
HOURS_OF_A_DAY = 8
MOST_HOURS = Decimal(24)
_DAYS_OF_A_YEAR = 220
"""Working days by which a day's rate becomes a year's."""

PER_YEAR = {
    "year": Fraction(1),
    "month": Fraction(12),
    "day": Fraction(_DAYS_OF_A_YEAR),
    "hour": Fraction(_DAYS_OF_A_YEAR * HOURS_OF_A_DAY),
}
"""What a rate is multiplied by to be a year's."""


@dataclass(frozen=True)
class Rate:
    """A yearly cost of one FTE, in force from a day on."""

    since: date
    yearly: Fraction


@dataclass(frozen=True)
class Employment:
    """Days of service, both included, and how much of a full position."""

    start: date
    end: date | None
    fte: Fraction


@dataclass(frozen=True)
class Share:
    """From a day on, this part of the work goes to a solution or a project."""

    since: date
    target: str
    part: Fraction


def month_costs(
    served: Employment, rates: Sequence[Rate], last: date, *, digits: int
) -> list[tuple[str, Decimal]]:
    """Cost by month, YYYY-MM, at the rates in force, until a day (rules LB2 and LB3).

    A month is a twelfth of the year; a cut one counts its days of the month's. What was charged
    by a month's end is the exact cost rounded once. Days before the first rate cost nothing.
    """
    found: list[tuple[str, Decimal]] = []
    exact, shown = Fraction(0), Decimal(0)
    end = min(served.end, last) if served.end else last
    year, month = served.start.year, served.start.month
    while (year, month) <= (end.year, end.month):
        exact += _month(served, rates, (date(year, month, 1), end))
        charged = round_half_up(exact, digits)
        found.append((f"{year:04d}-{month:02d}", charged - shown))
        shown = charged
        year, month = year + month // 12, month % 12 + 1
    return found


def _month(served: Employment, rates: Sequence[Rate], at: tuple[date, date]) -> Fraction:
    first, end = at
    length = monthrange(first.year, first.month)[1]
    opened, closed = max(first, served.start), min(first.replace(day=length), end)
    cuts = sorted({opened, *(r.since for r in rates if opened < r.since <= closed)})
    cost = Fraction(0)
    for place, day in enumerate(cuts):
        after = cuts[place + 1] if place + 1 < len(cuts) else None
        days = (after - day).days if after else (closed - day).days + 1
        cost += rate_on(rates, day) * served.fte * days / length / 12
    return cost


def rate_on(rates: Iterable[Rate], day: date) -> Fraction:
    """The yearly rate in force on a day; zero before the first."""
    known = [rate for rate in rates if rate.since <= day]
    return max(known, key=lambda rate: rate.since).yearly if known else Fraction(0)


def shares_on(shares: Iterable[Share], day: date) -> dict[str, Fraction]:
    """Target -> part on a day; the newest day that says anything holds alone (rule LB4)."""
    known = [share for share in shares if share.since <= day]
    newest = max((share.since for share in known), default=None)
    found: dict[str, Fraction] = {}
    for share in known:
        if share.since == newest:
            found[share.target] = found.get(share.target, Fraction(0)) + share.part
    return found


@dataclass(frozen=True)
class Paid:
    """What one position is paid, as a yearly cost of a full position; who sees it sees a salary."""

    position: str
    entity: str
    currency: str
    grade: str
    role: str
    yearly: Fraction


@dataclass(frozen=True)
class Group:
    """People of one company and currency whose mean is published."""

    entity: str
    currency: str
    kind: str
    """`grade`, `role` or `all`."""
    name: str
    members: tuple[Paid, ...]

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.entity, self.currency, self.kind, self.name


def form_groups(paid: Sequence[Paid]) -> tuple[list[Group], list[Paid]]:
    """Groups of at least five that share nobody, and those whom no group can hide (rule LB7).

    First by grade; whoever is left by role; whoever is left then, together.
    """
    groups: list[Group] = []
    left = sorted(paid, key=lambda one: one.position)
    for kind in ("grade", "role", "all"):
        held: dict[tuple[str, str, str], list[Paid]] = {}
        for one in left:
            name = "" if kind == "all" else str(getattr(one, kind))
            held.setdefault((one.entity, one.currency, name), []).append(one)
        left = []
        for (entity, currency, name), members in sorted(held.items()):
            if len(members) >= SMALLEST_GROUP and (name or kind == "all"):
                groups.append(Group(entity, currency, kind, name, tuple(members)))
            else:
                left += members
    return groups, left


def standard_rate(group: Group) -> Decimal:
    """The mean yearly cost, to three digits of which the last is 0 or 5 (rule LB8)."""
    mean = sum((one.yearly for one in group.members), Fraction(0)) / len(group.members)
    step = Fraction(5) * Fraction(10) ** (len(str(int(mean))) - 3)
    return round_half_up(Fraction(round_half_up(mean / step, 0)) * step, 2)


Told = frozenset[str]
"""Who stood behind a published rate: one text for each person and pay."""


def told_of(group: Group) -> Told:
    """A person whose pay changes is another one here: nothing is known of the new pay."""
    return frozenset(f"{one.position}={one.yearly}" for one in group.members)


def may_publish(new: Told, before: Sequence[Told]) -> bool:
    """Whether one more rate lets nobody's pay follow from all that are published (rule LB9).

    It differs from each earlier one of the same people in at least five of them, and no sum or
    difference of the rates is one single pay.
    """
    if len(new) < SMALLEST_GROUP:
        return False
    for known in before:
        if known & new and len(known ^ new) < SMALLEST_GROUP:
            return False
    return not _singled_out([*before, new])


def _singled_out(rates: Sequence[Told]) -> bool:
    """Whether one person's unit vector lies in the span of the rates' vectors, exactly.

    The rates are brought to reduced form; a row that is left with one person alone tells them,
    and any combination that tells one would be such a row.
    """
    rows: list[dict[str, Fraction]] = []
    for told in rates:
        row = {person: Fraction(1) for person in told}
        for held in rows:
            pivot = next(iter(held))
            if pivot in row:
                _take(row, held, row[pivot])
        if not row:
            continue
        pivot = min(row)
        lead = row[pivot]
        row = {pivot: Fraction(1), **{p: v / lead for p, v in row.items() if p != pivot}}
        for held in rows:
            if pivot in held:
                _take(held, row, held[pivot])
        rows.append(row)
    return any(len(row) == 1 for row in rows)


def _take(row: dict[str, Fraction], held: Mapping[str, Fraction], times: Fraction) -> None:
    for person, value in held.items():
        rest = row.get(person, Fraction(0)) - times * value
        if rest:
            row[person] = rest
        else:
            row.pop(person, None)
