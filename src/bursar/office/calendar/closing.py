"""What a room says of a period before it is closed: one check per line of the checklist.

A room adds its lines by a module `closing.py` with `closing_checks(period)`, and by being named in
`flow/close.py`. It says what is so; owners, due dates, waivers and marks are added there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from bursar.office.calendar.models import ClosingRule, Period

State = Literal["done", "open", "not_used"]


@dataclass(frozen=True)
class ClosingCheck:
    """One line: its key and name, how it stands and why, and the page that mends it."""

    key: str
    name: str
    state: State
    detail: str
    link: str = ""
    due_days: int = 5
    """Default: days after the period's last day."""
    by_hand: bool = False
    """Whether a person may say that it is done, because no rule can know."""


Checks = Callable[[Period], list[ClosingCheck]]


def limit_of(key: str, default: Decimal) -> Decimal:
    """The threshold of a check: as somebody set it, or its default."""
    rule = ClosingRule.objects.filter(check_key=key).first()
    return rule.limit if rule is not None and rule.limit is not None else default
