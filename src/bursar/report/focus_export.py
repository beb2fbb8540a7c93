"""The whole ledger as FOCUS 1.4: every line in force, strictly written, whatever it came from.

FOCUS columns come first, in the standard's order, then `x_` columns: our own, and those that a
file brought. Lines that no cloud sent lack what the standard forbids to be empty; what stands
there then is stated in `docs/reference/focus-export.md`, and so is every other choice made here.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bursar.core.money.amount import exact_text
from bursar.core.tables.cost_line import OWN_COLUMNS, PLACE_COLUMNS
from bursar.core.tables.focus_columns import ALLOWED, FOCUS
from bursar.core.tables.table import LEDGER, MOMENT
from bursar.office.people.scope import Scope
from bursar.record.queries import filled_columns, line_files, lines_of
from bursar.report.balance import require_everything
from bursar.report.errors import UnknownKind

VERSION = "1.4"
FORMATS = ("csv", "csv.gz", "parquet")
_FOCUS = tuple(column for column in FOCUS if column.in_version(VERSION))
_NAMED = {column.name: column.focus for column in FOCUS}
_OURS = {
    column.name: "x_" + "".join(word.capitalize() for word in column.name.split("_"))
    for column in (*OWN_COLUMNS, *PLACE_COLUMNS)
    if column.name != "dim_id"
}
_ALWAYS = {column.focus for column in _FOCUS if column.standing.level == "mandatory"} | {
    "BillingAccountType", "ChargeFrequency", "PricingCurrency", "PricingCurrencyEffectiveCost",
    "ServiceSubcategory",
}  # fmt: skip
"""Columns that are written even where no line fills them; others would be empty throughout."""
_INTO_NEXT_MONTH = pa.scalar(32 * 86_400_000_000, pa.duration("us"))


@dataclass(frozen=True)
class Exported:
    """What an export wrote."""

    path: Path
    rows: int
    periods: tuple[str, ...]
    totals: tuple[tuple[str, str, str], ...]
    """(currency, BilledCost, EffectiveCost), exact."""

    def to_json(self) -> dict[str, Any]:
        keys = ("currency", "billed_cost", "effective_cost")
        return {
            "file": str(self.path),
            "version": VERSION,
            "rows": self.rows,
            "periods": list(self.periods),
            "totals": [dict(zip(keys, total, strict=True)) for total in self.totals],
        }


def export_focus(
    scope: Scope, path: Path, *, periods: Sequence[str] | None = None, format: str = "csv"
) -> Exported:
    """Write the lines in force of these posting periods (all where none are named).

    Refusals: report.beyond_scope, report.unknown_kind, lake.file_missing.
    """
    require_everything(scope, "The ledger as FOCUS")
    if format not in FORMATS:
        raise UnknownKind(
            f"There is no format '{format}' of the export. Choose {', '.join(FORMATS)}."
        )
    files = line_files()
    filled = filled_columns(files)
    own = _own_columns(filled)
    standard = [c.focus for c in _FOCUS if c.name in filled or c.focus in _ALWAYS]
    ours = [given for name, given in _OURS.items() if name in filled]
    names = [*standard, *ours, *own.values()]
    rows, seen, sums = 0, set(), _Sums()
    with table_writer(path, names, format) as writer:
        for lines in lines_of(files, periods):
            table = _as_focus(lines, own)
            writer.write(table.select(names))
            rows += table.num_rows
            seen |= set(pc.unique(lines["posting_period"]).to_pylist())
            sums.add(table)
    return Exported(path, rows, tuple(sorted(seen)), sums.listed())


class _Sums:
    """Exact sums of what was written, by currency."""

    def __init__(self) -> None:
        self._parts: list[pa.Table] = []

    def add(self, table: pa.Table) -> None:
        chosen = table.select(["BillingCurrency", "BilledCost", "EffectiveCost"])
        wide = pa.decimal256(76, 24)
        for name in ("BilledCost", "EffectiveCost"):
            place = chosen.column_names.index(name)
            chosen = chosen.set_column(place, name, chosen[name].cast(wide))
        self._parts.append(self._summed(chosen))

    def listed(self) -> tuple[tuple[str, str, str], ...]:
        if not self._parts:
            return ()
        found = self._summed(pa.concat_tables(self._parts))
        return tuple(
            (
                row["BillingCurrency"],
                exact_text(row["BilledCost"]),
                exact_text(row["EffectiveCost"]),
            )
            for row in found.sort_by("BillingCurrency").to_pylist()
        )

    @staticmethod
    def _summed(table: pa.Table) -> pa.Table:
        names = ["BilledCost", "EffectiveCost"]
        grouped = table.group_by("BillingCurrency").aggregate([(name, "sum") for name in names])
        return grouped.rename_columns({f"{name}_sum": name for name in names})


def _own_columns(filled: set[str]) -> dict[str, str]:
    """Columns that files brought themselves, under the prefix that the standard asks for."""
    known = {column.name for column in FOCUS} | set(_OURS) | {"dim_id"}
    found = sorted(filled - known)
    taken = set(_OURS.values())
    named: dict[str, str] = {}
    for name in found:
        wanted = name if name.startswith("x_") else f"x_{name}"
        while wanted in taken:
            wanted += "_"
        taken.add(wanted)
        named[name] = wanted
    return named


def _as_focus(lines: pa.Table, own: dict[str, str]) -> pa.Table:
    there = set(lines.column_names)

    def column(name: str, kind: pa.DataType) -> pa.ChunkedArray:
        if name not in there:
            return pa.chunked_array([pa.nulls(lines.num_rows, kind)])
        return lines[name].cast(kind)

    columns = {c.focus: column(c.name, c.column.type) for c in _FOCUS}
    _fill(columns, lines, column)
    ours = {c.name: c.type for c in (*OWN_COLUMNS, *PLACE_COLUMNS)}
    columns |= {given: column(name, ours[name]) for name, given in _OURS.items()}
    columns |= {given: column(name, pa.string()) for name, given in own.items()}
    return pa.table(columns)


def _fill(columns: dict[str, Any], lines: pa.Table, column: Any) -> None:
    """What the standard wants filled, where a line of another kind leaves it empty."""
    nothing = pa.scalar("0", pa.string()).cast(LEDGER)
    vendor = column("vendor", pa.string())
    entity = column("legal_entity", pa.string())
    retired = column("provider_name", pa.string())
    first = pc.coalesce
    for name, words in ALLOWED.items():
        focus = _NAMED[name]
        columns[focus] = _spelled(columns[focus], words)
    columns["EffectiveCost"] = first(columns["EffectiveCost"], nothing)
    columns["ContractedCost"] = first(columns["ContractedCost"], columns["BilledCost"], nothing)
    columns["ListCost"] = first(columns["ListCost"], columns["BilledCost"], nothing)
    columns["BilledCost"] = first(columns["BilledCost"], nothing)
    columns["BillingAccountId"] = first(columns["BillingAccountId"], entity)
    columns["BillingAccountName"] = first(columns["BillingAccountName"], entity)
    columns["BillingAccountType"] = first(columns["BillingAccountType"], pa.scalar("Account"))
    start = columns["BillingPeriodStart"]
    next_month = pc.floor_temporal(
        pc.add(pc.floor_temporal(start, unit="month"), _INTO_NEXT_MONTH), unit="month"
    )
    columns["BillingPeriodEnd"] = first(columns["BillingPeriodEnd"], next_month.cast(MOMENT))
    provider = first(columns["ServiceProviderName"], retired, vendor, entity)
    columns["ServiceProviderName"] = provider
    columns["InvoiceIssuerName"] = first(columns["InvoiceIssuerName"], vendor, provider)
    columns["HostProviderName"] = first(columns["HostProviderName"], provider)
    columns["ServiceCategory"] = first(columns["ServiceCategory"], pa.scalar("Other"))
    columns["ServiceSubcategory"] = first(
        columns["ServiceSubcategory"],
        pc.binary_join_element_wise("Other (", columns["ServiceCategory"], ")", ""),
    )
    solution = column("solution", pa.string())
    columns["ServiceName"] = first(columns["ServiceName"], solution, vendor, pa.scalar("Other"))
    frequency = pc.if_else(
        pc.equal(columns["ChargeCategory"], "Usage"), pa.scalar("Usage-Based"),
        pa.scalar("One-Time"),
    )  # fmt: skip
    columns["ChargeFrequency"] = first(columns["ChargeFrequency"], frequency)
    columns["PricingCurrency"] = first(columns["PricingCurrency"], columns["BillingCurrency"])
    same = pc.equal(columns["PricingCurrency"], columns["BillingCurrency"])
    priced = pc.if_else(same, columns["EffectiveCost"], nothing)
    columns["PricingCurrencyEffectiveCost"] = first(columns["PricingCurrencyEffectiveCost"], priced)
    has_account = pc.is_valid(columns["SubAccountId"])
    kind = first(columns["SubAccountType"], pa.scalar("Account"))
    columns["SubAccountType"] = pc.if_else(has_account, kind, pa.scalar(None, pa.string()))


def _spelled(column: pa.ChunkedArray, words: Sequence[str]) -> pa.ChunkedArray:
    """Words of a closed list as the standard writes them; others stay as they came."""
    lower = pc.utf8_lower(column)
    place = pc.index_in(lower, value_set=pa.array([word.lower() for word in words]))
    return pc.coalesce(pa.chunked_array([pa.array(words).take(place.combine_chunks())]), column)


class TableWriter(Protocol):
    """Takes tables of the same columns, one after the other."""

    def write(self, table: pa.Table) -> None: ...


class _Parquet:
    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self._path = path
        self._names = names
        self._file: pq.ParquetWriter | None = None

    def write(self, table: pa.Table) -> None:
        if self._file is None:
            self._file = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._file.write_table(table)

    def close(self) -> None:
        if self._file is None:
            empty = pa.table({name: pa.nulls(0, pa.string()) for name in self._names})
            self.write(empty)
        assert self._file is not None
        self._file.close()


class _Csv:
    def __init__(self, handle: io.TextIOWrapper, names: Sequence[str]) -> None:
        self._writer = csv.writer(handle, lineterminator="\n")
        self._writer.writerow(names)

    def write(self, table: pa.Table) -> None:
        cells = [_as_text(table[name]).to_pylist() for name in table.column_names]
        self._writer.writerows(zip(*cells, strict=True))


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Plain decimals without idle zeros, moments in UTC with their Z."""
    if pa.types.is_timestamp(column.type):
        return _moments(column)
    if pa.types.is_decimal(column.type):
        return _plain(column)
    return column.cast(pa.string())


def _moments(column: pa.ChunkedArray) -> pa.ChunkedArray:
    naive = column.cast(pa.timestamp("s", "UTC")).cast(pa.timestamp("s"))
    return pc.strftime(naive, format="%Y-%m-%dT%H:%M:%SZ")


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    coded = column.combine_chunks().dictionary_encode()
    texts = [exact_text(amount) for amount in coded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string()).take(coded.indices)])


def _text(path: Path, *, packed: bool) -> io.TextIOWrapper:
    raw = gzip.GzipFile(path, "wb") if packed else path.open("wb")
    return io.TextIOWrapper(raw, encoding="utf-8", newline="")


@contextmanager
def table_writer(path: Path, names: Sequence[str], format: str) -> Iterator[TableWriter]:
    """Writes beside the file and puts it in place when whole."""
    making = path.with_name(f".{path.name}.part")
    try:
        if format == "parquet":
            parquet = _Parquet(making, names)
            yield parquet
            parquet.close()
        else:
            with _text(making, packed=format == "csv.gz") as handle:
                yield _Csv(handle, names)
        making.replace(path)
    finally:
        making.unlink(missing_ok=True)
