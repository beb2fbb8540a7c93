"""How good the drivers are: do they cover the period, whom do they name, what rests on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.allocate.inputs import driver_period
from bursar.allocate.language.model import CostModel
from bursar.allocate.models import RunPeriod
from bursar.allocate.publishing import run_in_force
from bursar.allocate.run_files import read_run
from bursar.allocate.versions import model_of, version_in_force
from bursar.core.calc.allocation.model import UNALLOCATED
from bursar.core.money.amount import exact_sum, exact_text
from bursar.core.money.units import from_units
from bursar.core.tables.allocation import ALLOCATED_LINE, ALLOCATION_NODE, ALLOCATION_TRACE
from bursar.core.tables.usage_line import USAGE_LINE
from bursar.office.manifest.writing import in_force
from bursar.office.people.scope import Scope
from bursar.record import queries
from bursar.report.balance import require_everything
from bursar.report.dimensions import require_basis
from bursar.report.driver_origin import UNTOLD, DriverOrigin, driver_origins, model_said
from bursar.report.wording import ratio_of


@dataclass(frozen=True)
class MovedBy:
    """What a driver did to the money that rules gave it to divide."""

    currency: str
    amount: Decimal
    """Divided by it."""
    left: Decimal
    """What it could not divide, because it had no quantity for it: unallocated."""

    @property
    def coverage(self) -> Decimal:
        """Divided of all that it was given, by size of the amounts."""
        return ratio_of(abs(self.amount), abs(self.amount) + abs(self.left))

    def to_json(self) -> dict[str, str]:
        return {
            "currency": self.currency,
            "amount": exact_text(self.amount),
            "left": exact_text(self.left),
            "coverage": exact_text(self.coverage),
        }


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
    moved: tuple[MovedBy, ...]
    """By currency; empty where the period was not run."""
    verdict: str
    """complete, missing, all zero, names unknown, or before the end: imported while the period
    still ran."""
    origin: DriverOrigin

    def to_json(self) -> dict[str, Any]:
        return {
            **vars(self),
            "total": exact_text(self.total),
            "unknown_targets": list(self.unknown_targets),
            "moved": [one.to_json() for one in self.moved],
            "origin": self.origin.to_json(),
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
    version = version_in_force(period)
    model = model_of(version)
    run = run_in_force(period, require_basis(basis))
    moved = _moved(run, model.drivers) if run else {}
    month = driver_period(period)
    notes = model_said(version.text if version else None).driver_notes
    origins = driver_origins(in_force(USAGE_LINE.name, month), period=period, notes=notes)
    measured = queries.usage_lines(month)
    rows = (
        _row(
            name,
            period,
            model,
            measured,
            moved=moved.get(name, ()),
            origin=origins.get(name, UNTOLD),
        )
        for name in model.drivers
    )
    return DriverQuality(basis, tuple(rows))


def _row(
    name: str,
    period: str,
    model: CostModel,
    measured: pa.Table,
    *,
    moved: tuple[MovedBy, ...],
    origin: DriverOrigin,
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
        moved=moved,
        verdict=_verdict(sums, unknown, origin),
        origin=origin,
    )


def _verdict(sums: dict[str, Decimal], unknown: tuple[str, ...], origin: DriverOrigin) -> str:
    if not sums:
        return "missing"
    if not any(sums.values()):
        return "all zero"
    if unknown:
        return "names unknown"
    early = origin.days_after is not None and origin.days_after < 0
    return "before the end" if early else "complete"


def _moved(run: RunPeriod, drivers: Iterable[str]) -> dict[str, tuple[MovedBy, ...]]:
    """Driver → by currency, what it divided in the run and what it could not."""
    nodes = read_run(run, ALLOCATION_NODE)
    currency = dict(zip(nodes["node_id"].to_pylist(), nodes["currency"].to_pylist(), strict=True))
    edges = read_run(run, ALLOCATION_TRACE)
    edges = edges.filter(pc.is_valid(edges["driver"]))
    parts: dict[str, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for edge in edges.select(["driver", "from_node", "units"]).to_pylist():
        amount = from_units(int(edge["units"]), run.scale)
        parts[edge["driver"]][currency[edge["from_node"]]].append(amount)
    left = _left(run, drivers)
    found = {}
    for driver in sorted({*parts, *left}):
        divided, lost = parts.get(driver, {}), left.get(driver, {})
        found[driver] = tuple(
            MovedBy(code, exact_sum(divided.get(code, [])), exact_sum(lost.get(code, [])))
            for code in sorted({*divided, *lost})
        )
    return found


def _left(run: RunPeriod, drivers: Iterable[str]) -> dict[str, dict[str, list[Decimal]]]:
    """Driver → currency → unallocated amounts whose reason names the driver."""
    rests = read_run(run, ALLOCATED_LINE)
    rests = rests.filter(pc.equal(rests["outcome"], UNALLOCATED))
    named = {f"the driver '{driver}' ": driver for driver in drivers}
    found: dict[str, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for row in rests.select(["currency", "amount", "reason"]).to_pylist():
        for begin, driver in named.items():
            if (row["reason"] or "").startswith(begin):
                found[driver][row["currency"]].append(row["amount"])
    return found
