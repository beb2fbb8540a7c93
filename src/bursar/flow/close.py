"""The checklist of a period: every room's checks, what people added, said and waived.

Upstream never calls down: a room says by its module `closing.py` how it stands, and is named here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from bursar.allocate.closing import closing_checks as allocated
from bursar.core.calc.fiscal import UnknownPeriod
from bursar.flow.errors import NoSuchPeriod
from bursar.office.calendar.closing import Checks, ClosingCheck
from bursar.office.calendar.models import ClosingLine, ClosingMark, ClosingRule, Period, PeriodState
from bursar.office.calendar.periods import ensure_periods
from bursar.office.reference.entities import default_entity, entities, entity
from bursar.record.closing import closing_checks as recorded

ROOMS: tuple[Checks, ...] = (recorded, allocated)
"""In the order of the flow; a room that adds lines is named here."""


@dataclass(frozen=True)
class Line:
    """One line of the checklist, with who owns it, until when, and how it stands.

    `state` is done, open, waived or not_used; the last two never keep a period open.
    """

    key: str
    name: str
    state: str
    detail: str
    link: str
    owner: str
    due: date
    by_hand: bool
    reason: str = ""
    said_by: str = ""

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "due": self.due.isoformat()}


def checklist(period: Period) -> list[Line]:
    """Every line of a period of one legal entity."""
    rules = {rule.check_key: rule for rule in ClosingRule.objects.all()}
    marks = {mark.check_key: mark for mark in period.marks.all()}
    lines = [
        _line(period, check, rules.get(check.key)) for checks in ROOMS for check in checks(period)
    ]
    lines += [_added(period, added) for added in period.lines.all()]
    return [_marked(line, marks.get(line.key)) for line in lines]


def is_ready(lines: Iterable[Line]) -> bool:
    """Whether nothing is open any more."""
    return all(line.state != "open" for line in lines)


def periods_to_close(code: str, entity_code: str | None = None) -> list[Period]:
    """The period of one legal entity, or of all that have posted to it.

    Refusals: period.none.
    """
    if entity_code is not None:
        owner = entity(entity_code)
        if owner is None:
            known = ", ".join(one.code for one in entities())
            raise NoSuchPeriod(f"There is no legal entity '{entity_code}'. There are: {known}.")
        return [_period(owner.code, code)]
    posted = Period.objects.filter(code=code).select_related("legal_entity")
    found = list(posted.order_by("legal_entity__code"))
    return found or [_period(default_entity().code, code)]


def all_periods() -> list[Period]:
    """Every period of every legal entity, newest first."""
    rows = Period.objects.select_related("legal_entity")
    return list(rows.order_by("-start", "legal_entity__code"))


def state_together(periods: Iterable[Period]) -> str:
    """The state that holds for all of these: the one that is least closed."""
    order = [PeriodState.OPEN, PeriodState.SOFT_CLOSED, PeriodState.CLOSED]
    return min((PeriodState(p.state) for p in periods), key=order.index).value


def _period(entity_code: str, code: str) -> Period:
    owner = entity(entity_code)
    assert owner is not None
    try:
        [found] = ensure_periods(owner, [code])
    except UnknownPeriod as refusal:
        raise NoSuchPeriod(f"{refusal.message}.") from refusal
    return found


def _line(period: Period, check: ClosingCheck, rule: ClosingRule | None) -> Line:
    days = check.due_days if rule is None or rule.due_days is None else rule.due_days
    return Line(
        key=check.key,
        name=check.name,
        state=check.state,
        detail=check.detail,
        link=check.link,
        owner=rule.owner if rule else "",
        due=_due(period, days),
        by_hand=check.by_hand,
    )


def _added(period: Period, added: ClosingLine) -> Line:
    due = _due(period, added.due_days)
    text = f"Added by {added.added_by}."
    return Line(added.key, added.name, "open", text, "", added.owner, due, by_hand=True)


def _due(period: Period, days: int) -> date:
    return period.end + timedelta(days=days - 1)


def _marked(line: Line, mark: ClosingMark | None) -> Line:
    """A mark matters while the line is open; what is done or not used needs none."""
    if mark is None or line.state != "open":
        return line
    if mark.kind == ClosingMark.Kind.DONE and not line.by_hand:
        return line
    return replace(line, state=str(mark.kind), reason=mark.reason, said_by=mark.by)
