"""Several periods through the model, in order of time; nothing is published here."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from bursar.allocate.entering import Entered
from bursar.allocate.inputs import gather_all
from bursar.allocate.issuing import issued_in_force
from bursar.allocate.models import RunPeriod
from bursar.allocate.publishing import RunHeader, run_in_force
from bursar.allocate.recovery_before import RecoveryBefore
from bursar.allocate.result import PeriodResult
from bursar.allocate.steps import Workplace, compute_period, enter_alike
from bursar.lake.errors import disk_refusals
from bursar.lake.files import remove_files

Progress = Callable[[str], None]


def compute_periods(
    header: RunHeader,
    chosen: Sequence[str],
    at: Workplace,
    progress: Progress | None = None,
    *,
    afresh: bool = False,
) -> tuple[list[PeriodResult], list[RunPeriod]]:
    """Every period in order of time: a later document is rounded on what earlier ones print.

    Periods whose inputs are those of the run in force come back as they stand, the second list;
    `afresh` computes them too. Where one fails, no file of any is left.
    """
    issued = issued_in_force(header.basis, header.scenario)
    recovered = RecoveryBefore(header.basis, header.scenario)
    asked = {"basis": header.basis, "scenario": header.scenario}
    gathered = {i.period: i for i in gather_all(chosen, **asked, draft=at.draft)}
    entered: dict[str, Entered] = {}
    results: list[PeriodResult] = []
    standing: list[RunPeriod] = []
    try:
        for period in chosen:
            if progress is not None:
                progress(period)
            due = recovered.due(period, gathered[period].model)
            inputs = replace(gathered[period], issued=issued.before(period), due=due)
            current = run_in_force(period, header.basis, header.scenario)
            if current is not None and current.input_hash == inputs.hash and not afresh:
                standing.append(current)
                continue
            if period not in entered:
                # What changes one period changes what later documents are rounded on.
                later = [gathered[p] for p in chosen if p >= period]
                entered |= enter_alike(later, at)
            replaces = current.pk if current else None
            result = compute_period(inputs, entered.pop(period), at=at, replaces=replaces)
            results.append(result)
            recovered.replace(period, result.left)
            issued.replace(period, {s.payer: s.issued for s in result.statements})
    except BaseException:
        remove_files(at.lake, [r for result in results for r in result.records])
        raise
    return results, standing


@contextmanager
def lake_folder(*, throwaway: bool) -> Iterator[Path]:
    """The lake, or inside of it an empty folder that is gone afterwards."""
    lake = Path(settings.LAKE_FOLDER)
    if not throwaway:
        yield lake
        return
    with disk_refusals(lake):
        folder = Path(tempfile.mkdtemp(prefix=".dry-run-", dir=lake))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
