"""Which evidence each source is: what a person said, else what its lines look like (rule E1)."""

from __future__ import annotations

import pyarrow as pa

from bursar.lake.questions import Condition
from bursar.record.ledger import open_ledger
from bursar.record.models import Batch, SourceLevel
from bursar.record.models.imports import DERIVED

TRIAL_BALANCE = "trial-balance"
BY_HAND = "documents"
"""Documents that people enter are adjustments, and no evidence unless somebody says so."""


def evident_sources() -> dict[str, str]:
    """Source → format of its latest import, of every source of cost in force that is no
    derivation."""
    rows = Batch.objects.filter(kind="cost_line", superseded_at__isnull=True)
    rows = rows.exclude(made_by__format=DERIVED).order_by("published_at")
    return dict(rows.values_list("source__name", "made_by__format"))


def source_levels() -> dict[str, str]:
    """Level by source, of every source of cost in force that is evidence of something."""
    formats = evident_sources()
    said = dict(SourceLevel.objects.values_list("source", "level"))
    ledger = open_ledger()
    every = _counted(ledger.sums(by=["source"], basis="billed"))
    booked = _counted(ledger.sums(by=["source"], basis="booked"))
    served = [Condition("service_name", "missing", False)]
    of_service = _counted(ledger.sums(by=["source"], basis="billed", where=served))
    found = {}
    for source, format_ in sorted(formats.items()):
        if source in said:
            found[source] = said[source]
        elif source == BY_HAND:
            continue
        elif format_ == TRIAL_BALANCE:
            found[source] = "balance"
        elif 2 * of_service.get(source, (0, False))[0] >= every.get(source, (1, False))[0]:
            found[source] = "detail"
        else:
            only_booked = booked[source][1] and not every[source][1]
            found[source] = "ledger" if only_booked else "invoice"
    return found


def _counted(sums: pa.Table) -> dict[str, tuple[int, bool]]:
    """Lines of each source, and whether one of them states the basis."""
    found: dict[str, tuple[int, bool]] = {}
    for row in sums.to_pylist():
        lines, stated = found.get(row["source"], (0, False))
        found[row["source"]] = (lines + row["lines"], stated or row["amount"] is not None)
    return found
