"""Small FOCUS files for tests, written by what differs from a sound row."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from bursar.connect.reading import Reading, open_reading
from bursar.core.money.amount import exact_sum

SOUND = {
    "BilledCost": "10.50",
    "EffectiveCost": "10.50",
    "ListCost": "12",
    "ContractedCost": "11",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-01-01T00:00:00Z",
    "BillingPeriodEnd": "2026-02-01T00:00:00Z",
    "ChargePeriodStart": "2026-01-05T00:00:00Z",
    "ChargePeriodEnd": "2026-01-06T00:00:00Z",
    "ChargeCategory": "Usage",
    "ProviderName": "Example Cloud",
    "ServiceName": "Servers",
    "Tags": '{"team": "web"}',
}


def row(**cells: str) -> dict[str, str]:
    """A sound row with some cells of its own."""
    return SOUND | cells


def as_csv(rows: Sequence[dict[str, str]], *, delimiter: str = ",") -> str:
    names = list(dict.fromkeys(name for one in rows for name in one))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    path.write_text(as_csv(rows), encoding="utf-8")
    return path


class Result:
    """Everything that a reading gave."""

    def __init__(self, reading: Reading) -> None:
        chunks = list(reading.chunks())
        self.reading = reading
        self.lines = [line for chunk in chunks for line in chunk.lines.to_pylist()]
        self.rejected = [one for chunk in chunks for one in chunk.rejected.to_pylist()]
        self.rows_read = sum(chunk.rows_read for chunk in chunks)
        self.schemas = {chunk.lines.schema for chunk in chunks}
        assert self.rows_read == len(set(self.rows)) + len({one["row"] for one in self.rejected})

    @property
    def codes(self) -> list[tuple[int, str | None, str]]:
        return [(one["row"], one["column"], one["code"]) for one in self.rejected]

    @property
    def rows(self) -> list[int]:
        return [line["source_row"] for line in self.lines]

    def column(self, name: str) -> list[object]:
        return [line[name] for line in self.lines]

    def totals(self, name: str) -> dict[str, Decimal]:
        """Exact sums of a cost by currency."""
        found: dict[str, Decimal] = {}
        for currency in Counter(self.column("billing_currency")):
            found[str(currency)] = exact_sum(
                line[name]
                for line in self.lines
                if line["billing_currency"] == currency and line[name] is not None
            )
        return found

    @property
    def warning_codes(self) -> set[str]:
        return {warning.code for warning in self.reading.warnings}


def read(*paths: Path, format: str = "auto") -> Result:
    return Result(open_reading(list(paths), format=format))


def read_rows(folder: Path, *rows: dict[str, str]) -> Result:
    return read(write(folder / "bill.csv", rows))


def read_text(folder: Path, text: str | bytes, name: str = "bill.csv") -> Result:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path)


def texts(*values: str) -> pa.Array:
    return pa.array(values, pa.string())
