"""Says in money how two texts of the cost model differ, on the same cost and drivers."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from bursar.allocate.actions.run_model import require_runnable
from bursar.allocate.computing import compute_periods, lake_folder
from bursar.allocate.difference import between
from bursar.allocate.facts import addresses
from bursar.allocate.inputs import periods_with_cost
from bursar.allocate.language.model import CostModel
from bursar.allocate.models import RunPeriod
from bursar.allocate.publishing import RunHeader
from bursar.allocate.result import PeriodResult
from bursar.allocate.steps import StepLog, Workplace
from bursar.lake.engines.known import DUCKDB, open_engine
from bursar.office.calendar.queries import is_closed
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.documents.settling import settle
from bursar.record.refreshing import refresh


@dataclass(frozen=True)
class MoneyMoved:
    """What the later text charges otherwise; no row where nobody pays more or less."""

    periods: tuple[str, ...]
    basis: str
    rows: tuple[dict[str, Any], ...]
    """{period, legal_entity, currency, outcome, consumer, before, after, difference}"""

    def to_json(self) -> dict[str, Any]:
        return {"periods": list(self.periods), "basis": self.basis, "rows": list(self.rows)}


def compare_models(
    *,
    acting_user: User | None,
    after: CostModel,
    before: CostModel | None = None,
    periods: Sequence[str] | None = None,
) -> MoneyMoved:
    """Both models over the same inputs, by the path of every run, into a folder thrown away.

    `before` is what is in force for each period where none is given; `periods` is the newest open
    one that was run, else that has cost, or none where there is no such.

    Refuses: `people.not_allowed`, `run.unknown_period`, `run.period_closed`, `run.no_cost`,
    `run.unknown_driver_target`.
    """
    require(acting_user, "allocate.run_model")
    chosen = _chosen(periods)
    if not chosen:
        return MoneyMoved((), after.basis, ())
    settle(acting_user, chosen)
    refresh(acting_user)
    sides = [_computed(model, after.basis, chosen, acting_user) for model in (before, after)]
    return MoneyMoved(tuple(chosen), after.basis, tuple(between(*sides)))


def _chosen(periods: Sequence[str] | None) -> list[str]:
    if periods is not None:
        return require_runnable(periods)
    # Registers know costs of years to come, so what was run comes first.
    run = RunPeriod.objects.filter(superseded_at__isnull=True).values_list("period", flat=True)
    for candidates in (set(run), set(periods_with_cost())):
        if still_open := sorted(period for period in candidates if not is_closed(period)):
            return still_open[-1:]
    return []


def _computed(
    model: CostModel | None, basis: str, chosen: Sequence[str], acting_user: User | None
) -> list[PeriodResult]:
    header = RunHeader("r" + secrets.token_hex(6), basis, "actual", timezone.now(), acting_user)
    with lake_folder(throwaway=True) as lake, open_engine(DUCKDB, addresses()) as engine:
        at = Workplace(header.run_id, lake, StepLog(), engine, model)
        return compute_periods(header, chosen, at, afresh=True)[0]
