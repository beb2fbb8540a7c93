"""Writes every file that the company's suppliers and its ledger would hand over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from bursar.flow.demo.bills import bill_of
from bursar.flow.demo.catalogue import Provider, clouds
from bursar.flow.demo.charges import moment
from bursar.flow.demo.company import MONTHS, Month
from bursar.flow.demo.drivers import UNITS, write_driver
from bursar.flow.demo.focus_file import write_csv_gz, write_parquet
from bursar.flow.demo.ledgers import LEDGERS, write_ledger
from bursar.flow.demo.native_aws import native_aws
from bursar.flow.demo.native_azure import VIEWS, native_azure
from bursar.flow.demo.payables import SOURCE as PAYABLES
from bursar.flow.demo.payables import write_payables
from bursar.flow.demo.relata import KEY as RELATA
from bursar.flow.demo.relata import relata_table

MODEL_FILE = Path(__file__).with_name("model.yaml")
_IN_PARQUET = "kelvin-cloud"
RESTATED = "microsoft"
_PRELIMINARY_DAYS = 21


def sources() -> list[str]:
    """Where files come from, in the order in which they are imported."""
    return [*(p.key for p in clouds()), RELATA, PAYABLES, *LEDGERS, *UNITS]


def write_source(source: str, folder: Path, *, months: Sequence[Month] = MONTHS) -> list[Path]:
    """Writes one source's files, a file a month, and returns their paths in order of time."""
    (folder / source).mkdir(parents=True, exist_ok=True)
    return list(_written(source, folder / source, months))


def write_preliminary(folder: Path) -> list[Path]:
    """Microsoft's last bill as it stood before the month ended; the final one replaces it."""
    month = MONTHS[-1]
    provider = next(p for p in clouds() if p.key == RESTATED)
    bill = bill_of(provider, month)
    until = moment(month.start + timedelta(days=_PRELIMINARY_DAYS))
    known = bill.filter(pc.less(bill["ChargePeriodStart"], until))
    folder.mkdir(parents=True, exist_ok=True)
    return _native(provider, month, known, folder / f"{RESTATED}-preliminary-{month.code}")


def _written(source: str, folder: Path, months: Sequence[Month]) -> Iterator[Path]:
    provider = next((p for p in clouds() if p.key == source), None)
    for month in months:
        path = folder / f"{source}-{month.code}"
        if provider is not None:
            yield from _native(provider, month, bill_of(provider, month), path)
        elif source == RELATA:
            yield _csv_gz(relata_table(month), path)
        elif source == PAYABLES:
            path = path.with_name(f"{path.name}.csv")
            write_payables(month, path)
            yield path
        elif source in LEDGERS:
            path = path.with_name(f"{path.name}.csv")
            write_ledger(LEDGERS[source](month), path)
            yield path
        else:
            path = path.with_name(f"{path.name}.csv")
            write_driver(source, month, path)
            yield path


def _native(provider: Provider, month: Month, bill: pa.Table, path: Path) -> list[Path]:
    """The files in the provider's own form; Kelvin Cloud hands over FOCUS."""
    if provider.key == "aws":
        return [_csv_gz(native_aws(provider, month, bill), path)]
    if provider.key == "microsoft":
        return [
            _csv_gz(native_azure(provider, bill, view), path.with_name(f"{path.name}-{view}"))
            for view in VIEWS
        ]
    path = path.with_name(f"{path.name}.parquet")
    write_parquet(bill, path)
    return [path]


def _csv_gz(table: pa.Table, path: Path) -> Path:
    path = path.with_name(f"{path.name}.csv.gz")
    write_csv_gz(table, path)
    return path
