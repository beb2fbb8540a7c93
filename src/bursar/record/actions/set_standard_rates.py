"""Act: work out standard rates from salaries, where no salary follows from them (LB7-LB9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.db import transaction

from bursar.core.calc.labour import (
    Group,
    Paid,
    Rate,
    Told,
    form_groups,
    may_publish,
    rate_on,
    standard_rate,
    told_of,
)
from bursar.core.money.amount import exact_text
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.people.register import POSITIONS, STANDARD_RATES
from bursar.record.registers.fields import day_in, money_in
from bursar.record.registers.register import Kept
from bursar.record.registers.spreading import kept_records, refresh_register
from bursar.record.registers.writing import Entry, Pen, records_of, whole, write_entries
from bursar.record.turns import in_turn

ACT = "record.set_standard_rates"
SALARIES = "read.salaries"


@dataclass(frozen=True)
class RatesSet:
    """What came of it: numbers of rates that are new, that stay as they were, and people whom
    no group hides, by position."""

    new: tuple[str, ...]
    kept: tuple[str, ...]
    unpriced: tuple[str, ...]


def set_standard_rates(*, acting_user: User | None, day: date) -> RatesSet:
    """Freeze rates in force from a day. A rate that would tell too much stays as it was.

    Refusals: people.not_allowed.
    """
    require(acting_user, ACT)
    require(acting_user, SALARIES)
    found = in_turn(lambda: _set(day, acting_user))
    refresh_register(POSITIONS, acting_user)
    return found


def _set(day: date, acting_user: User | None) -> RatesSet:
    with transaction.atomic():
        groups, left = form_groups([p for k in kept_records(POSITIONS) if (p := _paid(k, day))])
        rows = {row.number: row for row in records_of(STANDARD_RATES).select_for_update()}
        before = [told for row in rows.values() for told in _basis(whole(row))]
        entries, kept = [], []
        for group in groups:
            number, told = _number(group), told_of(group)
            held = whole(rows[number]) if number in rows else {}
            if told in before or not may_publish(told, before):
                kept.append(number)
                continue
            before.append(told)
            entries.append(Entry(number, _content(group, held, day, told)))
        pen = Pen(actor_name(acting_user), f"Worked out for {day}")
        written = write_entries(STANDARD_RATES, entries, pen, update=True)
        new = tuple(written.entered + written.changed)
        if new:
            record_act(
                act=ACT, subject=STANDARD_RATES.source, actor=acting_user,
                detail={"day": day.isoformat(), "rates": list(new)},
            )  # fmt: skip
    return RatesSet(new, tuple(kept), tuple(one.position for one in left))


def _paid(position: Kept, day: date) -> Paid | None:
    """What a filled position of an employee is paid on a day, for a full position."""
    content = position.content
    start, end = day_in(content, "start"), day_in(content, "end")
    serves = start is not None and start <= day and (end is None or end >= day)
    if not serves or content.get("state") == "vacant" or content.get("kind") == "contractor":
        return None
    yearly = rate_on(salary_rates(content), day)
    if not yearly:
        return None
    return Paid(
        position.number, content.get("legal_entity", ""), content["currency"],
        content.get("grade", ""), content.get("role", ""), yearly,
    )  # fmt: skip


def salary_rates(content: Mapping[str, Any]) -> list[Rate]:
    """Salary with on-cost as yearly rates; only for those who may see salaries."""
    return [
        Rate(
            day,
            Fraction(money_in(salary, "yearly") or 0)
            * (1 + Fraction(money_in(salary, "oncost_percent") or 0) / 100),
        )
        for salary in content.get("salaries", ())
        if (day := day_in(salary, "date")) is not None
    ]


def _basis(content: Mapping[str, Any]) -> list[Told]:
    issues: dict[str, set[str]] = {}
    for entry in content.get("basis", ()):
        issues.setdefault(entry["issue"], set()).add(entry["told"])
    return [frozenset(told) for told in issues.values()]


def _number(group: Group) -> str:
    return " / ".join(part for part in (*group.key[:3], group.name) if part)


def _content(group: Group, held: Mapping[str, Any], day: date, told: Told) -> dict[str, Any]:
    rate = {"date": day.isoformat(), "yearly": exact_text(standard_rate(group))}
    issue = str(len(_basis(held)) + 1)
    basis = [{"issue": issue, "told": one} for one in sorted(told)]
    same_day = [r for r in held.get("rates", ()) if r["date"] != rate["date"]]
    return {
        "name": f"{group.kind.capitalize()} {group.name}".strip(),
        "legal_entity": group.entity,
        "currency": group.currency,
        "group": group.kind,
        "value": group.name,
        "rates": [*same_day, rate],
        "basis": [*held.get("basis", ()), *basis],
    }
