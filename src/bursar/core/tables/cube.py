"""What stands beside each file of cost lines: its dimensions, its cubes and its control totals.

Rules look at dimensions, not at lines: ten million lines hold some hundred thousand distinct
combinations of the columns that rules read. `dim_id` is a fingerprint of that combination's
content, so equal combinations have one id in every file, on every machine, in any order of import.
"""

from __future__ import annotations

import pyarrow as pa

from bursar.core.tables.table import LEDGER, Column, Table

BASES = ("billed", "effective", "contracted", "list", "booked")
"""Every figure names one of these; two are never added."""

COST_COLUMN = {basis: f"{basis}_cost" for basis in BASES}
"""The cost line's money column that holds each basis."""

DIMENSION_COLUMNS = (
    "legal_entity", "source", "vendor", "gl_account", "cost_center", "initiative",
    "treatment", "intent", "invoice_issuer_name", "service_provider_name", "host_provider_name",
    "billing_account_id", "billing_account_name", "sub_account_id", "sub_account_name",
    "service_category", "service_subcategory", "service_name", "region_id", "resource_type",
    "charge_category", "charge_class", "pricing_category", "commitment_discount_status",
)  # fmt: skip
"""Columns that rules may read without touching lines, in the order of the fingerprint.

Promoted tags follow as `tag.<key>` and promoted own columns as `x_<name>`, by name.
"""

PROMOTABLE = ("counterpart_entity",)
"""Columns of our own that a model may promote by their name, beside tags and `x_` columns."""

_COSTS = tuple(
    Column(COST_COLUMN[b], LEDGER, f"Exact sum of the {b} cost; null where no line states one.")
    for b in BASES
)

CUBE_DAY = Table(
    name="cube_day",
    meaning="Exact sums per service day and dimension of one file of cost lines.",
    writer="record.load",
    columns=(
        Column("posting_period", pa.string(), "Fiscal period the lines are posted to.", False),
        Column(
            "day", pa.date32(), "Service day: the date on which the charge period starts.", False
        ),
        Column("dim_id", pa.int64(), "Dimension of the lines.", False),
        Column("currency", pa.string(), "Billing currency, ISO 4217.", False),
        Column("lines", pa.int64(), "How many cost lines were summed.", False),
        *_COSTS,
    ),
)

CUBE_MONTH = Table(
    name="cube_month",
    meaning="The day cube summed over the days of a posting period.",
    writer="record.load",
    columns=tuple(c for c in CUBE_DAY.columns if c.name != "day"),
)

DIMENSION = Table(
    name="dimension",
    meaning="Every distinct combination of the columns that rules read, in one file of cost lines.",
    writer="record.load",
    columns=(
        Column("dim_id", pa.int64(), "Fingerprint of the combination.", False),
        *(Column(name, pa.string(), "As in the cost line.") for name in DIMENSION_COLUMNS),
    ),
)

INVOICE_TOTAL = Table(
    name="invoice_total",
    meaning="Control totals: exact sums per invoice and currency of one file of cost lines.",
    writer="record.load",
    columns=(
        Column("invoice_id", pa.string(), "Invoice the lines name; null where they name none."),
        Column("currency", pa.string(), "Billing currency, ISO 4217.", False),
        Column("lines", pa.int64(), "How many cost lines were summed.", False),
        *_COSTS,
    ),
)
