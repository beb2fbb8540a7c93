"""What arrived per source and month: in time, late or incomplete, and what needs a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bursar.office.people.scope import Scope
from bursar.record.arrivals.expecting import (
    due_date,
    is_overdue,
    late_periods,
    looks_incomplete,
    months_until,
)
from bursar.record.models import Arrival, ArrivalState, Batch, Watch
from bursar.record.models.imports import DERIVED
from bursar.report.balance import require_everything

MONTHS = 12
_WORDS = {
    "arrived": "In",
    "late": "Late",
    "incomplete": "Incomplete?",
    "expected": "Expected",
    "": "",
}


@dataclass(frozen=True)
class Cell:
    """One source in one month; `state` is arrived, late, incomplete, expected or empty."""

    period: str
    state: str
    rows: int
    rejected: int
    due: date | None

    @property
    def words(self) -> str:
        return _WORDS[self.state]

    def to_json(self) -> dict[str, Any]:
        return {
            "period": self.period,
            "state": self.state,
            "rows": self.rows,
            "rejected": self.rejected,
            "due": self.due.isoformat() if self.due else None,
        }


@dataclass(frozen=True)
class SourceRow:
    """One source over the months shown, and when something last came of it."""

    source: str
    watched: bool
    last_arrival: str | None
    cells: tuple[Cell, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "watched": self.watched,
            "last_arrival": self.last_arrival,
            "cells": [cell.to_json() for cell in self.cells],
        }


@dataclass(frozen=True)
class Alert:
    """Something that a person has to look at: unreachable, refused, incomplete or late."""

    kind: str
    source: str
    subject: str
    message: str
    code: str = ""

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class Arrivals:
    """The grid, newest month last, and the alerts, most urgent first."""

    periods: tuple[str, ...]
    rows: tuple[SourceRow, ...]
    alerts: tuple[Alert, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "periods": list(self.periods),
            "sources": [row.to_json() for row in self.rows],
            "alerts": [alert.to_json() for alert in self.alerts],
        }


def arrivals(scope: Scope, *, today: date, months: int = MONTHS) -> Arrivals:
    """Every source that has files behind it, watched or not.

    Raises BeyondScope for a restricted scope.
    """
    require_everything(scope, "What arrived of which source")
    watches = {watch.source: watch for watch in Watch.objects.all()}
    held = _held(watches)
    periods = months_until(_last_day(held, today) if not watches else today, months)
    rows = [
        _row(source, held.get(source, {}), watches.get(source), periods, today)
        for source in sorted({*held, *watches})
    ]
    return Arrivals(tuple(periods), tuple(rows), alerts(scope, today=today))


def alerts(scope: Scope, *, today: date) -> tuple[Alert, ...]:
    """Of watched sources only: nobody said when others are expected.

    Raises BeyondScope for a restricted scope.
    """
    require_everything(scope, "Alerts of sources")
    watches = list(Watch.objects.all())
    if not watches:
        return ()
    held = _held({watch.source: watch for watch in watches})
    found = [Alert("unreachable", w.source, w.url, w.problem) for w in watches if w.problem]
    for arrival in Arrival.objects.filter(
        state__in=(ArrivalState.REFUSED, ArrivalState.INCOMPLETE)
    ).select_related("watch"):
        found.append(
            Alert(arrival.state, arrival.watch.source, arrival.name, arrival.message, arrival.code)
        )
    for watch in watches:
        found += _late(watch, held.get(watch.source, {}), today)
    urgency = ("unreachable", "refused", "late", "incomplete")
    return tuple(sorted(found, key=lambda a: (urgency.index(a.kind), a.source, a.subject)))


def _last_day(held: dict[str, dict[str, _Month]], today: date) -> date:
    """In the newest month that has anything: old books are shown too."""
    newest = max((period for months in held.values() for period in months), default="")
    return date(int(newest[:4]), int(newest[5:7]), 1) if newest else today


@dataclass
class _Month:
    """What is in force of one source and month; a source may add file to file."""

    rows: int = 0
    rejected: int = 0
    last: str = ""


def _held(watches: dict[str, Watch]) -> dict[str, dict[str, _Month]]:
    """Batches in force by source and period; files that add to one another are one source."""
    rows = Batch.objects.filter(superseded_at__isnull=True).exclude(made_by__format=DERIVED)
    held: dict[str, dict[str, _Month]] = defaultdict(lambda: defaultdict(_Month))
    names = ("source__name", "period", "rows_accepted", "rows_rejected", "made_by__imported_at")
    for name, period, accepted, rejected, at in rows.values_list(*names):
        group = name.partition(": ")[0]
        source = group if group in watches and watches[group].each_adds else name
        month = held[source][period]
        month.rows += accepted
        month.rejected += rejected
        month.last = max(month.last, at.isoformat())
    return held


def _row(
    source: str,
    held: dict[str, _Month],
    watch: Watch | None,
    periods: Sequence[str],
    today: date,
) -> SourceRow:
    late = set(late_periods(watch, list(held), today)) if watch else set()
    began = min([*held, *([watch.added_at.strftime("%Y-%m")] if watch else [])])
    cells = []
    for period in periods:
        due = due_date(watch, period) if watch else None
        month = held.get(period)
        if month is not None:
            before = [held[p].rows for p in sorted(held) if p < period]
            state = "incomplete" if looks_incomplete(month.rows, before) else "arrived"
            cells.append(Cell(period, state, month.rows, month.rejected, due))
        else:
            state = "late" if period in late else "expected" if watch and period >= began else ""
            cells.append(Cell(period, state, 0, 0, due))
    last = max((month.last for month in held.values()), default=None)
    return SourceRow(source, watch is not None, last, tuple(cells))


def _late(watch: Watch, held: dict[str, _Month], today: date) -> list[Alert]:
    found = [
        Alert(
            "late",
            watch.source,
            period,
            f"Nothing is in force for {period}; it was due by {due_date(watch, period)}.",
        )
        for period in late_periods(watch, list(held), today)
    ]
    complete = sorted(period for period in held if period < f"{today:%Y-%m}")
    if complete and looks_incomplete(
        held[complete[-1]].rows, [held[p].rows for p in complete[:-1]]
    ):
        said = f"It has {held[complete[-1]].rows:,} rows, fewer than half the usual number."
        found.append(Alert("incomplete", watch.source, complete[-1], said))
    last = max((month.last for month in held.values()), default="")
    last_day = date.fromisoformat(last[:10]) if last else None
    if is_overdue(watch, last_day, today):
        said = f"The last file came on {last_day}" if last_day else "No file has come yet"
        found.append(
            Alert("late", watch.source, "rhythm", f"{said}; it is expected {watch.rhythm}.")
        )
    return found
