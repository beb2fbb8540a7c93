"""What a month would charge with other quantities, told for people."""

from __future__ import annotations

import csv
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from typing import Any

from bursar.allocate.what_if import AskedRun, asked_run
from bursar.core.calc.allocation.drivers import Quantity
from bursar.core.money.amount import exact_text
from bursar.office.people.scope import Scope
from bursar.report.balance import require_everything
from bursar.report.model_drafts import moved_words


@dataclass(frozen=True)
class WhatIfView:
    """Who would bear something else."""

    period: str
    basis: str
    rows: tuple[dict[str, Any], ...]
    """{period, legal_entity, currency, outcome, consumer, before, after, difference}"""
    sentences: tuple[str, ...]
    seconds: float
    """From the quantities to the rows."""

    def to_json(self) -> dict[str, Any]:
        return {
            "period": self.period,
            "basis": self.basis,
            "sentences": list(self.sentences),
            "rows": list(self.rows),
        }


def run_to_ask(scope: Scope, period: str, basis: str | None = None) -> AskedRun:
    """The month's run with its quantities. Raises BeyondScope; refuses `run.none`."""
    require_everything(scope, "What other quantities would charge")
    return asked_run(period, basis)


def what_if(asked: AskedRun, quantities: Mapping[Quantity, Decimal]) -> WhatIfView:
    """The answer. Refuses `what_if.no_quantity`, `what_if.bad_quantity`."""
    begin = time.perf_counter()
    rows = asked.changed(quantities)
    seconds = time.perf_counter() - begin
    run = asked.run
    words = moved_words(rows, [run.period], "this change")
    return WhatIfView(run.period, run.basis, tuple(rows), tuple(words), seconds)


def quantities_json(asked: AskedRun, driver: str = "") -> list[dict[str, str | None]]:
    """What the run's drivers measured, or one of them, as the command line and the API print it."""
    return [
        {
            "driver": one.key.measure,
            "from": one.key.from_key,
            "to": one.key.to_key,
            "quantity": exact_text(one.now),
            "unit": one.unit,
        }
        for one in asked.quantities
        if driver in ("", one.key.measure)
    ]


def usage_text(asked: AskedRun, driver: str, quantities: Mapping[Quantity, Decimal]) -> str:
    """The driver's quantities with these in their place, as a usage file that can be imported."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["driver", "period", "from", "to", "quantity", "unit"])
    for measured in asked.quantities:
        key = measured.key
        if key.measure == driver:
            amount = quantities.get(key, measured.now)
            row = [key.measure, asked.run.period, key.from_key or "", key.to_key]
            writer.writerow([*row, exact_text(amount), measured.unit])
    return out.getvalue()
