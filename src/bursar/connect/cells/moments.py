"""Dates and moments in the spellings of real exports; a day that does not exist is refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.cell import NULL_WORDS, CellReader, Cells, Known, Reason, read_distinct
from bursar.connect.coding import is_text
from bursar.core.tables.table import MOMENT

MONTH_FIRST = "import.month_first_dates"
_YEARS = range(1970, 2200)
_KEEP = 200_000

_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r" ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?",
    re.IGNORECASE,
)
_SLASHED = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AP]M))?)?",
    re.IGNORECASE,
)


def moment_reader() -> CellReader:
    """Reads moments in UTC; remembers distinct texts, for a bill has few of them (rule I30)."""
    known: Known = {}

    def read(column: pa.Array) -> Cells:
        if not is_text(column.type):
            return _read_typed(column)
        if len(known) > _KEEP:
            known.clear()
        cells, texts = read_distinct(column, parse_moment, type_=MOMENT, known=known)
        slashed = sum("/" in text for text in texts if text)
        if slashed:
            cells.noticed[MONTH_FIRST] = slashed
        return cells

    return read


def iso_day_reader() -> CellReader:
    """Reads days written as YYYY-MM-DD and nothing else, as moments at midnight UTC."""
    known: Known = {}

    def parse(text: str) -> datetime | Reason | None:
        if re.fullmatch(r"\s*\d{4}-\d{2}-\d{2}\s*", text) or text.strip().lower() in NULL_WORDS:
            return parse_moment(text)
        return Reason("import.date_invalid", f"'{text[:40]}' is not a date; write YYYY-MM-DD")

    def read(column: pa.Array) -> Cells:
        if not is_text(column.type):
            return _read_typed(column)
        return read_distinct(column, parse, type_=MOMENT, known=known)[0]

    return read


def _read_typed(column: pa.Array) -> Cells:
    """Columns that Parquet already types as dates or timestamps; without a zone they are UTC."""
    kind = column.type
    if not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
        raise TypeError(f"a column of type {kind} holds no moments")
    if pa.types.is_timestamp(kind) and kind.tz is None:
        naive = pc.cast(column, pa.timestamp("us"), safe=False)
        return Cells(pc.assume_timezone(naive, "UTC"))
    return Cells(pc.cast(column, MOMENT, safe=False))


def parse_moment(text: str) -> datetime | Reason | None:
    """One moment: ISO with blank or T, with or without zone; or month/day/year."""
    bare = text.strip()
    if bare.lower() in NULL_WORDS:
        return None
    try:
        if match := _ISO.fullmatch(bare):
            return _checked(_from_iso(match), bare)
        if match := _SLASHED.fullmatch(bare):
            return _checked(_from_slashed(match), bare)
    except (ValueError, OverflowError):
        return Reason(
            "import.date_invalid", f"'{bare}' does not exist in the calendar{_hint(bare)}"
        )
    return Reason(
        "import.date_invalid",
        f"'{bare[:40]}' is not a date; write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ",
    )


def _hint(text: str) -> str:
    return "; dates with slashes are read month first" if "/" in text else "; correct the date"


def _checked(moment: datetime, text: str) -> datetime | Reason:
    if moment.year in _YEARS:
        return moment
    return Reason("import.date_invalid", f"'{text}' is outside the years 1970 to 2199")


def _from_iso(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    return datetime(
        int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0),
        int((fraction or "0").ljust(6, "0")[:6]), tzinfo=_zone(zone),
    ).astimezone(UTC)  # fmt: skip


def _zone(text: str | None) -> timezone:
    if text is None or text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(offset if text[0] == "+" else -offset)


def _from_slashed(match: re.Match[str]) -> datetime:
    month, day, year, hour, minute, second, half = match.groups()
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError(half)
        hours = hours % 12 + (12 if half.upper() == "PM" else 0)
    century = 2000 if len(year) == 2 else 0
    return datetime(
        century + int(year), int(month), int(day), hours, int(minute or 0), int(second or 0),
        tzinfo=UTC,
    )  # fmt: skip


def month_of(text: str) -> date | None:
    """The first day of a month written YYYY-MM, or nothing."""
    match = re.fullmatch(r"(\d{4})-(\d{2})", text.strip())
    if match is None or not 1 <= int(match[2]) <= 12 or int(match[1]) not in _YEARS:
        return None
    return date(int(match[1]), int(match[2]), 1)
