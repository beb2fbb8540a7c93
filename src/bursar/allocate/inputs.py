"""What one period's run is made of, frozen: batches with hashes, drivers, model and hierarchy.

Equal inputs give an equal hash and would give equal cents, so a period whose hash stands still
is not run again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from bursar.allocate.facts import files_of
from bursar.allocate.issuing import Issued, Payer
from bursar.allocate.issuing import as_json as issued_json
from bursar.allocate.language.canonical import canonical_text, freeze, thaw
from bursar.allocate.language.model import CostModel
from bursar.allocate.models import ModelVersion, RunPeriod
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
        }

    @property
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


def gather(
    period: str,
    *,
    basis: str | None,
    scenario: str,
    issued: Mapping[Payer, Issued],
    draft: CostModel | None = None,
) -> Inputs:
    """What a run of the period would freeze now; a draft stands in for the model in force."""
    version = version_in_force(period) if draft is None else None
    model = draft or model_of(version)
    return Inputs(
        period=period,
        basis=basis or model.basis,
        scenario=scenario,
        batches=tuple(_described(_cost_batches(period), {COST_LINE.name, "dimension"})),
        drivers=tuple(_described(_driver_batches(period, model), {USAGE_LINE.name})),
        version=version,
        model=model,
        hierarchy=_hierarchy(period),
        issued=issued,
    )


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


def _cost_batches(period: str) -> list[Batch]:
    rows = Batch.objects.filter(kind=COST_LINE.name, superseded_at__isnull=True)
    return [b for b in rows.select_related("source") if period in {p for _, p in b.postings}]


def _driver_batches(period: str, model: CostModel) -> list[Batch]:
    if not model.drivers:
        return []
    rows = Batch.objects.filter(
        kind=USAGE_LINE.name,
        superseded_at__isnull=True,
        period__in={period, driver_period(period)},
    )
    return list(rows.select_related("source"))


def _described(batches: Iterable[Batch], tables: set[str]) -> list[dict[str, Any]]:
    """Batches by id, with the hashes of those files that the run reads."""
    listed = sorted(batches, key=lambda batch: batch.batch_id)
    hashes = files_of([batch.batch_id for batch in listed]).hashes_of(tables)
    return [
        {
            "batch_id": batch.batch_id,
            "source": batch.source.name,
            "sha256": list(hashes.get(batch.batch_id, ())),
        }
        for batch in listed
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


def _fiscal_period(code: str) -> FiscalPeriod:
    return calendar_of().period(code)
