"""Lines as a run's rules classify them at entry, for cost that came after the run."""

from __future__ import annotations

import pyarrow as pa

from bursar.allocate.inputs import frozen_inputs
from bursar.allocate.language.model import CostModel
from bursar.allocate.models import RunPeriod
from bursar.core.calc.classification import LAYERS, classify, columns_read


def model_at(run_id: str, period: str) -> CostModel:
    """The model that a run froze for one of its periods."""
    return frozen_inputs(_row(run_id, period)).model


def batches_at(run_id: str, period: str) -> tuple[str, ...]:
    """The batches of cost that a run froze for one of its periods."""
    return frozen_inputs(_row(run_id, period)).batch_ids


def looks_at_lines(model: CostModel) -> bool:
    """Whether dimensions are not enough to classify by this model."""
    return bool(model.line_columns)


def classified_at_entry(model: CostModel, rows: pa.Table) -> pa.Table:
    """The layers of each row (a line or a dimension); a column that it lacks says nothing."""
    columns = {}
    for name in columns_read(model.rules):
        known = name in rows.column_names
        columns[name] = rows[name] if known else pa.nulls(rows.num_rows, pa.string())
    # A model without rules reads nothing, and a table without columns would have no rows.
    table = pa.table(columns or {"dim_id": rows["dim_id"]})
    layers = classify(table, model.rules, members=model.known).layers
    return pa.table({name: layers[name].cast(pa.string()) for name in LAYERS})


def _row(run_id: str, period: str) -> RunPeriod:
    return RunPeriod.objects.get(run__run_id=run_id, period=period)
