"""Columns of days and periods in the spellings of ledgers; each distinct text is read once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from bursar.connect.cells.cell import CellReader, Cells, Known, Reason, as_text, read_distinct
from bursar.connect.cells.days import DAY_FIRST, ISO, day_of, period_of
from bursar.connect.cells.styled import EMPTY_WORDS
from bursar.core.tables.table import MOMENT


def midnight(day: date) -> datetime:
    """The first instant of a day in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def day_reader(style: str) -> CellReader:
    """Reads days of one style, and whatever is certain in itself."""

    def parse(text: str) -> datetime | Reason | None:
        if text.strip().lower() in EMPTY_WORDS:
            return None
        day = day_of(text, style)
        if day is not None:
            return midnight(day)
        hint = "; say date_style=d/m/y or date_style=m/d/y" if day_of(text, DAY_FIRST) else ""
        wanted = "a date" if style == ISO else f"a date written {style}"
        return Reason("import.date_invalid", f"'{text[:40]}' is not {wanted}{hint}")

    return _reader(parse)


def period_reader(fiscal_year_start: int, *, end: bool) -> CellReader:
    """Reads months, fiscal periods, quarters and years as their first or last day.

    The last day is empty for months: they end where the month does.
    """

    def parse(text: str) -> datetime | Reason | None:
        if text.strip().lower() in EMPTY_WORDS:
            return None
        span = period_of(text, fiscal_year_start)
        if span is None:
            day = day_of(text, DAY_FIRST)
            span = None if day is None else (day.replace(day=1), day.replace(day=1))
        if span is None:
            said = f"'{text[:40]}' is no period; write YYYY-MM"
            return None if end else Reason("import.period_invalid", said)
        if not end:
            return midnight(span[0])
        months = (span[1].year - span[0].year) * 12 + span[1].month - span[0].month
        return midnight(span[1] - timedelta(days=1)) if months > 1 else None

    return _reader(parse)


def _reader(parse: object) -> CellReader:
    known: Known = {}

    def read(column: pa.Array) -> Cells:
        if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
            return Cells(column.cast(MOMENT))
        texts = as_text(column).values
        return read_distinct(texts, parse, type_=MOMENT, known=known)[0]  # type: ignore[arg-type]

    return read
