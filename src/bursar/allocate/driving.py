"""Drivers of a period: measured quantities, checked against the members that the model knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bursar.allocate.errors import DriverTargetUnknown
from bursar.allocate.facts import files_of
from bursar.allocate.inputs import Inputs, driver_period
from bursar.allocate.language.members import WORDS
from bursar.allocate.language.model import CostModel
from bursar.allocate.language.problems import did_you_mean
from bursar.core.tables.usage_line import USAGE_LINE

COLUMNS = ("measure", "from_key", "to_key", "quantity")


def drivers_of(inputs: Inputs) -> pa.Table:
    """Quantities of the drivers that the model's steps name, in `COLUMNS`.

    Refuses `run.unknown_driver_target` where a quantity is somebody's who is no member.
    """
    rows = usage_of(
        inputs.driver_ids, inputs.model.drivers, (inputs.period, driver_period(inputs.period))
    )
    for driver, layers in _layers(inputs.model).items():
        if layers:  # a capacity alone charges nobody
            _check_targets(rows, driver, layers, inputs)
    return rows.select(list(COLUMNS))


def usage_of(batches: Iterable[str], measures: Sequence[str], periods: Iterable[str]) -> pa.Table:
    """Usage lines of these batches, measures and periods, in force or not."""
    files = files_of(batches).absolute(USAGE_LINE.name)
    wanted = [pa.array(names, pa.string()) for names in (list(measures), list(periods))]
    chosen = pc.field("measure").isin(wanted[0]) & pc.field("period").isin(wanted[1])
    tables = [pq.read_table(file, filters=chosen, partitioning=None) for file in files]
    if not tables:
        return USAGE_LINE.schema.empty_table()
    return pa.concat_tables(tables).select(USAGE_LINE.names)


def _layers(model: CostModel) -> dict[str, list[str]]:
    """Driver → the layers that the steps using it fill."""
    found: dict[str, list[str]] = {}
    for step in model.steps:
        for rule in step.rules:
            for driver in rule.measures:
                layers = found.setdefault(driver, [])
                if driver != rule.capacity and step.to not in layers:
                    layers.append(step.to)
    return found


def _check_targets(rows: pa.Table, driver: str, layers: list[str], inputs: Inputs) -> None:
    known = frozenset().union(*(inputs.model.known[layer] for layer in layers))
    mine = rows.filter(pc.equal(rows["measure"], driver))
    strangers = sorted(set(mine["to_key"].to_pylist()) - known)
    if not strangers:
        return
    name = strangers[0]
    row = mine.filter(pc.equal(mine["to_key"], name)).slice(0, 1).to_pylist()[0]
    words = " or ".join(WORDS[layer] for layer in layers)
    more = f" and {len(strangers) - 1} more names that are unknown" if strangers[1:] else ""
    hint = did_you_mean(name, known) or " Add it to the model, or correct the driver's file."
    raise DriverTargetUnknown(
        f"Driver '{driver}' of {inputs.period} ({row['source_file']}, row {row['source_row']}) "
        f"names the {words} '{name}'{more}, which the model does not have.{hint} "
        "Nothing was run."
    )
