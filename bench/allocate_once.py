"""The full model over imported lines: from month cubes, day cubes and lines, and a bare scan.

Usage: python -m bench.allocate_once   (BURSAR_HOME names the imported folder)
"""

# ruff: noqa: PLC0415 - Django is set up before anything of Bursar is imported

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import pyarrow as pa
import pyarrow.compute as pc

from bench.focus_lines import MONTHS
from bench.measuring import fastest, peak_megabytes
from bench.model_text import drivers

if TYPE_CHECKING:
    from bursar.allocate.inputs import Inputs

PERIODS = [f"{year}-{month:02d}" for year, month in MONTHS]
_SCAN = (
    "SELECT sum(effective_cost), max(dim_id), max(posting_period), max(billing_currency), count(*) "
    "FROM read_parquet($files)"
)


def main() -> None:
    django.setup()
    from django.conf import settings

    from bursar.allocate.actions.run_model import run_model
    from bursar.record.actions.import_files import import_files

    home = Path(settings.BURSAR_HOME)
    import_files(paths=[_driver_file(home)], acting_user=None, source="drivers")
    found: dict[str, Any] = {}
    files = sorted((home / "lake" / "cost_line").rglob("lines*.parquet"))
    found["scan_seconds"], total = _scan(files)
    for name, model in _models().items():
        found[f"{name}_seconds"], answer = fastest(model, times=2)
        found["cells"], found["nodes"], found["edges"], allocated = answer
        assert allocated == total[0], f"{name}: {allocated} of {total[0]} arrived"
    begin = time.perf_counter()
    run_model(acting_user=None)
    found["act"] = time.perf_counter() - begin
    found |= {"lines": total[4], "total": str(total[0]), "peak_mb": peak_megabytes()}
    print(json.dumps(found))


def _scan(files: list[Path]) -> tuple[float, tuple[Any, ...]]:
    """Reads the columns that an allocation needs, and does nothing with them."""
    from bursar.lake.engines.duckdb import connect

    engine = connect(memory_limit="4GB")
    names = {"files": [str(file) for file in files]}
    return fastest(lambda: engine.execute(_SCAN, names).fetchone(), times=5)


def _models() -> dict[str, Callable[[], tuple[int, int, int, Any]]]:
    from bursar.allocate.facts import Facts
    from bursar.allocate.inputs import gather

    # Decisions are read and frozen before the clock runs: they do not grow with the lines.
    frozen = [gather(p, basis=None, scenario="actual", issued={}) for p in PERIODS]

    class FromDays(Facts):
        def cells(self, period: str, basis: str) -> pa.Table:
            return self._summed("cube_day", period, f"{basis}_cost", "currency", ())

    class FromLines(Facts):
        def cells(self, period: str, basis: str) -> pa.Table:
            return self.line_cells(period, basis, ())

    return {
        "months": lambda: _allocated(Facts, frozen),
        "days": lambda: _allocated(FromDays, frozen),
        "lines": lambda: _allocated(FromLines, frozen),
    }


def _allocated(kind: type, frozen: Sequence[Inputs]) -> tuple[int, int, int, Any]:
    """Classify and allocate every period; how many cells, nodes, edges, and the sum."""
    from bursar.allocate.driving import drivers_of
    from bursar.allocate.entering import enter
    from bursar.allocate.facts import files_of
    from bursar.core.calc.allocation.engine import allocate
    from bursar.core.money.units import column_of_integers, from_units
    from bursar.lake.engines.duckdb import connect

    cells = nodes = edges = 0
    total: Any = 0
    for inputs in frozen:
        facts = kind(connect(memory_limit="2GB"), files_of(inputs.batch_ids))
        entered = enter(facts, inputs.model, period=inputs.period, basis=inputs.basis)
        allocation = allocate(
            nodes=entered.nodes.append_column("direct_units", column_of_integers(entered.direct)),
            steps=inputs.model.steps,
            members=inputs.model.known,
            drivers=drivers_of(inputs),
        )
        cells += entered.cells.num_rows
        nodes += allocation.nodes.num_rows
        edges += allocation.trace.num_rows
        units = pc.sum(allocation.allocated["units"].cast(pa.decimal128(38, 0))).as_py()
        total += from_units(int(units), entered.scale)
    return cells, nodes, edges, total


def _driver_file(home: Path) -> Path:
    path = home / "drivers.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["driver", "period", "from", "to", "quantity"])
        for period in PERIODS:
            for driver, rows in drivers().items():
                writer.writerows([driver, period, *row] for row in rows)
    return path


if __name__ == "__main__":
    main()
