"""What contradicts itself in positions, rate cards and time sheets (rules LB1, LB5 and LB6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise

from bursar.core.calc.labour import MOST_HOURS
from bursar.record.registers.fields import Content, Problem, day_in, money_in

_ALL = 100
_CARD = ("legal_entity", "role", "grade", "location")


def check_position(content: Content) -> Iterator[Problem]:
    """Of one position."""
    start, end = day_in(content, "start"), day_in(content, "end")
    if start and end and end < start:
        told = f"It ends on {end}, before it begins on {start}; mend one of the days."
        yield Problem("position.ends_before_start", "end", told)
    fte = money_in(content, "fte")
    if fte is not None and not 0 < fte <= 1:
        told = f"An FTE of {fte} is no part of one position; give more than 0 and at most 1."
        yield Problem("position.bad_fte", "fte", told)
    percent = money_in(content, "capital_percent")
    if percent is not None and not 0 <= percent <= _ALL:
        told = f"{percent} % lies outside 0 to 100 %."
        yield Problem("position.bad_share", "capital_percent", told)
    for name in ("rate", "ceiling"):
        if (money_in(content, name) or 0) < 0:
            yield Problem("position.bad_amount", name, "It is zero or more.")
    yield from _check_salaries(content)
    yield from _check_assignments(content)


def _check_salaries(content: Content) -> Iterator[Problem]:
    days = [salary["date"] for salary in content.get("salaries", ())]
    for number, salary in enumerate(content.get("salaries", ()), start=1):
        if days.count(salary["date"]) > 1:
            told = f"Two salaries begin on {salary['date']}; keep the one that was agreed."
            yield Problem("position.two_salaries", f"salaries[{number}].date", told)
            return
        if (money_in(salary, "yearly") or 0) < 0 or (money_in(salary, "oncost_percent") or 0) < 0:
            told = "Salary and on-cost are zero or more."
            yield Problem("position.bad_amount", f"salaries[{number}].yearly", told)


def _check_assignments(content: Content) -> Iterator[Problem]:
    sums: dict[str, Decimal] = {}
    for number, entry in enumerate(content.get("assignments", ()), start=1):
        percent = money_in(entry, "percent") or Decimal(0)
        if percent < 0 or not (entry.get("solution") or entry.get("initiative")):
            told = "An assignment has zero or more percent and a solution or an initiative."
            yield Problem("position.bad_share", f"assignments[{number}]", told)
        sums[entry["date"]] = sums.get(entry["date"], Decimal(0)) + percent
    for day, whole in sums.items():
        if whole > _ALL:
            told = f"The assignments from {day} add up to {whole} %; 100 % are the most."
            yield Problem("position.bad_share", "assignments", told)


def check_card(content: Content) -> Iterator[Problem]:
    """Of one rate card."""
    start, end = day_in(content, "start"), day_in(content, "end")
    if start and end and end < start:
        told = f"It ends on {end}, before it begins on {start}; mend one of the days."
        yield Problem("rate_card.ends_before_start", "end", told)
    if (money_in(content, "rate") or 0) <= 0:
        yield Problem("rate_card.bad_rate", "rate", "A rate is above zero.")


def check_cards(cards: Mapping[str, Content]) -> Iterator[tuple[str, Problem]]:
    """Two cards for the same work on one day (rule LB5)."""
    held: dict[tuple[str, ...], list[tuple[date, date, str]]] = {}
    for number, card in cards.items():
        start, end = day_in(card, "start"), day_in(card, "end") or date.max
        if start is not None:
            key = (*(card.get(name, "") for name in _CARD), card["currency"])
            held.setdefault(key, []).append((start, end, number))
    for spans in held.values():
        spans.sort()
        for before, after in pairwise(spans):
            if after[0] <= before[1]:
                for one, other in ((before, after), (after, before)):
                    told = (
                        f"It overlaps with rate card {other[2]} ({other[0]} to {other[1]}) for "
                        "the same role, grade and location; end one before the other begins."
                    )
                    yield one[2], Problem("rate_card.overlap", "start", told)


def check_time(content: Content) -> Iterator[Problem]:
    """Of one entry of a time sheet."""
    hours = money_in(content, "hours") or Decimal(0)
    if not 0 < hours <= MOST_HOURS:
        told = f"{hours} hours do not fit into a day; give more than 0 and at most {MOST_HOURS}."
        yield Problem("time.bad_hours", "hours", told)


def check_times(entries: Mapping[str, Content]) -> Iterator[tuple[str, Problem]]:
    """More than a day's hours of one person on one day, over all entries (rule LB6)."""
    held: dict[tuple[str, str], list[tuple[str, Decimal]]] = {}
    for number, entry in entries.items():
        hours = money_in(entry, "hours") or Decimal(0)
        held.setdefault((entry["position"], entry["date"]), []).append((number, hours))
    for (position, day), found in held.items():
        whole = sum((hours for _, hours in found), Decimal(0))
        if len(found) > 1 and whole > MOST_HOURS:
            told = f"Position {position} has {whole} hours on {day}; {MOST_HOURS} are the most."
            for number, _ in found:
                yield number, Problem("time.bad_hours", "hours", told)
