"""Carries the cost of periods through the model and puts the result in force."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from bursar.allocate.computing import Progress, compute_periods, lake_folder
from bursar.allocate.difference import from_what_is_in_force
from bursar.allocate.errors import (
    DraftPublished,
    ModelHasProblems,
    NothingToRun,
    RunPeriodClosed,
    UnknownBasis,
    UnknownRunPeriod,
    UnknownScenario,
)
from bursar.allocate.facts import addresses
from bursar.allocate.inputs import basis_of, periods_with_cost
from bursar.allocate.language.model import CostModel
from bursar.allocate.model_text import parse_model
from bursar.allocate.models import RunPeriod
from bursar.allocate.publishing import RunHeader, publish_run
from bursar.allocate.result import PeriodResult
from bursar.allocate.steps import StepLog, Workplace
from bursar.core.calc.fiscal import UnknownPeriod
from bursar.core.tables.cube import BASES
from bursar.lake.engines.known import DUCKDB, open_engine, require_engine
from bursar.lake.files import remove_files
from bursar.office.calendar.periods import calendar_of
from bursar.office.calendar.queries import is_closed
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.documents.settling import settle
from bursar.record.refreshing import refresh

SCENARIOS = ("actual",)


@dataclass(frozen=True)
class RunOutcome:
    """What a run did, in the words of the command line's JSON."""

    run_id: str | None
    basis: str
    scenario: str
    dry_run: bool
    steps: tuple[dict[str, Any], ...]
    balance: tuple[dict[str, Any], ...]
    problems: tuple[dict[str, Any], ...]
    unchanged: tuple[str, ...]
    difference: tuple[dict[str, Any], ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "basis": self.basis,
            "scenario": self.scenario,
            "dry_run": self.dry_run,
            "steps": list(self.steps),
            "balance": list(self.balance),
            "problems": list(self.problems),
            "unchanged": list(self.unchanged),
            "difference": list(self.difference),
        }


def run_model(
    *,
    acting_user: User | None,
    periods: Sequence[str] | None = None,
    basis: str | None = None,
    scenario: str = "actual",
    engine: str = DUCKDB,
    dry_run: bool = False,
    draft: str | None = None,
    progress: Progress | None = None,
) -> RunOutcome:
    """Allocates every period with cost (or those named) and publishes all of them or none.

    A period whose inputs are those of the run in force is not run again, nor is a closed one. A
    dry run takes the same path into a throw-away folder, publishes nothing and tells what would
    differ; with the text of a `draft` it tells so before that model is applied.

    Refuses: `people.not_allowed`, `run.unknown_basis`, `run.unknown_scenario`,
    `run.unknown_engine`, `run.engine_missing`, `run.engine_failed`, `run.unknown_period`,
    `run.period_closed`, `run.no_cost`,
    `run.unknown_driver_target`, `run.overlapped`, `model.problems`, `run.draft_published`.
    """
    require(acting_user, "allocate.run_model")
    _known(basis, scenario, engine)
    settle(acting_user, periods)
    refresh(acting_user)
    model = _draft(draft, dry_run=dry_run)
    chosen = _chosen(periods, basis, scenario)
    common = basis or (model.basis if model else basis_of(chosen[-1]))
    header = RunHeader("r" + secrets.token_hex(6), common, scenario, timezone.now(), acting_user)
    log = StepLog()
    with lake_folder(throwaway=dry_run) as lake, open_engine(engine, addresses()) as opened:
        at = Workplace(header.run_id, lake, log, opened, model)
        results, standing = compute_periods(header, chosen, at, progress)
        try:
            if results and not dry_run:
                publish_run(header, results, log.to_json())
        except BaseException:
            remove_files(lake, [r for result in results for r in result.records])
            raise
    return _outcome(header, results, standing, log, dry_run)


def _draft(text: str | None, *, dry_run: bool) -> CostModel | None:
    if text is None:
        return None
    if not dry_run:
        raise DraftPublished("A draft can only be tried. Apply the model, then run it.")
    parsed = parse_model(text)
    if parsed.model is None:
        raise ModelHasProblems(parsed.problems)
    return parsed.model


def _known(basis: str | None, scenario: str, engine: str) -> None:
    if basis is not None and basis not in BASES:
        raise UnknownBasis(f"There is no basis '{basis}'. Choose {', '.join(BASES)}.")
    if scenario not in SCENARIOS:
        raise UnknownScenario(f"There is no scenario '{scenario}'. Choose {', '.join(SCENARIOS)}.")
    require_engine(engine)


def _chosen(periods: Sequence[str] | None, basis: str | None, scenario: str) -> list[str]:
    """The periods to run, in order of time."""
    with_cost = periods_with_cost()
    if periods is None:
        rows = RunPeriod.objects.filter(superseded_at__isnull=True, scenario=scenario)
        if basis is not None:
            rows = rows.filter(basis=basis)
        chosen = sorted({*with_cost, *rows.values_list("period", flat=True)})
        if not chosen:
            raise NothingToRun("There is no cost yet. Import a file first: bursar import FILE.")
        return [period for period in chosen if not is_closed(period)] or _all_closed(chosen)
    return require_runnable(periods)


def require_runnable(periods: Sequence[str]) -> list[str]:
    """These periods in order of time.

    Refuses `run.unknown_period`, `run.period_closed`, `run.no_cost`.
    """
    with_cost = periods_with_cost()
    for period in periods:
        _check_period(period, with_cost)
    return sorted(set(periods))


def _all_closed(periods: Sequence[str]) -> list[str]:
    raise RunPeriodClosed(
        f"Every period with cost, {periods[0]} to {periods[-1]}, is closed, so there is nothing "
        "to run. Reopen one with a reason to run it again."
    )


def _check_period(period: str, with_cost: Sequence[str]) -> None:
    try:
        calendar_of().period(period)
    except UnknownPeriod as refusal:
        raise UnknownRunPeriod(f"{refusal.message}. Nothing was run.") from refusal
    if is_closed(period):
        raise RunPeriodClosed(
            f"{period} is closed: its statements stand. Nothing was run. Reopen it with a reason "
            "to run it again."
        )
    if period not in with_cost and not RunPeriod.objects.filter(period=period).exists():
        some = f"Periods with cost: {with_cost[0]} to {with_cost[-1]}." if with_cost else ""
        raise NothingToRun(f"There is no cost in {period}. {some}".strip())


def _outcome(
    header: RunHeader,
    results: Sequence[PeriodResult],
    standing: Sequence[RunPeriod],
    log: StepLog,
    dry_run: bool,
) -> RunOutcome:
    rows: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    for result in results:
        heading = {"period": result.inputs.period}
        rows += [heading | line.to_json() | {"basis": header.basis} for line in result.balance]
        problems += [heading | problem.to_json() for problem in result.problems]
    for current in standing:
        heading = {"period": current.period}
        rows += [heading | line | {"basis": header.basis} for line in current.balance]
        problems += [heading | problem for problem in current.problems]
    last = max(standing, key=lambda row: row.period) if standing else None
    return RunOutcome(
        run_id=header.run_id if results or last is None else last.run.run_id,
        basis=header.basis,
        scenario=header.scenario,
        dry_run=dry_run,
        steps=tuple(log.to_json()),
        balance=tuple(sorted(rows, key=lambda r: (r["period"], r["legal_entity"], r["currency"]))),
        problems=tuple(sorted(problems, key=lambda p: p["period"])),
        unchanged=tuple(current.period for current in standing),
        difference=tuple(from_what_is_in_force(results)) if dry_run else (),
    )
