"""A provider's charges of a month in FOCUS columns, whatever form it hands them over in."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from bursar.flow.demo.catalogue import Provider
from bursar.flow.demo.charges import usage
from bursar.flow.demo.company import Month
from bursar.flow.demo.estate import resources
from bursar.flow.demo.extras import extra_charges
from bursar.flow.demo.focus_file import focus_table


def bill_of(provider: Provider, month: Month) -> pa.Table:
    """Every line of the bill."""
    lines = usage(provider, resources(provider), month)
    extras = extra_charges(provider, month, lines)
    _BILLED[provider.key, month.index] = (pc.sum(lines["BilledCost"]).as_py() or 0) + sum(
        row["BilledCost"] for row in extras
    )
    return focus_table(provider, month, usage=lines, extras=extras)


_BILLED: dict[tuple[str, int], int] = {}


def billed_units(provider: Provider, month: Month) -> int:
    """What the bill comes to, in units of 10^-10 euro."""
    key = (provider.key, month.index)
    if key not in _BILLED:
        bill_of(provider, month)
    return _BILLED[key]
