"""The usage CSV: measured quantities by which costs are split (docs/reference/usage-csv)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.cell import (
    NULL_WORDS,
    CellReader,
    Cells,
    Known,
    Reason,
    as_text,
    read_distinct,
)
from bursar.connect.cells.moments import iso_day_reader, month_of
from bursar.connect.errors import MissingColumns
from bursar.connect.kinship import looks_like, named
from bursar.connect.layout import (
    Columns,
    Format,
    Header,
    Placed,
    amount_column,
    key_of,
    moment_column,
    nothing_absent,
    notice_nothing,
    only_version,
    refuse_duplicates,
    text_column,
)
from bursar.core.tables.table import LEDGER, MOMENT
from bursar.core.tables.usage_line import USAGE_LINE

_FISCAL = re.compile(r"FY\d{4}-P\d{2}")
_NAMES = {"measure": "driver", "fromkey": "from", "tokey": "to"}
_REQUIRED = ("driver", "period", "to", "quantity")


def period_reader() -> CellReader:
    """Reads months as YYYY-MM and periods of week calendars as FYyyyy-Pnn."""
    known: Known = {}

    def parse(text: str) -> str | Reason | None:
        bare = text.strip()
        if bare.lower() in NULL_WORDS:
            return None
        if month_of(bare) is not None or _FISCAL.fullmatch(bare):
            return bare
        return Reason("import.period_invalid", f"'{text[:40]}' is no period; write YYYY-MM")

    def read(column: pa.Array) -> Cells:
        return read_distinct(as_text(column).values, parse, type_=pa.string(), known=known)[0]

    return read


def _name_reader() -> CellReader:
    def read(column: pa.Array) -> Cells:
        trimmed = pc.utf8_trim_whitespace(as_text(column).values)
        return Cells(pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed))

    return read


_TEXTS: dict[str, tuple[str, Callable[[], CellReader], str | None]] = {
    "driver": ("measure", _name_reader, "import.driver_missing"),
    "period": ("period", period_reader, "import.period_invalid"),
    "from": ("from_key", _name_reader, None),
    "to": ("to_key", _name_reader, "import.target_missing"),
    "unit": ("unit", _name_reader, None),
}


def place_usage(file: str, headers: Sequence[Header]) -> list[Placed]:
    """Where each column goes; refused without driver, period, to and quantity."""
    keys = {usage_key(header.name) for header in headers}
    missing = [name for name in _REQUIRED if name not in keys]
    if missing:
        raise MissingColumns(
            f"{file}: the {named(missing)} missing that a driver file needs; {looks_like(headers)}"
        )
    refuse_duplicates(file, headers)
    return [_place(file, header) for header in headers]


def usage_key(header: str) -> str:
    key = key_of(header)
    return _NAMES.get(key, key)


def _place(file: str, header: Header) -> Placed:
    key = usage_key(header.name)
    if key == "quantity":
        return amount_column(header, "quantity", file, "import.amount_missing")
    if key == "day":
        return moment_column(header, "day", file, reader=iso_day_reader)
    if key in _TEXTS:
        target, read, required = _TEXTS[key]
        return Placed(header, target, pa.string(), read(), required)
    return text_column(header, header.name.strip())


def finish_usage(columns: Columns) -> None:
    """A share cannot be negative; days lose their time."""
    quantity = columns.get("quantity", LEDGER)
    negative = pc.fill_null(pc.less(quantity, pa.scalar(Decimal(0), LEDGER)), False)
    for row in pc.indices_nonzero(negative).to_pylist():
        said = "the quantity is negative; a driver measures use, which is zero or more"
        columns.bad.append((row, "quantity", Reason("import.quantity_negative", said)))
    day = columns.get("day", MOMENT)
    columns.values["day"] = pc.cast(day, pa.date32())


def usage_schema(_placed: Sequence[Placed]) -> pa.Schema:
    return pa.schema([pa.field(column.name, column.type) for column in USAGE_LINE.columns])


USAGE_FORMAT = Format(
    name="usage",
    place=place_usage,
    finish=finish_usage,
    schema=usage_schema,
    notice=notice_nothing,
    version=only_version,
    absent=nothing_absent,
)
