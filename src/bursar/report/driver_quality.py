"""How good the drivers are: do they cover the period, whom do they name, what rests on them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.allocate.language.model import CostModel
from bursar.allocate.models import RunPeriod
from bursar.allocate.publishing import run_in_force
from bursar.allocate.run_files import read_run
from bursar.allocate.versions import model_of, version_in_force
from bursar.core.money.amount import exact_sum, exact_text
from bursar.core.money.units import from_units
from bursar.core.tables.allocation import ALLOCATION_NODE, ALLOCATION_TRACE
from bursar.office.people.scope import Scope
from bursar.record import queries
from bursar.report.balance import require_everything
from bursar.report.dimensions import require_basis


@dataclass(frozen=True)
class DriverRow:
    """One driver in one period."""

    driver: str
    period: str
    rows: int
    total: Decimal
    unit: str
    targets: int
    """Different names that it gives a quantity above zero."""
    zero_targets: int
    unknown_targets: tuple[str, ...]
    """Names that are no member of any layer, so that a run refuses them."""
    moved: tuple[tuple[str, Decimal], ...]
    """(currency, money split by it); empty where the period was not run."""
    verdict: str
    """complete, missing, all zero, or names unknown."""

    def to_json(self) -> dict[str, Any]:
        return {
            **vars(self),
            "total": exact_text(self.total),
            "unknown_targets": list(self.unknown_targets),
            "moved": [{"currency": c, "amount": exact_text(a)} for c, a in self.moved],
        }


@dataclass(frozen=True)
class DriverQuality:
    """Every driver that the model of the period names, by name."""

    basis: str
    rows: tuple[DriverRow, ...]

    def to_json(self) -> dict[str, Any]:
        return {"basis": self.basis, "drivers": [row.to_json() for row in self.rows]}


def driver_quality(scope: Scope, *, period: str, basis: str = "effective") -> DriverQuality:
    """Each driver the model of the period uses. Raises BeyondScope for a restricted scope."""
    require_everything(scope, "The quality of drivers")
    model = model_of(version_in_force(period))
    run = run_in_force(period, require_basis(basis))
    moved = _moved(run) if run else {}
    measured = queries.usage_lines(period)
    rows = (_row(name, period, model, measured, moved) for name in model.drivers)
    return DriverQuality(basis, tuple(rows))


def _row(
    name: str,
    period: str,
    model: CostModel,
    measured: pa.Table,
    moved: dict[str, dict[str, Decimal]],
) -> DriverRow:
    mine = measured.filter(pc.equal(measured["measure"], name))
    quantities: dict[str, list[Decimal]] = defaultdict(list)
    for target, quantity in zip(
        mine["to_key"].to_pylist(), mine["quantity"].to_pylist(), strict=True
    ):
        quantities[target].append(quantity)
    sums = {target: exact_sum(part) for target, part in quantities.items()}
    known = frozenset().union(*model.known.values()) if model.known else frozenset()
    unknown = tuple(sorted(target for target in sums if target not in known))
    units = [unit for unit in pc.unique(mine["unit"]).to_pylist() if unit]
    return DriverRow(
        driver=name,
        period=period,
        rows=mine.num_rows,
        total=exact_sum(sums.values()),
        unit=", ".join(sorted(units)),
        targets=sum(1 for quantity in sums.values() if quantity),
        zero_targets=sum(1 for quantity in sums.values() if not quantity),
        unknown_targets=unknown,
        moved=tuple(sorted(moved.get(name, {}).items())),
        verdict=_verdict(sums, unknown),
    )


def _verdict(sums: dict[str, Decimal], unknown: tuple[str, ...]) -> str:
    if not sums:
        return "missing"
    if not any(sums.values()):
        return "all zero"
    return "names unknown" if unknown else "complete"


def _moved(run: RunPeriod) -> dict[str, dict[str, Decimal]]:
    """Driver → currency → money that it split in the run."""
    nodes = read_run(run, ALLOCATION_NODE)
    currency = dict(zip(nodes["node_id"].to_pylist(), nodes["currency"].to_pylist(), strict=True))
    edges = read_run(run, ALLOCATION_TRACE)
    edges = edges.filter(pc.is_valid(edges["driver"]))
    parts: dict[str, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for edge in edges.select(["driver", "from_node", "units"]).to_pylist():
        amount = from_units(int(edge["units"]), run.scale)
        parts[edge["driver"]][currency[edge["from_node"]]].append(amount)
    return {
        driver: {code: exact_sum(amounts) for code, amounts in found.items()}
        for driver, found in parts.items()
    }
