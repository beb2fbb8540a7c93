"""Each month's cost of all positions, at standard rates, rate cards and time sheets (LB2-LB10).

Salaries are not read here: nothing that is derived from one enters the lake.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa

from bursar.core.calc.labour import (
    HOURS_OF_A_DAY,
    PER_YEAR,
    Employment,
    Rate,
    Share,
    month_costs,
    shares_on,
)
from bursar.core.money.currency import minor_digits
from bursar.core.money.rounding import largest_remainder, round_half_up
from bursar.record.registers.fields import day_in, money_in
from bursar.record.registers.period_lines import Amounts, cost_lines
from bursar.record.registers.register import Beside, Kept

LABOUR, CONTRACTOR = "labour", "contractor"
_DAY_RATES = {"hour": Fraction(1), "day": Fraction(1, HOURS_OF_A_DAY)}
Content = Mapping[str, Any]
MonthCost = tuple[str, str, Decimal]
"""Month, part, amount."""


def spread_positions(found: Beside, first: str, last: str) -> pa.Table:
    """Cost lines of all positions, each month split by who the work was for."""
    positions, amounts = found["position"], Amounts()
    bearers: list[Kept] = []
    places: dict[tuple[str, str, str], int] = {}
    times = _times(found.get("time_entry", ()))
    end = date(int(last[:4]), int(last[5:]), monthrange(int(last[:4]), int(last[5:]))[1])
    for position in positions:
        for month, part, amount in position_costs(position, found, times, end):
            if not first <= month <= last or not amount:
                continue
            for target, treatment, split in _splits(position, times, month, amount):
                key = (position.number, target, treatment)
                if key not in places:
                    places[key] = len(bearers)
                    bearers.append(_bearer(position, target, treatment))
                amounts.add(places[key], month, part, split)
    told = [f"{one.content.get('name', '')} ({one.number})" for one in bearers]
    columns = ("vendor", "position_id", "treatment")
    return cost_lines("position", bearers, amounts, describe=told, columns=columns)


def position_costs(
    position: Kept, found: Beside, times: Mapping[str, Sequence[Content]], last: date
) -> Iterator[MonthCost]:
    """Cost of one position by month; a vacant one costs nothing (rule LB1)."""
    content = position.content
    start = day_in(content, "start")
    if content.get("state") == "vacant" or start is None:
        return
    if content.get("kind") == CONTRACTOR:
        yield from _of_hours(content, found, times.get(position.number, ()))
        return
    served = Employment(start, day_in(content, "end"), Fraction(money_in(content, "fte") or 1))
    rates = rates_of(content, found)
    digits = minor_digits(content["currency"])
    for month, amount in month_costs(served, rates, last, digits=digits) if rates else ():
        yield month, LABOUR, amount


def rates_of(content: Content, found: Beside) -> list[Rate]:
    """Yearly rates of a position: of its rate cards, else of its standard rate (rule LB10)."""
    cards = _cards(content, found.get("rate_card", ()))
    if cards:
        return [
            Rate(start, Fraction(money_in(card, "rate") or 0) * PER_YEAR[card["per"]])
            for card in cards
            if (start := day_in(card, "start")) is not None
        ]
    held = {
        (kept.content["group"], kept.content.get("value", "")): kept.content
        for kept in found.get("standard_rate", ())
        if kept.content["currency"] == content["currency"]
        and kept.content.get("legal_entity", "") == content.get("legal_entity", "")
    }
    for group in ("grade", "role", "all"):
        told = held.get((group, "" if group == "all" else content.get(group, "")))
        if told is not None:
            return [
                Rate(day, Fraction(money_in(rate, "yearly") or 0))
                for rate in told["rates"]
                if (day := day_in(rate, "date")) is not None
            ]
    return []


def _cards(content: Content, cards: Sequence[Kept]) -> list[Content]:
    """The most particular cards that fit: those that name most of what the position is."""
    best: dict[int, list[Content]] = {}
    for card in cards:
        told = card.content
        names = [n for n in ("legal_entity", "role", "grade", "location") if told.get(n)]
        fits = all(told[name] == content.get(name) for name in names)
        if fits and told["currency"] == content["currency"]:
            best.setdefault(len(names), []).append(told)
    return best[max(best)] if best else []


def _times(entries: Sequence[Kept]) -> dict[str, list[Content]]:
    found: dict[str, list[Content]] = {}
    for entry in entries:
        found.setdefault(entry.content["position"], []).append(entry.content)
    return found


def _of_hours(content: Content, found: Beside, entries: Sequence[Content]) -> Iterator[MonthCost]:
    """Hours by the rate of their day; each month's sum is rounded once."""
    exact: dict[str, Fraction] = {}
    for entry in entries:
        day, hours = day_in(entry, "date"), Fraction(money_in(entry, "hours") or 0)
        if day is not None:
            month = f"{day:%Y-%m}"
            exact[month] = exact.get(month, Fraction(0)) + hours * _hourly(content, found, day)
    digits = minor_digits(content["currency"])
    for month in sorted(exact):
        yield month, CONTRACTOR, round_half_up(exact[month], digits)


def _hourly(content: Content, found: Beside, day: date) -> Fraction:
    own = money_in(content, "rate")
    if own is not None:
        return Fraction(own) * _DAY_RATES[content.get("rate_per") or "hour"]
    cards = [
        card for card in _cards(content, found.get("rate_card", ()))
        if (day_in(card, "start") or date.max) <= day <= (day_in(card, "end") or date.max)
    ]  # fmt: skip
    if not cards:
        return Fraction(0)
    yearly = Fraction(money_in(cards[0], "rate") or 0) * PER_YEAR[cards[0]["per"]]
    return yearly / PER_YEAR["hour"]


def _splits(
    position: Kept, times: Mapping[str, Sequence[Content]], month: str, amount: Decimal
) -> Iterator[tuple[str, str, Decimal]]:
    """Target, treatment and amount: by hours where there are any, else by assignments (LB4)."""
    content = position.content
    parts = _parts(content, times.get(position.number, ()), month)
    capital = Fraction(money_in(content, "capital_percent") or 0) / 100
    cells = [
        (target, treatment, part * share)
        for target, part in sorted(parts.items())
        for treatment, share in (("capex", capital), ("opex", 1 - capital))
        if part * share
    ]
    digits = minor_digits(content["currency"])
    exact = [Fraction(amount) * share for _, _, share in cells]
    keys = [cell[:2] for cell in cells]
    split = largest_remainder(exact, keys=keys, digits=digits, total=amount)
    for (target, treatment, _), part in zip(cells, split, strict=True):
        yield target, treatment, part


def _parts(content: Content, entries: Sequence[Content], month: str) -> dict[str, Fraction]:
    """Target (`solution:` or `initiative:` and a name; empty: the position's own) -> part."""
    hours: dict[str, Fraction] = {}
    for entry in entries:
        if entry["date"][:7] == month:
            target = _target(entry)
            hours[target] = hours.get(target, Fraction(0)) + Fraction(money_in(entry, "hours") or 0)
    whole = sum(hours.values(), Fraction(0))
    if whole:
        return {target: worked / whole for target, worked in hours.items()}
    shares = [
        Share(day, _target(entry), Fraction(money_in(entry, "percent") or 0) / 100)
        for entry in content.get("assignments", ())
        if (day := day_in(entry, "date")) is not None
    ]
    year, number = int(month[:4]), int(month[5:])
    found = shares_on(shares, date(year, number, monthrange(year, number)[1]))
    rest = 1 - sum(found.values(), Fraction(0))
    return {**found, "": rest} if rest else found


def _target(entry: Content) -> str:
    for name in ("solution", "initiative"):
        if entry.get(name):
            return f"{name}:{entry[name]}"
    return ""


def _bearer(position: Kept, target: str, treatment: str) -> Kept:
    """The position as its lines know it: a pseudonym, no name, no pay."""
    name, _, value = target.partition(":")
    kept = {**position.content, "position_id": position.number, "treatment": treatment}
    kept = {key: told for key, told in kept.items() if key not in ("holder", "salaries")}
    return Kept(position.number, position.version, kept | ({name: value} if value else {}))
