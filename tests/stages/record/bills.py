"""Small bills as files, for the tests of importing."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

LINE = {
    "BilledCost": "1.00",
    "EffectiveCost": "1.00",
    "ListCost": "1.00",
    "ContractedCost": "1.00",
    "BillingCurrency": "EUR",
    "BillingPeriodStart": "2025-03-01T00:00:00Z",
    "BillingPeriodEnd": "2025-04-01T00:00:00Z",
    "ChargePeriodStart": "2025-03-05T00:00:00Z",
    "ChargePeriodEnd": "2025-03-06T00:00:00Z",
    "ChargeCategory": "Usage",
    "ServiceProviderName": "AWS",
    "InvoiceIssuerName": "AWS",
    "BillingAccountId": "111",
    "ServiceCategory": "Compute",
    "ServiceName": "EC2",
    "Tags": "{}",
}
APRIL = {
    "BillingPeriodStart": "2025-04-01T00:00:00Z",
    "BillingPeriodEnd": "2025-05-01T00:00:00Z",
    "ChargePeriodStart": "2025-04-05T00:00:00Z",
    "ChargePeriodEnd": "2025-04-06T00:00:00Z",
}


def bill(path: Path, lines: Sequence[Mapping[str, str]]) -> Path:
    """A FOCUS file whose lines differ from `LINE` where they say so."""
    rows = [{**LINE, **line} for line in lines]
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def drivers(path: Path, rows: Sequence[str]) -> Path:
    path.write_text("\n".join(["driver,period,from,to,quantity,unit", *rows]) + "\n")
    return path
