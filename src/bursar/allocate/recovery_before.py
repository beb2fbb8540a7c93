"""What earlier periods of an interval left open, read from runs in force (rule S16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bursar.allocate.inputs import frozen_inputs
from bursar.allocate.language.model import CostModel
from bursar.allocate.models import RunPeriod
from bursar.allocate.publishing import run_in_force
from bursar.allocate.recovering import Left, left_open, rules_of, summed
from bursar.allocate.run_files import read_run
from bursar.core.calc.fiscal import FiscalPeriod
from bursar.core.tables.allocation import ALLOCATED_LINE, ALLOCATION_NODE, ALLOCATION_TRACE
from bursar.office.calendar.periods import calendar_of


@dataclass
class RecoveryBefore:
    """What each period left open, read from runs in force, overlaid by the run under way."""

    basis: str
    scenario: str
    _known: dict[str, Mapping[str, Left]] = field(default_factory=dict)

    def replace(self, period: str, left: Mapping[str, Left]) -> None:
        self._known[period] = left

    def due(self, period: str, model: CostModel) -> dict[str, Left]:
        """By rule that books in this period: what earlier periods of its interval left open."""
        now = calendar_of().period(period)
        found = {}
        for _, rule in rules_of(model):
            months = rule.true_up or 1
            if now.number % months:
                continue
            parts = [self._of(one.code).get(rule.name) for one in _before(now, months)]
            some = [part for part in parts if part is not None]
            gaps = summed(pair for part in some for pair in part.gaps.items())
            charges = summed(pair for part in some for pair in part.charges.items())
            found[rule.name] = Left({k: v for k, v in gaps.items() if v}, charges)
        return found

    def _of(self, period: str) -> Mapping[str, Left]:
        if period not in self._known:
            row = run_in_force(period, self.basis, self.scenario)
            self._known[period] = _read(row) if row else {}
        return self._known[period]


def _read(row: RunPeriod) -> dict[str, Left]:
    model = frozen_inputs(row).model
    if not rules_of(model):
        return {}
    nodes, trace, lines = (
        read_run(row, table) for table in (ALLOCATION_NODE, ALLOCATION_TRACE, ALLOCATED_LINE)
    )
    return left_open(model, nodes, trace, lines, row.scale)


def _before(now: FiscalPeriod, months: int) -> list[FiscalPeriod]:
    """Earlier periods of the interval that this period ends."""
    first = now.number - months + 1
    year = calendar_of().year(now.fiscal_year)
    return [period for period in year if first <= period.number < now.number]
