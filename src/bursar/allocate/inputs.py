"""What one period's run is made of, frozen: batches with hashes, drivers, model and hierarchy.

Equal inputs give an equal hash and would give equal cents, so a period whose hash stands still
is not run again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from bursar.allocate.between import Frozen, between_on
from bursar.allocate.facts import files_of
from bursar.allocate.issuing import Issued, Payer
from bursar.allocate.issuing import as_json as issued_json
from bursar.allocate.language.canonical import canonical_text, freeze, thaw
from bursar.allocate.language.model import CostModel
from bursar.allocate.models import ModelVersion, RunPeriod
from bursar.allocate.recovering import Left
from bursar.allocate.recovering import as_json as due_json
from bursar.allocate.versions import model_of, version_in_force
from bursar.core.calc.fiscal import FiscalPeriod
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.usage_line import USAGE_LINE
from bursar.office.calendar.periods import calendar_of
from bursar.office.reference.hierarchy import tree
from bursar.office.reference.models import Layer
from bursar.record.models import Batch

ENGINE_VERSION = "1"
"""Raised when the same inputs would give other cents."""

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


@dataclass(frozen=True)
class Inputs:
    """Everything that decides the result of one period."""

    period: str
    basis: str
    scenario: str
    batches: tuple[dict[str, Any], ...]
    drivers: tuple[dict[str, Any], ...]
    version: ModelVersion | None
    model: CostModel
    hierarchy: Mapping[str, Mapping[str, Sequence[str]]]
    issued: Mapping[Payer, Issued]
    due: Mapping[str, Left] = field(default_factory=dict)
    """What rate rules left open in earlier periods and book in this one."""
    between: Frozen | None = None
    """Which entities charge each other with which markup, where the model asks for it."""

    @property
    def batch_ids(self) -> tuple[str, ...]:
        return tuple(batch["batch_id"] for batch in self.batches)

    @property
    def driver_ids(self) -> tuple[str, ...]:
        return tuple(batch["batch_id"] for batch in self.drivers)

    @cached_property
    def frozen(self) -> dict[str, Any]:
        """As the run keeps it, and as the hash covers it."""
        return {
            "engine": ENGINE_VERSION,
            "period": self.period,
            "driver_period": driver_period(self.period),
            "basis": self.basis,
            "scenario": self.scenario,
            "batches": list(self.batches),
            "drivers": list(self.drivers),
            "model_version": self.version.number if self.version else None,
            "model": freeze(self.model),
            "hierarchy": self.hierarchy,
            "issued_before": issued_json(self.issued),
            **({"true_up": due_json(self.due)} if self.due else {}),
            **({"between": self.between} if self.between is not None else {}),
        }

    @cached_property
    def hash(self) -> str:
        return hashlib.sha256(canonical_text(self.frozen).encode()).hexdigest()


@dataclass(frozen=True)
class FrozenInputs:
    """The inputs of a run that was published, read back."""

    content: Mapping[str, Any]

    @property
    def model(self) -> CostModel:
        return thaw(self.content["model"])

    @property
    def batch_ids(self) -> tuple[str, ...]:
        return tuple(batch["batch_id"] for batch in self.content["batches"])

    @property
    def sources(self) -> dict[str, str]:
        """Batch → the source it came from."""
        return {batch["batch_id"]: batch["source"] for batch in self.content["batches"]}


def gather_all(
    periods: Sequence[str],
    *,
    basis: str | None,
    scenario: str,
    draft: CostModel | None = None,
) -> list[Inputs]:
    """What a run of these periods would freeze now; a draft stands in for the model in force.

    Batches are read once, so that all periods are of one moment. What was issued before is not
    known yet and is nothing here.
    """
    rows = Batch.objects.filter(superseded_at__isnull=True).select_related("source")
    in_force = list(rows.order_by("batch_id"))
    files = files_of([batch.batch_id for batch in in_force])
    costs = files.hashes_of({COST_LINE.name, "dimension"})
    usage = files.hashes_of({USAGE_LINE.name})
    found = []
    for period in periods:
        version = version_in_force(period) if draft is None else None
        model = draft or model_of(version)
        one = Inputs(
            period=period,
            basis=basis or model.basis,
            scenario=scenario,
            batches=tuple(_described(_cost_batches(in_force, period), costs)),
            drivers=tuple(_described(_driver_batches(in_force, period, model), usage)),
            version=version,
            model=model,
            hierarchy=_hierarchy(period),
            issued={},
            between=between_on(model, *days_of(period)),
        )
        found.append(one)
    return found


def frozen_inputs(run_period: RunPeriod) -> FrozenInputs:
    return FrozenInputs(run_period.inputs)


def basis_of(period: str) -> str:
    """The basis that the model in force for the period allocates."""
    return model_of(version_in_force(period)).basis


def periods_with_cost() -> list[str]:
    """Every posting period that batches in force are posted to, in order."""
    rows = Batch.objects.filter(kind=COST_LINE.name, superseded_at__isnull=True)
    postings = rows.values_list("postings", flat=True)
    return sorted({period for posted in postings for _, period in posted})


def lacking_promotion(inputs: Inputs) -> list[str]:
    """Batches whose dimensions do not carry every column that the model promotes."""
    wanted = set(inputs.model.promote)
    rows = Batch.objects.filter(batch_id__in=inputs.batch_ids)
    return sorted(b.batch_id for b in rows if not wanted <= set(b.promoted))


def driver_period(period: str) -> str:
    """The month whose drivers count: the period itself, or the one that holds its middle."""
    if _MONTH.fullmatch(period):
        return period
    found = _fiscal_period(period)
    middle = found.start + (found.end - found.start) / 2
    return f"{middle:%Y-%m}"


def _cost_batches(in_force: Iterable[Batch], period: str) -> list[Batch]:
    costs = (batch for batch in in_force if batch.kind == COST_LINE.name)
    return [batch for batch in costs if period in {posted for _, posted in batch.postings}]


def _driver_batches(in_force: Iterable[Batch], period: str, model: CostModel) -> list[Batch]:
    if not model.drivers:
        return []
    months = {period, driver_period(period)}
    usage = (batch for batch in in_force if batch.kind == USAGE_LINE.name)
    return [batch for batch in usage if batch.period in months]


def _described(
    batches: Iterable[Batch], hashes: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """Batches by id, with the hashes of those files that the run reads."""
    return [
        {
            "batch_id": batch.batch_id,
            "source": batch.source.name,
            "sha256": list(hashes.get(batch.batch_id, ())),
        }
        for batch in batches
    ]


def _hierarchy(period: str) -> dict[str, dict[str, list[str]]]:
    """Parents of consumers and solutions as they stood on the period's last day."""
    day = _fiscal_period(period).end - timedelta(days=1)
    return {
        layer.value: {
            child: sorted(parents)
            for child, parents in sorted(tree(layer.value, day).parents.items())
        }
        for layer in (Layer.SOLUTION, Layer.CONSUMER)
    }


def days_of(period: str) -> tuple[date, int]:
    """The period's first day and how many days it has."""
    found = _fiscal_period(period)
    return found.start, (found.end - found.start).days


def _fiscal_period(code: str) -> FiscalPeriod:
    return calendar_of().period(code)
