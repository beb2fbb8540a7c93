"""Putting the result of a run in force: files, statements and journal in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from bursar.allocate.errors import RunOverlapped
from bursar.allocate.inputs import ENGINE_VERSION
from bursar.allocate.models import Run, RunPeriod, Statement
from bursar.allocate.result import PeriodResult
from bursar.office.journal.writing import Actor, actor_name, record_act
from bursar.office.manifest.writing import publish, raise_version, supersede
from bursar.record.models import Batch


@dataclass(frozen=True)
class RunHeader:
    """What is known of a run before its periods are."""

    run_id: str
    basis: str
    scenario: str
    started_at: datetime
    actor: Actor | None


def owner_of(run_id: str, period: str) -> str:
    """The name under which the manifest keeps the files of one period of a run."""
    return f"{run_id}/{period}"


def run_in_force(period: str, basis: str, scenario: str = "actual") -> RunPeriod | None:
    """The result that counts for a period."""
    return (
        RunPeriod.objects.filter(
            period=period, basis=basis, scenario=scenario, superseded_at__isnull=True
        )
        .select_related("run", "model_version")
        .first()
    )


def publish_run(
    header: RunHeader, results: Sequence[PeriodResult], steps: Sequence[dict[str, Any]]
) -> None:
    """Publishes every period of the run or none. Refuses: `run.overlapped`."""
    with transaction.atomic():
        raise_version()
        run = Run.objects.create(
            run_id=header.run_id,
            scenario=header.scenario,
            basis=header.basis,
            engine_version=ENGINE_VERSION,
            started_at=header.started_at,
            started_by=actor_name(header.actor),
            steps=list(steps),
        )
        at = timezone.now()
        for result in results:
            _publish_period(run, result, at)
        record_act(
            act="allocate.run_model",
            subject=header.run_id,
            actor=header.actor,
            detail={
                "basis": header.basis,
                "scenario": header.scenario,
                "periods": {r.inputs.period: _detail(r) for r in results},
            },
        )


def _publish_period(run: Run, result: PeriodResult, at: datetime) -> None:
    inputs = result.inputs
    before = run_in_force(inputs.period, inputs.basis, inputs.scenario)
    if (before.pk if before else None) != result.replaces or not _batches_stand(result):
        raise RunOverlapped(
            f"While this run was computing {inputs.period}, another run or import changed it. "
            "Nothing was published; run again."
        )
    if before is not None:
        before.superseded_at = at
        before.save(update_fields=["superseded_at"])
        supersede([owner_of(before.run.run_id, before.period)], at=at)
    row = RunPeriod.objects.create(
        run=run,
        period=inputs.period,
        scenario=inputs.scenario,
        basis=inputs.basis,
        model_version=inputs.version,
        scale=result.scale,
        inputs=inputs.frozen,
        input_hash=inputs.hash,
        balance=[line.to_json() for line in result.balance],
        problems=[problem.to_json() for problem in result.problems],
        published_at=at,
    )
    publish(result.records, owner_of(run.run_id, inputs.period), at=at)
    Statement.objects.bulk_create(
        Statement(
            statement_id=s.statement_id,
            run_period=row,
            consumer=s.payer.consumer,
            period=s.period,
            legal_entity=s.payer.legal_entity,
            currency=s.payer.currency,
            total=s.content["total"],
            document_total=s.content["document_total"],
            lines=list(s.lines),
            sha256=s.sha256,
        )
        for s in result.statements
    )


def _batches_stand(result: PeriodResult) -> bool:
    """Whether every batch that was read is still in force."""
    wanted = {*result.inputs.batch_ids, *result.inputs.driver_ids}
    standing = Batch.objects.filter(batch_id__in=wanted, superseded_at__isnull=True)
    return standing.count() == len(wanted)


def _detail(result: PeriodResult) -> dict[str, Any]:
    return {
        "input_hash": result.inputs.hash,
        "model_version": result.inputs.version.number if result.inputs.version else None,
        "balance": [line.to_json() for line in result.balance],
        "statements": len(result.statements),
    }
