"""The registers of people: positions, rate cards, standard rates and time sheets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bursar.record.people.checking import (
    check_card,
    check_cards,
    check_position,
    check_time,
    check_times,
)
from bursar.record.people.fields import (
    POSITION_FIELDS,
    RATE_CARD_FIELDS,
    STANDARD_RATE_FIELDS,
    TIME_FIELDS,
)
from bursar.record.people.spreading import spread_positions
from bursar.record.registers.fields import Content, Problem, day_in, money_in
from bursar.record.registers.register import Due, Register

POSITION, RATE_CARD, STANDARD_RATE, TIME = "position", "rate_card", "standard_rate", "time_entry"


def _position_due(content: Content, through: date) -> Iterator[Due]:
    """Beginnings and ends that lie before a day."""
    for name, told in (("start", "The position begins"), ("end", "The position ends")):
        day = day_in(content, name)
        if day is not None and day <= through:
            yield Due(day, f"position_{name}", told)


def _card_due(content: Content, through: date) -> Iterator[Due]:
    day = day_in(content, "end")
    if day is not None and day <= through:
        yield Due(day, "rate_change", "The rate card ends")


def _check_standard(content: Content) -> Iterator[Problem]:
    days = [rate["date"] for rate in content["rates"]]
    if len(set(days)) < len(days):
        told = "Two standard rates begin on one day; keep one of them."
        yield Problem("standard_rate.two_rates", "rates", told)
    if any((money_in(rate, "yearly") or 0) <= 0 for rate in content["rates"]):
        yield Problem("standard_rate.bad_rate", "rates", "A standard rate is above zero.")


POSITIONS = Register(
    name=POSITION,
    title="Positions",
    one="Position",
    fields=POSITION_FIELDS,
    check=check_position,
    spread_with=spread_positions,
    beside=(RATE_CARD, STANDARD_RATE, TIME),
    due=_position_due,
    prefix="P",
    numbered=("position id", "employee number", "position number"),
)
RATE_CARDS = Register(
    name=RATE_CARD,
    title="Rate cards",
    one="Rate card",
    fields=RATE_CARD_FIELDS,
    check=check_card,
    across=check_cards,
    due=_card_due,
    prefix="RC",
)
STANDARD_RATES = Register(
    name=STANDARD_RATE,
    title="Standard rates",
    one="Standard rate",
    fields=STANDARD_RATE_FIELDS,
    check=_check_standard,
    prefix="SR",
)
TIME_SHEETS = Register(
    name=TIME,
    title="Time sheets",
    one="Time entry",
    plural="time_entries",
    fields=TIME_FIELDS,
    check=check_time,
    across=check_times,
    titled=lambda content: f"{content.get('position', '')}, {content.get('date', '')}",
    prefix="T",
)
