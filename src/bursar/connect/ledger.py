"""The ledger CSV: cost from outside the cloud, one amount per row (docs/reference/ledger-csv)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

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
from bursar.connect.cells.words import currency_reader, word_reader
from bursar.connect.errors import MissingColumns
from bursar.connect.kinship import looks_like, named
from bursar.connect.layout import (
    WORKING,
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
    place_known,
    refuse_duplicates,
    text_column,
)
from bursar.connect.schema import cost_line_schema
from bursar.core.tables.focus_columns import ALLOWED
from bursar.core.tables.table import LEDGER, MOMENT

_AMOUNT, _BASIS, _POSTED, _PERIOD, _START, _END = (
    WORKING + name for name in ("amount", "basis", "posted", "period", "start", "end")
)
_BASES = ("billed", "effective", "booked")
_FILLS = {
    "billed_cost": (None, "billed"),
    "effective_cost": (None, "effective"),
    "booked_cost": ("booked",),
}
_RENAMED = {
    "description": "chargedescription",
    "document": "documentref",
    "quantity": "consumedquantity",
    "unit": "consumedunit",
}
_NUMBERS = {"documentnumber", "documentno", "invoicenumber", "invoiceno"}
"""Other names of the document, where a file has one of them and no document."""
_SET_HERE = frozenset(
    {"billed_cost", "effective_cost", "booked_cost", "billing_period_start",
     "billing_period_end", "charge_period_start", "charge_period_end"}
)  # fmt: skip
"""Filled from the ledger's own columns; a file's column of that name is kept beside, as text."""

_NO_DATE = "neither posting_date nor period is filled; one of them must be"
_DATES = {"postingdate": _POSTED, "servicestart": _START, "serviceend": _END}


def month_reader() -> CellReader:
    """Reads months written YYYY-MM as their first instant."""
    known: Known = {}

    def parse(text: str) -> datetime | Reason | None:
        if text.strip().lower() in NULL_WORDS:
            return None
        first = month_of(text)
        if first is None:
            said = f"'{text[:40]}' is no month; write YYYY-MM"
            return Reason("import.period_invalid", said)
        return datetime(first.year, first.month, 1, tzinfo=UTC)

    def read(column: pa.Array) -> Cells:
        return read_distinct(as_text(column).values, parse, type_=MOMENT, known=known)[0]

    return read


def place_ledger(file: str, headers: Sequence[Header]) -> list[Placed]:
    """Where each column goes; refused without amount, currency and a date."""
    keys = {key_of(header.name) for header in headers}
    missing = [name for name in ("amount", "currency") if name not in keys]
    if not keys & {"postingdate", "period"}:
        missing.append("posting_date or period")
    if missing:
        raise MissingColumns(
            f"{file}: the {named(missing)} missing that a ledger file needs; {looks_like(headers)}"
        )
    refuse_duplicates(file, headers)
    numbers = keys & _NUMBERS
    alone = numbers if len(numbers) == 1 and not keys & {"document", "documentref"} else set()
    return [_place(file, header, alone) for header in headers]


def _place(file: str, header: Header, numbers: set[str]) -> Placed:
    key = "document" if key_of(header.name) in numbers else key_of(header.name)
    if key == "amount":
        return amount_column(header, _AMOUNT, file, "import.amount_missing")
    if key in _DATES:
        return moment_column(header, _DATES[key], file, reader=iso_day_reader)
    if key in _WORD_COLUMNS:
        target, read, required = _WORD_COLUMNS[key]
        return Placed(header, target, pa.string(), read(), required)
    if key == "period":
        return Placed(header, _PERIOD, MOMENT, month_reader())
    if key in _RENAMED:
        placed = place_known(file, Header(_RENAMED[key], header.type))
        return Placed(header, placed.target, placed.type, placed.read)
    placed = place_known(file, header)
    return text_column(header, f"x_{header.name.strip()}") if placed.target in _SET_HERE else placed


def _basis_reader() -> CellReader:
    return word_reader(_BASES, code="import.basis_unknown", what="basis")


def _category_reader() -> CellReader:
    return word_reader(
        ALLOWED["charge_category"], code="import.charge_category_unknown", what="charge category"
    )


_WORD_COLUMNS: dict[str, tuple[str, Callable[[], CellReader], str | None]] = {
    "currency": ("billing_currency", currency_reader, "import.currency_unknown"),
    "basis": (_BASIS, _basis_reader, None),
    "chargecategory": ("charge_category", _category_reader, None),
}


def finish_ledger(columns: Columns) -> None:
    """Fills the standard's dates, category and costs from the ledger's own few columns."""
    fill_dates(columns)
    fill_costs(columns)
    category = columns.get("charge_category", pa.string())
    columns.values["charge_category"] = pc.coalesce(category, pa.scalar("Purchase"))


def fill_costs(columns: Columns) -> None:
    """The amount as the costs that its basis names."""
    amount = columns.get(_AMOUNT, LEDGER)
    basis = columns.get(_BASIS, pa.string())
    nothing = pa.scalar(None, LEDGER)
    for target, bases in _FILLS.items():
        applies = pc.is_in(basis, pa.array(bases, pa.string()))
        columns.values[target] = pc.if_else(applies, amount, nothing)


def fill_dates(columns: Columns, *, missing: str = _NO_DATE, at: str | None = None) -> None:
    """The standard's four dates from the posting date or period and the service dates."""
    posted = columns.get(_POSTED, MOMENT)
    month = columns.get(_PERIOD, MOMENT)
    anchor = pc.coalesce(posted, month)
    for row in pc.indices_nonzero(pc.is_null(anchor)).to_pylist():
        columns.bad.append((row, at, Reason("import.date_missing", missing)))
    period_start = pc.floor_temporal(anchor, unit="month")
    period_end = _next_month(period_start)
    start = columns.get(_START, MOMENT)
    last = columns.get(_END, MOMENT)
    early = pc.fill_null(pc.less(last, pc.coalesce(start, anchor)), False)
    for row in pc.indices_nonzero(early).to_pylist():
        said = "service_end lies before the service starts; exchange or correct the dates"
        columns.bad.append((row, _END, Reason("import.period_reversed", said)))
    whole_month = pc.and_(pc.is_null(posted), pc.is_null(start))
    end = pc.coalesce(
        _next_day(last), pc.if_else(whole_month, period_end, _next_day(pc.coalesce(start, posted)))
    )
    columns.values["billing_period_start"] = period_start
    columns.values["billing_period_end"] = period_end
    columns.values["charge_period_start"] = pc.coalesce(start, anchor)
    columns.values["charge_period_end"] = end


def _next_day(day: pa.Array) -> pa.Array:
    return pc.add(day, pa.scalar(86_400_000_000, pa.duration("us")))


def _next_month(first: pa.Array) -> pa.Array:
    return pc.floor_temporal(
        pc.add(first, pa.scalar(32 * 86_400_000_000, pa.duration("us"))), unit="month"
    )


LEDGER_FORMAT = Format(
    name="ledger",
    place=place_ledger,
    finish=finish_ledger,
    schema=cost_line_schema,
    notice=notice_nothing,
    version=only_version,
    absent=nothing_absent,
)
