"""The full model over imported lines: from month cubes, from the lines, and a bare scan of these.

Usage: python -m bench.allocate_once   (BURSAR_HOME names the imported folder)
"""

# ruff: noqa: PLC0415 - Django is set up before anything of Bursar is imported

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import pyarrow as pa
import pyarrow.compute as pc

from bench.focus_lines import MONTHS
from bench.measuring import Spent, least, peak_megabytes
from bench.model_text import drivers

if TYPE_CHECKING:
    from bursar.allocate.inputs import Inputs

PERIODS = [f"{year}-{month:02d}" for year, month in MONTHS]
_SCAN = (
    "SELECT sum(effective_cost), max(dim_id), max(posting_period), max(billing_currency), count(*) "
    "FROM read_parquet($files)"
)
_TIMES = 3


def main() -> None:
    django.setup()
    from django.conf import settings

    from bursar.allocate.actions.run_model import run_model
    from bursar.allocate.inputs import gather_all
    from bursar.record.actions.import_files import import_files

    home = Path(settings.BURSAR_HOME)
    import_files(paths=[_driver_file(home)], acting_user=None, source="drivers")
    files = sorted((home / "lake" / "cost_line").rglob("lines*.parquet"))
    scan, total = least(_scanning(files), times=5)
    spent: dict[str, Spent] = {"scan": scan}
    # Decisions are read and frozen before the clock runs: they do not grow with the lines.
    frozen = gather_all(PERIODS, basis=None, scenario="actual")
    found: dict[str, Any] = {}
    for name, from_lines in (("months", False), ("lines", True)):
        spent[name], answer = least(_calculation(frozen, from_lines=from_lines), times=_TIMES)
        found["cells"], found["nodes"], found["edges"], allocated = answer
        assert allocated == total[0], f"{name}: {allocated} of {total[0]} arrived"
    spent["dry"], _ = least(lambda: run_model(acting_user=None, dry_run=True), times=1)
    spent["act"], _ = least(lambda: run_model(acting_user=None), times=1)
    found |= {name: one._asdict() for name, one in spent.items()}
    found |= {"rows": total[4], "total": str(total[0]), "peak_mb": peak_megabytes()}
    print(json.dumps(found))


def _scanning(files: list[Path]) -> Callable[[], tuple[Any, ...] | None]:
    """Reads the columns that an allocation needs, and does nothing with them."""
    from bursar.lake.engines.duckdb import connect

    engine = connect(memory_limit="4GB")
    names = {"files": [str(file) for file in files]}
    return lambda: engine.execute(_SCAN, names).fetchone()


def _calculation(
    frozen: list[Inputs], *, from_lines: bool
) -> Callable[[], tuple[int, int, int, Any]]:
    """All periods, as a run computes them before it writes anything, checked as there."""
    from bursar.allocate.control import require_control
    from bursar.allocate.driving import drivers_of
    from bursar.allocate.entering import Entered, enter
    from bursar.allocate.facts import files_of, open_facts
    from bursar.core.calc.allocation.engine import Allocation, allocate
    from bursar.core.money.units import column_of_integers, from_units

    model, basis = frozen[0].model, frozen[0].basis
    batches = sorted({batch for inputs in frozen for batch in inputs.batch_ids})

    def allocated(inputs: Inputs, entered: Entered) -> Allocation:
        return allocate(
            nodes=entered.nodes.append_column("direct_units", column_of_integers(entered.direct)),
            steps=model.steps,
            members=model.known,
            drivers=drivers_of(inputs),
        )

    def calculate() -> tuple[int, int, int, Any]:
        cells = nodes = edges = 0
        total: Any = 0
        with open_facts(files_of(batches)) as facts:
            entered = enter(
                facts, model, periods=PERIODS, basis=basis, from_lines=from_lines
            )  # fmt: skip
            require_control(facts, batches, entered, basis)
        for inputs in frozen:
            one = entered[inputs.period]
            allocation = allocated(inputs, one)
            cells += one.cells
            nodes += allocation.nodes.num_rows
            edges += allocation.trace.num_rows
            units = pc.sum(allocation.allocated["units"].cast(pa.decimal128(38, 0))).as_py()
            total += from_units(int(units), one.scale)
        return cells, nodes, edges, total

    return calculate


def _driver_file(home: Path) -> Path:
    path = home / "drivers.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["driver", "period", "from", "to", "quantity"])
        for period in PERIODS:
            # Nobody uses it; it makes the inputs new, so that the act has every period to run.
            writer.writerow(["moment", period, "", "moment", time.time_ns()])
            for driver, rows in drivers().items():
                writer.writerows([driver, period, *row] for row in rows)
    return path


if __name__ == "__main__":
    main()
