"""A run's result as split charges of FOCUS 1.4, for tools that read a provider's own splits.

Each row is a part of the cost that entered the model at one place; the ratios of one origin add up
to exactly 1, and its rows to its cost. Rules SC1-SC4 of docs/spec/split-charges.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from bursar.allocate.models import RunPeriod
from bursar.allocate.queries import require_run
from bursar.allocate.split_charges import Origin, SplitCharge, split_charges
from bursar.core.money.amount import exact_sum, exact_text
from bursar.core.tables.cube import COST_COLUMN
from bursar.core.tables.focus_columns import FOCUS
from bursar.core.tables.table import LEDGER
from bursar.office.calendar.periods import calendar_of
from bursar.office.people.scope import Scope
from bursar.report.balance import require_everything
from bursar.report.dimensions import UNCLASSIFIED, require_basis
from bursar.report.errors import UnknownKind
from bursar.report.focus_export import FORMATS, table_writer

_TYPES = {column.focus: column.column.type for column in FOCUS}
_COSTS = ("BilledCost", "EffectiveCost", "ContractedCost", "ListCost")
_STANDARD = (
    "AllocatedMethodDetails", "AllocatedMethodId", "AllocatedResourceId", "AllocatedResourceName",
    "AllocatedTags", "BilledCost", "BillingAccountId", "BillingAccountName", "BillingAccountType",
    "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass",
    "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "ContractedCost", "EffectiveCost", "HostProviderName", "InvoiceIssuerName", "ListCost",
    "PricingCurrency", "PricingCurrencyEffectiveCost", "PricingQuantity", "PricingUnit",
    "ServiceCategory", "ServiceName", "ServiceProviderName", "ServiceSubcategory",
)  # fmt: skip
_OWN = {
    "x_AllocatedRatio": pa.string(), "x_Basis": pa.string(), "x_Consumer": pa.string(),
    "x_CostPool": pa.string(), "x_OriginCost": LEDGER, "x_Outcome": pa.string(),
    "x_RunId": pa.string(), "x_Solution": pa.string(), "x_Tower": pa.string(),
}  # fmt: skip
_SCHEMA = pa.schema([*((n, _TYPES[n]) for n in _STANDARD), *_OWN.items()])
_ROWS = 20_000


@dataclass(frozen=True)
class ExportedCharges:
    """What an export wrote; amounts are exact texts by currency."""

    path: Path
    period: str
    basis: str
    run_id: str
    origins: int
    rows: int
    totals: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        totals = [{"currency": c, "amount": amount} for c, amount in self.totals]
        return {
            "file": str(self.path),
            "period": self.period,
            "basis": self.basis,
            "run_id": self.run_id,
            "origins": self.origins,
            "rows": self.rows,
            "totals": totals,
        }


def export_split_charges(
    scope: Scope, path: Path, *, period: str, basis: str = "effective", format: str = "csv"
) -> ExportedCharges:
    """Write the result of the run in force as FOCUS rows, origin by origin.

    Refusals: report.beyond_scope, report.unknown_kind, report.unknown_basis, run.none.
    """
    require_everything(scope, "The split charges of a run")
    if format not in FORMATS:
        raise UnknownKind(
            f"There is no format '{format}' of the export. Choose {', '.join(FORMATS)}."
        )
    require_basis(basis)
    run = require_run(period, basis)
    origins: set[int] = set()
    sums: dict[str, list[Decimal]] = {}
    rows = 0
    constant = _constant(run)
    with table_writer(path, _SCHEMA.names, format) as writer:
        for part in _parts(run):
            writer.write(pa.Table.from_pylist([_row(one, constant) for one in part], _SCHEMA))
            rows += len(part)
            for one in part:
                origins.add(one.origin.node)
                sums.setdefault(one.origin.currency, []).append(one.amount)
    totals = tuple((currency, exact_text(exact_sum(sums[currency]))) for currency in sorted(sums))
    return ExportedCharges(path, period, basis, run.run.run_id, len(origins), rows, totals)


def _parts(run: RunPeriod) -> Iterator[list[SplitCharge]]:
    held: list[SplitCharge] = []
    for charge in split_charges(run):
        held.append(charge)
        if len(held) == _ROWS:
            yield held
            held = []
    if held:
        yield held


def _constant(run: RunPeriod) -> dict[str, Any]:
    """What all rows of a run say alike."""
    month = calendar_of().period(run.period)
    start, end = (
        datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (month.start, month.end)
    )
    version = run.model_version.number if run.model_version else 0
    return {
        "AllocatedMethodId": f"bursar-cost-model-{version}",
        "BillingAccountType": "Legal entity",
        "BillingPeriodStart": start, "BillingPeriodEnd": end,
        "ChargePeriodStart": start, "ChargePeriodEnd": end,
        "ChargeFrequency": "Recurring",
        "ServiceCategory": "Other", "ServiceSubcategory": "Other (Other)",
        "x_Basis": run.basis, "x_RunId": run.run.run_id,
    }  # fmt: skip


def _row(charge: SplitCharge, constant: dict[str, Any]) -> dict[str, Any]:
    origin, amount = charge.origin, charge.amount
    basis = COST_COLUMN[constant["x_Basis"]]
    nothing = Decimal(0)
    costs = {name: amount for name in _COSTS if name != "BilledCost"}
    costs["BilledCost"] = amount if basis == "billed_cost" else nothing
    if basis == "billed_cost":
        costs["EffectiveCost"] = nothing
    pool = origin.cost_pool or UNCLASSIFIED
    return constant | costs | {
        "AllocatedResourceId": f"{constant['x_RunId']}/{origin.node}",
        "AllocatedResourceName": _named(origin),
        "AllocatedTags": _json({"consumer": charge.consumer, "solution": charge.solution}),
        "AllocatedMethodDetails": _method(charge.ratio),
        "BillingAccountId": origin.legal_entity, "BillingAccountName": origin.legal_entity,
        "BillingCurrency": origin.currency, "PricingCurrency": origin.currency,
        "PricingCurrencyEffectiveCost": costs["EffectiveCost"],
        "ChargeCategory": "Adjustment" if charge.ratio is None else "Usage",
        "ChargeDescription": f"{pool} for {charge.consumer or charge.outcome}",
        "HostProviderName": origin.legal_entity, "InvoiceIssuerName": origin.legal_entity,
        "ServiceProviderName": origin.legal_entity,
        "ServiceName": charge.solution or pool,
        # What is divided is money, so its quantity is the amount and its unit the currency.
        "PricingQuantity": amount, "PricingUnit": origin.currency,
        "x_AllocatedRatio": None if charge.ratio is None else exact_text(charge.ratio),
        "x_Consumer": charge.consumer, "x_CostPool": origin.cost_pool,
        "x_OriginCost": origin.amount, "x_Outcome": charge.outcome,
        "x_Solution": charge.solution, "x_Tower": charge.tower,
    }  # fmt: skip


def _named(origin: Origin) -> str:
    """The layers that the origin had when it entered."""
    layers = (origin.cost_pool or UNCLASSIFIED, origin.tower, origin.solution, origin.consumer)
    return " > ".join(layer for layer in layers if layer)


def _method(ratio: Decimal | None) -> str | None:
    """As the standard writes it; a ratio is a number in JSON, with all its digits."""
    if ratio is None:
        return None
    return '{"Elements": [{"AllocatedRatio": ' + exact_text(ratio) + "}]}"


def _json(tags: dict[str, str | None]) -> str:
    return json.dumps({k: v for k, v in tags.items() if v}, ensure_ascii=False, sort_keys=True)
