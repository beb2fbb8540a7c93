"""What late and restated data made stale: runs, the statements they issued, and later figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bursar.allocate.inputs import frozen_inputs
from bursar.allocate.models import RunPeriod, Statement
from bursar.allocate.queries import ACTUAL, changed_since_run, runs_in_force
from bursar.office.calendar.periods import calendar_of
from bursar.record.models import Batch

RUN, STATEMENTS, LATER = "run", "statements", "later"
_NAMED = 3


@dataclass(frozen=True)
class StaleMark:
    """One thing that no longer says what is in force, and what made it so."""

    period: str
    basis: str
    what: str
    """run, statements, or later: documents rounded on stale ones of the same fiscal year."""
    detail: str
    sources: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "sources": list(self.sources)}


def stale_marks(*, basis: str | None = None, scenario: str = ACTUAL) -> list[StaleMark]:
    """By period; empty where every run in force is of exactly the cost in force."""
    rows = RunPeriod.objects.filter(superseded_at__isnull=True, scenario=scenario)
    bases = sorted(set(rows.values_list("basis", flat=True)) if basis is None else {basis})
    marks: list[StaleMark] = []
    for one in bases:
        if changed := changed_since_run(one, scenario):
            marks += _of_basis(one, scenario, changed)
    order = (RUN, STATEMENTS, LATER)
    return sorted(marks, key=lambda m: (m.period, m.basis, order.index(m.what)))


def _of_basis(basis: str, scenario: str, changed: Sequence[str]) -> Iterator[StaleMark]:
    runs = {run.period: run for run in runs_in_force(basis=basis, scenario=scenario)}
    issued = _statements(runs)
    for period in changed:
        sources = _causes(runs[period])
        what = f" ({_some(sources)})" if sources else ""
        text = f"Cost changed since run {runs[period].run.run_id}{what}: run {period} again."
        yield StaleMark(period, basis, RUN, text, sources)
        if count := issued.get(period):
            text = f"{count} statements were issued before the cost of {period} changed."
            yield StaleMark(period, basis, STATEMENTS, text, sources)
    first = min(changed)
    for period in sorted(issued):
        if period > first and period not in changed and _year(period) == _year(first):
            text = f"{issued[period]} statements were rounded on those of {first}, which are stale."
            yield StaleMark(period, basis, LATER, text)


def _statements(runs: dict[str, RunPeriod]) -> dict[str, int]:
    """How many statements each run in force issued."""
    periods = Statement.objects.filter(run_period__in=[run.pk for run in runs.values()])
    found: dict[str, int] = {}
    for period in periods.values_list("period", flat=True):
        found[period] = found.get(period, 0) + 1
    return found


def _causes(run: RunPeriod) -> tuple[str, ...]:
    """Sources of the batches that came into the period or went since it was run."""
    then = set(frozen_inputs(run).batch_ids)
    rows = Batch.objects.filter(kind="cost_line", superseded_at__isnull=True)
    now = {
        batch_id: source
        for batch_id, source, postings in rows.values_list("batch_id", "source__name", "postings")
        if run.period in {period for _, period in postings}
    }
    gone = Batch.objects.filter(batch_id__in=then - set(now))
    came = {source for batch_id, source in now.items() if batch_id not in then}
    return tuple(sorted(came | set(gone.values_list("source__name", flat=True))))


def _year(period: str) -> int:
    return calendar_of().period(period).fiscal_year


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
