"""Writes every file that the company's suppliers and its ledger would hand over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from bursar.flow.demo.catalogue import Provider, clouds
from bursar.flow.demo.charges import usage
from bursar.flow.demo.company import MONTHS, Month
from bursar.flow.demo.drivers import UNITS, write_driver
from bursar.flow.demo.estate import Resource, resources
from bursar.flow.demo.extras import extra_charges
from bursar.flow.demo.focus_file import focus_table, write_csv_gz, write_parquet
from bursar.flow.demo.ledgers import LEDGERS, write_ledger
from bursar.flow.demo.relata import KEY as RELATA
from bursar.flow.demo.relata import relata_table

MODEL_FILE = Path(__file__).with_name("model.yaml")
_IN_PARQUET = "microsoft"
_PRELIMINARY_DAYS = 21


def sources() -> list[str]:
    """Where files come from, in the order in which they are imported."""
    return [*(p.key for p in clouds()), RELATA, *LEDGERS, *UNITS]


def write_source(source: str, folder: Path, *, months: Sequence[Month] = MONTHS) -> list[Path]:
    """Writes one source's files, a file a month, and returns their paths in order of time."""
    (folder / source).mkdir(parents=True, exist_ok=True)
    return list(_written(source, folder / source, months))


def write_preliminary(folder: Path) -> Path:
    """Microsoft's last bill as it stood before the month ended; the final one replaces it."""
    month = MONTHS[-1]
    folder.mkdir(parents=True, exist_ok=True)
    [final] = write_source(_IN_PARQUET, folder, months=[month])
    lines = pyarrow.parquet.read_table(final)
    until = datetime.combine(month.start, time(), UTC) + timedelta(days=_PRELIMINARY_DAYS)
    path = folder / f"{_IN_PARQUET}-{month.code}-preliminary.parquet"
    known = lines.filter(pc.less(lines["ChargePeriodStart"], pa.scalar(until)))
    pyarrow.parquet.write_table(known, path, compression="zstd")
    return path


def _written(source: str, folder: Path, months: Sequence[Month]) -> Iterator[Path]:
    provider = next((p for p in clouds() if p.key == source), None)
    owned = resources(provider) if provider else []
    for month in months:
        path = folder / f"{source}-{month.code}"
        if provider is not None:
            yield _write_cloud(provider, owned, month, path)
        elif source == RELATA:
            yield _csv_gz(relata_table(month), path)
        elif source in LEDGERS:
            path = path.with_name(f"{path.name}.csv")
            write_ledger(LEDGERS[source](month), path)
            yield path
        else:
            path = path.with_name(f"{path.name}.csv")
            write_driver(source, month, path)
            yield path


def _write_cloud(provider: Provider, owned: list[Resource], month: Month, path: Path) -> Path:
    lines = usage(provider, owned, month)
    extras = extra_charges(provider, month, lines)
    table = focus_table(provider, month, usage=lines, extras=extras)
    if provider.key != _IN_PARQUET:
        return _csv_gz(table, path)
    path = path.with_name(f"{path.name}.parquet")
    write_parquet(table, path)
    return path


def _csv_gz(table: pa.Table, path: Path) -> Path:
    path = path.with_name(f"{path.name}.csv.gz")
    write_csv_gz(table, path)
    return path
