"""Writes a provider's month as the FOCUS file that the provider would export."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from bursar.flow.demo.catalogue import Provider
from bursar.flow.demo.charges import SCALES, moment
from bursar.flow.demo.company import CURRENCY, Month

_FIRST = (
    "AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingCurrency "
    "BillingPeriodEnd BillingPeriodStart ChargeCategory ChargeClass ChargeDescription "
    "ChargeFrequency ChargePeriodEnd ChargePeriodStart CommitmentDiscountCategory "
    "CommitmentDiscountId CommitmentDiscountName CommitmentDiscountStatus "
    "CommitmentDiscountType ConsumedQuantity ConsumedUnit ContractedCost ContractedUnitPrice "
    "EffectiveCost InvoiceIssuerName ListCost ListUnitPrice PricingCategory PricingQuantity "
    "PricingUnit ProviderName PublisherName RegionId RegionName ResourceId ResourceName "
    "ResourceType ServiceCategory ServiceName SkuId SkuPriceId SubAccountId SubAccountName Tags"
)
_LATER = {
    "1.2": "CapacityReservationId CapacityReservationStatus CommitmentDiscountQuantity "
    "CommitmentDiscountUnit ServiceSubcategory SkuMeter SkuPriceDetails BillingAccountType "
    "SubAccountType InvoiceId PricingCurrency PricingCurrencyContractedUnitPrice "
    "PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice",
    "1.3": "AllocatedMethodId AllocatedMethodDetails AllocatedResourceId AllocatedResourceName "
    "AllocatedTags ContractApplied ServiceProviderName HostProviderName",
}
_DIGITS = 38


def columns_of(version: str) -> list[str]:
    """The columns of a version of FOCUS Cost and Usage, in alphabetical order."""
    later = [names for since, names in _LATER.items() if since <= version]
    return sorted(" ".join([_FIRST, *later]).split())


def focus_table(
    provider: Provider, month: Month, *, usage: pa.Table, extras: list[dict[str, Any]]
) -> pa.Table:
    """The bill's lines in the provider's columns; money as exact decimals."""
    lines = pa.concat_tables([usage, pa.Table.from_pylist(extras, schema=usage.schema)])
    bill = _same_on_every_line(provider, month)
    columns = {name: _column(lines, name, bill.get(name)) for name in columns_of(provider.version)}
    return pa.table(columns)


def invoice_number(provider: Provider, month: Month) -> str:
    """The number of the month's invoice."""
    return f"{provider.key.upper()}-{month.start:%Y%m}"


def write_csv_gz(table: pa.Table, path: Path) -> None:
    """As gzipped CSV; the bytes depend on the content alone."""
    text = pa.BufferOutputStream()
    columns = [column.cast(pa.string()) for column in table.columns]
    pyarrow.csv.write_csv(pa.table(columns, names=table.column_names), text)
    path.write_bytes(gzip.compress(text.getvalue(), compresslevel=2, mtime=0))


def write_parquet(table: pa.Table, path: Path) -> None:
    """As Parquet with decimals and moments as types."""
    for name in table.column_names:
        if name.endswith(("PeriodStart", "PeriodEnd")):
            place = table.column_names.index(name)
            instants = pc.strptime(table[name], format="%Y-%m-%dT%H:%M:%SZ", unit="us")
            table = table.set_column(place, name, instants.cast(pa.timestamp("us", "UTC")))
    pyarrow.parquet.write_table(table, path, compression="zstd")


def text_column(values: Any, count: int) -> pa.Array:
    """A column of texts from a column of any type, a list, or one text for every row."""
    if values is None or isinstance(values, str):
        return pa.array([values] * count, pa.string())
    column = values if isinstance(values, pa.ChunkedArray) else pa.array(values, pa.string())
    column = column.cast(pa.string())
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def decimals(units: pa.Array, digits: int) -> pa.Array:
    """Whole units as decimals with so many digits after the point, without a division."""
    low = units.fill_null(0).to_numpy(zero_copy_only=False)
    words = np.stack([low, low >> 63], axis=1)  # a decimal128 is two words, the low one first
    buffers = [None, pa.py_buffer(np.ascontiguousarray(words))]
    exact = pa.Array.from_buffers(pa.decimal128(_DIGITS, digits), len(units), buffers)
    if not units.null_count:
        return exact
    return pc.if_else(units.is_valid(), exact, pa.scalar(None, exact.type))


def _column(lines: pa.Table, name: str, constant: str | None) -> pa.Array:
    if name == "PricingCurrencyEffectiveCost":
        return _column(lines, "EffectiveCost", None)
    if name in SCALES:
        return decimals(lines[name].combine_chunks(), SCALES[name])
    if name in lines.column_names:
        return lines[name].combine_chunks()
    return pa.array([constant], pa.string()).take(pa.array(np.zeros(len(lines), np.int64)))


def _same_on_every_line(provider: Provider, month: Month) -> dict[str, str]:
    return {
        "BillingAccountId": provider.account,
        "BillingAccountName": provider.account_name,
        "BillingAccountType": "Billing account",
        "BillingCurrency": CURRENCY,
        "BillingPeriodStart": moment(month.start),
        "BillingPeriodEnd": moment(month.end),
        "InvoiceId": invoice_number(provider, month),
        "InvoiceIssuerName": provider.issuer,
        "PricingCurrency": CURRENCY,
        "ProviderName": provider.name,
        "PublisherName": provider.name,
        "ServiceProviderName": provider.name,
        "HostProviderName": provider.name,
        "SubAccountType": "Account",
    }
